"""Measured EMG as targets of the benchmark's windows: of Muscles in Action, or of people of the dataset itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.learning.benchmark.examples import Examples, Floats32, Integers, evenly
from mint.learning.benchmark.names import DATASET, MIA
from mint.learning.data.windows import LENGTH, window_starts
from mint.learning.mia.channels import names, percentiles
from mint.learning.mia.envelopes import TABLE, own_targets
from mint.learning.mia.features import Features, Floats, arrays, shape_of
from mint.learning.mia.reader import (
    SPLITS,
    Refused,
    Sample,
    SampleName,
    find_samples,
    read_list,
    read_samples,
)
from mint.learning.motion.joints import posed_joints
from mint.learning.motion.of_file import pose_features, rest_joints
from mint.learning.scores import OVERALL
from mint.reader import MintReader

# A sample of MIA is learned from in windows half a window apart, which is three of them.
_STRIDE, _EACH = LENGTH // 2, 3
# No joint turns by so many radians, no body has such shape coefficients, no EMG so many times its 99th percentile.
_LARGEST = 100.0


@dataclass(frozen=True)
class Measured:
    """Windows with EMG: `inputs (B, 28, D)` in standard deviations of the training before, `targets (B, 28, C)`, NaN
    where nothing was measured, what is done in each window, and who moves."""

    inputs: Floats32
    targets: Floats32
    labels: tuple[tuple[str, ...], ...]
    people: tuple[str, ...]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """What was measured, `(B, 28, C)`."""
        return np.asarray(np.isfinite(self.targets))


@dataclass(frozen=True)
class Emg:
    """EMG of C channels to learn from and to judge by.

    `source` is mia or dataset. `unit (C,)` brings targets to the unit of the RMSE: MIA's raw units; None: they are
    shares of a person's largest envelope. `refused` says what could not be read, and why.
    """

    source: str
    channels: tuple[str, ...]
    unit: Floats | None
    train: Measured
    test: Measured
    refused: tuple[str, ...] = ()

    @property
    def mean(self) -> Floats:
        """Mean target of each channel in training `(C,)`."""
        return np.asarray(np.nanmean(self.train.targets, axis=(0, 1), dtype=np.float64))


def of_mia(folder: str | Path, examples: Examples, most: int, model_dir: str, density_kg_m3: float) -> Emg:
    """EMG of a folder of MIA: `train` is learned from, `val` judged, by its lists or, without them, its folders.

    People are apart where the lists keep them apart. At most `most` windows are learned from (0: all), of samples
    evenly chosen. What is damaged is left out by name. Raises StageError for a folder that is not MIA's, without body
    models, and where no sample of a split can be read.
    """
    refused: list[Refused] = []
    listed = _listed(Path(folder), refused)
    listed["train"] = _some(listed["train"], -(-most // _EACH))
    parts = {}
    for split, stride in (("train", _STRIDE), ("val", LENGTH)):
        made = list(
            _made(
                folder,
                listed[split],
                examples,
                stride,
                partial(pose_features, model_dir=model_dir, density_kg_m3=density_kg_m3),
                model_dir,
                refused,
            )
        )
        if not made:
            why = refused[0].error.detail if refused else "it is empty"
            raise StageError(
                Reason.FILE_MISSING,
                f"{folder}: no sample of {split} can be read: {why}",
                remedy="benchmark.mia: the folder that MIADataset.tar was unpacked to",
            )
        labels = tuple((name.exercise,) for name, inputs, _ in made for _ in inputs)
        people = tuple(sorted({f"Subject{name.subject}" for name, _, _ in made}))
        parts[split] = Measured(
            np.concatenate([each[1] for each in made]), np.concatenate([each[2] for each in made]), labels, people
        )
    return Emg(
        MIA,
        names(),
        percentiles(),
        parts["train"],
        parts["val"],
        tuple(f"{each.name}: {each.error.detail}" for each in refused),
    )


def of_dataset(root: str | Path, people: Mapping[str, str], examples: Examples, most: int) -> Emg:
    """EMG of the dataset that the examples are of: training windows are learned from, test windows judged.

    `people` by sequence. Of the windows in which something was measured at most `most` are learned from (0: all),
    evenly chosen; channels are those that some window of both parts has. Raises StageError where there is none.
    """
    count = {split: 0 for split in ("train", "test")}
    if (Path(root) / "sequences.parquet").is_file():
        try:
            reader = MintReader(root)
            recorded = {split: _recorded(reader, examples.windows[split].names) for split in count}
            channels = sorted({channel for found in recorded.values() for each in found.values() for channel in each})
            targets = {split: _envelopes(reader, examples, split, set(recorded[split]), channels) for split in count}
        except (ValueError, KeyError, TypeError) as error:
            raise StageError(
                Reason.FILE_CORRUPT,
                str(error.args[0] if error.args else error),
                remedy="make or copy the dataset again",
            ) from error
        count = {split: len(found) for split, found in recorded.items()}
        rows = {"train": _rows(targets["train"], most), "test": _rows(targets["test"], 0)}
        both = np.all([np.isfinite(targets[split][rows[split]]).any(axis=(0, 1)) for split in count], axis=0)
        if both.any():
            train, test = (
                _measured(examples, split, rows[split], targets[split][rows[split]][..., both], people)
                for split in count
            )
            kept = tuple(channel for channel, there in zip(channels, both, strict=True) if there)
            return Emg(DATASET, kept, None, train, test)
    raise StageError(
        Reason.FIELD_MISSING,
        "there is no measured EMG to fine-tune on: benchmark.mia names no folder, and no channel "
        f"was measured both in training and in the test (sequences with a table emg: {count['train']} of training, "
        f"{count['test']} of the test)",
        remedy="benchmark.mia: the folder of Muscles in Action; or sequences with EMG (docs/motion/measured.md)",
    )


def _listed(root: Path, refused: list[Refused]) -> dict[str, list[SampleName]]:
    """Samples of both splits."""
    if all((root / f"{split}.txt").is_file() for split in SPLITS):
        found = {}
        for split in SPLITS:
            found[split], wrong = read_list(root / f"{split}.txt")
            refused += wrong
        return found
    everything, wrong = find_samples(root)
    refused += wrong
    return {split: [name for name in everything if name.split == split] for split in SPLITS}


def _some(given: Sequence[SampleName], most: int) -> list[SampleName]:
    """At most so many, evenly chosen; 0: all."""
    if not most or len(given) <= most:
        return list(given)
    return [given[i] for i in evenly(len(given), most)]


def _made(
    folder: str | Path,
    listed: Sequence[SampleName],
    examples: Examples,
    stride: int,
    features_of: Callable[..., object],
    model_dir: str,
    refused: list[Refused],
) -> Iterator[tuple[SampleName, Floats32, Floats32]]:
    """Name, inputs and targets of the windows of each sample that can be read."""

    def features(poses: Floats, trans: Floats, betas: Floats, rate_hz: float) -> Floats:
        return np.asarray(getattr(features_of(poses, trans, betas, rate_hz), examples.feature_set))

    made: Features = features
    for sample in read_samples(folder, listed, refused):
        try:
            _check(sample)
        except StageError as error:
            refused.append(Refused(sample.name.path, error))
            continue
        rest = rest_joints(shape_of(sample.betas), model_dir)
        values, emg = arrays(sample, made, partial(posed_joints, rest=rest))
        rows = window_starts(np.zeros(len(values), np.int64), LENGTH, stride)[:, None] + np.arange(LENGTH)
        yield sample.name, examples.scale(np.asarray(values, np.float32))[rows], emg.astype(np.float32)[rows]


def _check(sample: Sample) -> None:
    """Raise StageError for numbers that are no person's, and for the one name that an exercise cannot have."""
    if sample.name.exercise == OVERALL:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{sample.name.path}: {OVERALL} is no exercise, but all of them together",
            remedy="name the folder after what is done",
        )
    parts = {"pose.npy": sample.poses, "betas.npy": sample.betas, "emgvalues.npy": sample.emg / percentiles()}
    for file, values in parts.items():
        if np.abs(values).max() > _LARGEST:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{sample.name.path}/{file}: values up to {np.abs(values).max():.3g} "
                f"(EMG: times its 99th percentile), must be at most {_LARGEST:g}",
                remedy="leave the sample out of the list",
            )


