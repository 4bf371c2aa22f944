"""Rule features: a dataset and the motions behind it go in; features and activations on one grid come out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, astuple, dataclass, field, fields
from functools import cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.config.benchmark import BenchmarkConfig
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.environment import package_versions
from mint.core.methods import METHOD_VERSION
from mint.core.status import REMEDY, Reason, StageError
from mint.dataset.babel import read_babel
from mint.learning.benchmark.index import write_index
from mint.learning.data.grid import RATE_HZ, on_grid
from mint.learning.data.published import BabelEntry
from mint.learning.data.recording import Label, Recording, Source
from mint.learning.data.sources import open_source
from mint.learning.data.splits import split
from mint.learning.data.windows import LENGTH, window_starts
from mint.learning.motion.of_file import sequence_features

STAGE = "features"


@dataclass(frozen=True)
class Motion:
    """A motion file and what is said of it beside what the file says; None says nothing."""

    path: str
    source: str | None = None
    gender: str | None = None
    frame_rate_override: float | None = None
    subject: str | None = None
    mass_kg: float | None = None
    height_m: float | None = None


@dataclass(frozen=True)
class Reading:
    """How motions are read: as stage validate does (`mint.learning.motion.of_file`)."""

    model_dir: str
    density_kg_m3: float
    config: ValidateConfig = field(default_factory=ValidateConfig)
    human: HumanConfig = field(default_factory=HumanConfig)


def run(dataset: str | Path, motions: Mapping[str, Motion] | None, index: str | Path, config: BenchmarkConfig,
        reading: Reading, babel: Mapping[int, BabelEntry] | None = None, processes: int = 1) -> None:
    """Write `examples/<sequence>.npz` of every sequence of a dataset beside `index`, and the index.

    `motions` are the motion files by sequence; None finds them below `config.motion` as AMASS names them. `babel` has
    splits and labels of a published dataset, by BABEL's number. A sequence
    whose motion is missing or broken is a row that says so. Files that were made from the same are kept. Bundles have
    `humanml3d (n, 263)`, `gravity (n, D)`, `activations (n, 402)`, NaN where there is none, and `stretch (n,)`, which
    numbers the runs without a gap, -1 in a gap; row k is at k / 20 s of the motion file.
    """
    folder = Path(index).parent / "examples"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        source = open_source(dataset, babel)
    except StageError as error:
        # Without a dataset there is nothing to go on with: the job fails, and says why.
        raise SystemExit(f"{error.detail}. Remedy: {error.remedy or REMEDY[error.reason]}") from None
    recordings = source.recordings()
    tasks = [_Task(each, _motion(each, motions, config), folder / f"{each.name}.npz", reading) for each in recordings]
    for stale in set(folder.glob("*.npz")) - {task.output for task in tasks}:
        stale.unlink()
    bundles = list(_made(tasks, source, processes))
    used = [each for each, bundle in zip(recordings, bundles, strict=True) if bundle.ok and _windows(bundle)]
    parts, why = _parts(used, config)
    rows = [_row(each, bundle, parts.get(each.name, ""), why) for each, bundle in zip(recordings, bundles, strict=True)]
    print(f"{len(used)} of {len(rows)} sequences have windows of {LENGTH} samples")
    write_index(rows, Path(index))


def motions_of(sequences: Mapping[str, Mapping[str, Any]]) -> dict[str, Motion]:
    """Motion files of planned sequences that hold poses."""
    keys = ("path", "source", "gender", "frame_rate_override", "subject", "mass_kg", "height_m")
    return {name: Motion(**{key: record[key] for key in keys}) for name, record in sequences.items()
            if record["kind"] == "poses"}


def babel_of(files: Sequence[str | Path]) -> Mapping[int, BabelEntry] | None:
    """What label files of BABEL say, by number; None without files. What is wrong with them is printed."""
    if not files:
        return None
    found = read_babel(files)
    for warning in found.warnings:
        print(warning)
    return found.entries


@dataclass(frozen=True)
class _Task:
    recording: Recording
    motion: Motion | None
    output: Path
    reading: Reading


def _made(tasks: Sequence[_Task], source: Source, processes: int) -> Iterator[Bundle]:
    """Bundles of all tasks in order; processes share them."""
    inputs = ((task, *source.activations(task.recording.name), source.labels(task.recording.name), source.muscles)
              for task in tasks)
    if processes < 2:
        yield from (_make(*each) for each in inputs)
        return
    # Started anew: a fork would copy locks of threads that torch has started.
    with ProcessPoolExecutor(processes, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        yield from pool.map(_make, *zip(*inputs, strict=True), chunksize=4)


def _make(task: _Task, times_s: NDArray[np.float64], values: NDArray[np.float32], labels: Sequence[Label],
          muscles: Sequence[str]) -> Bundle:
    """The bundle of a sequence, made now or before."""
    try:
        if task.motion is None:
            raise StageError(Reason.FILE_MISSING, f"{task.recording.data_path}: no motion file",
                             remedy="benchmark.motion: the folder of AMASS that the dataset was made from")
        given = _digest(task, times_s, values, labels)
        before = _before(task.output, given)
        if before is not None:
            return before
        bundle = _computed(task, times_s, values, labels, muscles, given)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(task.output)
    return bundle


def _computed(task: _Task, times_s: NDArray[np.float64], values: NDArray[np.float32], labels: Sequence[Label],
              muscles: Sequence[str], given: str) -> Bundle:
    assert task.motion is not None
    told = {key: value for key, value in asdict(task.motion).items() if key != "path"}
    reading = {each.name: getattr(task.reading, each.name) for each in fields(task.reading)}
    features = sequence_features(task.motion.path, **reading, **told)
    count = len(features.humanml3d)
    first, sampled, runs = on_grid(times_s, values, RATE_HZ)
    activations = np.full((count, values.shape[1]), np.nan, np.float32)
    stretch = np.full(count, -1, np.int64)
    stop = min(count, first + len(sampled))
    activations[first:stop], stretch[first:stop] = sampled[:stop - first], runs[:stop - first]
    arrays = {"humanml3d": features.humanml3d, "gravity": features.gravity, "activations": activations,
              "stretch": stretch, "muscles": list(muscles)}
    bundle = Bundle.of(STAGE, arrays, {"given": given, "labels": [list(astuple(each)) for each in labels]})
    bundle.meta["digest"] = bundle.hashed_arrays().hexdigest()
    return bundle


def _before(path: Path, given: str) -> Bundle | None:
    """What an earlier run has made from the same, if it is whole."""
    try:
        bundle = Bundle.read(path)
    except StageError:
        return None
    return bundle if bundle.ok and bundle.meta.get("given") == given else None


def _digest(task: _Task, times_s: NDArray[np.float64], values: NDArray[np.float32], labels: Sequence[Label]) -> str:
    """What the bundle of a sequence depends on."""
    assert task.motion is not None
    hasher = sha256(_file_digest(task.motion.path))
    for path in sorted(Path(task.reading.model_dir).glob("*/model.npz")):
        hasher.update(_body_digest(str(path)))
    told = [asdict(task.motion), list(labels), repr(task.reading), METHOD_VERSION[STAGE],
            package_versions(("numpy", "scipy"))]
    hasher.update(json.dumps(told, sort_keys=True, default=str).encode())
    hasher.update(np.ascontiguousarray(times_s).tobytes() + np.ascontiguousarray(values).tobytes())
    return hasher.hexdigest()


def _file_digest(path: str) -> bytes:
    return sha256(Path(path).read_bytes()).digest() if Path(path).is_file() else b""


# Body models are tens of megabytes, and the same for all sequences.
_body_digest = cache(_file_digest)


def _motion(recording: Recording, motions: Mapping[str, Motion] | None, config: BenchmarkConfig) -> Motion | None:
    """The motion file of a recording."""
    if not config.motion:
        return (motions or {}).get(recording.name)
    # AMASS's archives unpack to <set>/<dataset>/<subject>/ or to a part of it.
    parts = Path(recording.data_path).parts
    for start in range(max(len(parts) - 2, 1)):
        path = Path(config.motion, *parts[start:]).with_suffix(".npz")
        if path.is_file():
            mass_kg, height_m = (float(each) if np.isfinite(each) else None
                                 for each in (recording.mass_kg, recording.height_m))
            return Motion(str(path), mass_kg=mass_kg, height_m=height_m)
    return None


def _windows(bundle: Bundle) -> int:
    return len(window_starts(bundle["stretch"], LENGTH, LENGTH))


def _parts(used: Sequence[Recording], config: BenchmarkConfig) -> tuple[dict[str, str], str]:
    """Split of each sequence by name; or none, and why."""
    try:
        return (split(used, config.split, config.seed, lists=config.lists or None) if used else {}), ""
    except StageError as error:
        return {}, f"{error.detail}. Remedy: {error.remedy or REMEDY[error.reason]}"


def _row(recording: Recording, bundle: Bundle, part: str, why: str) -> dict[str, Any]:
    windows = _windows(bundle) if bundle.ok else 0
    if not bundle.ok:
        why = bundle.status.message
    elif not windows:
        why = f"no {LENGTH / RATE_HZ:g} s without a gap"
    return {"sequence_id": recording.name, "data_path": recording.data_path, "dataset": recording.dataset,
            "person": recording.person, "split": part, "activities": list(recording.activities),
            "actions": list(recording.actions),
            "samples": int((bundle["stretch"] >= 0).sum()) if bundle.ok else 0, "windows": windows,
            "digest": str(bundle.meta.get("digest", "")), "left_out": why}