def _recorded(reader: MintReader, sequences: Sequence[str]) -> dict[str, list[str]]:
    """Channels of the sequences that have EMG."""
    return {
        name: [str(each) for each in reader.read(name, TABLE).columns]
        for name in sequences
        if TABLE in reader.tables(name)
    }


def _envelopes(
    reader: MintReader, examples: Examples, split: str, recorded: set[str], channels: Sequence[str]
) -> Floats32:
    """EMG `(B, 28, C)` of all windows of a split, NaN where there is none."""
    windows = examples.windows[split]
    out = np.full((len(windows), LENGTH, len(channels)), np.nan, np.float32)
    for number, name in enumerate(windows.names):
        rows = np.flatnonzero(windows.sequence == number)
        if name in recorded and len(rows):
            at = windows.k[rows][:, None] + np.arange(LENGTH)
            out[rows] = own_targets(reader, name, channels, 0, int(at.max()) + 1)[at]
    return out


def _rows(targets: Floats32, most: int) -> Integers:
    """Windows of `targets (B, 28, C)` in which something was measured, at most so many, evenly chosen; 0: all."""
    found: Integers = np.flatnonzero(np.isfinite(targets).any(axis=(1, 2)))
    if not most or len(found) <= most:
        return found
    return found[evenly(len(found), most)]


def _measured(examples: Examples, split: str, rows: Integers, targets: Floats32, people: Mapping[str, str]) -> Measured:
    """Those of the windows `rows (B,)` of a split in which one of the channels of `targets (B, 28, C)` was measured."""
    windows, there = examples.windows[split], np.isfinite(targets).any(axis=(1, 2))
    which = rows[there]
    who = {people[windows.names[windows.sequence[i]]] for i in which}
    return Measured(
        windows.gather(which)[0], targets[there], tuple(examples.labels[split][i] for i in which), tuple(sorted(who))
    )
