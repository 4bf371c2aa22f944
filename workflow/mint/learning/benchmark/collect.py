"""Rule features: a dataset and the motions behind it go in; features and activations on one grid come out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter

from mint.config.benchmark import BenchmarkConfig
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.environment import package_versions
from mint.core.methods import METHOD_VERSION
from mint.core.status import Reason, StageError
from mint.core.tables import checkout_files
from mint.dataset.babel import read_babel
from mint.learning.benchmark.index import write_index
from mint.learning.data.grid import on_grid
from mint.learning.data.published import BabelEntry, PublishedSource
from mint.learning.data.recording import Label, Recording, Source
from mint.learning.data.sources import open_source
from mint.learning.data.splits import automatic, split
from mint.learning.data.windows import LENGTH, window_starts
from mint.learning.motion.joints import RATE_HZ
from mint.learning.motion.of_file import sequence_features

STAGE = "features"
# Motions are read by the code of stage validate, put on bodies by that of body, by what these tables say.
_METHODS = (STAGE, "validate", "body")
_TABLES = ("resources/humanml3d_skeleton.csv", "resources/bvh_joints.csv")


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


@dataclass(frozen=True)
class Job:
    """What features are made from: a dataset; its motions by sequence (None: below `config.motion`, as AMASS names
    them); label files of BABEL, which tell splits and labels of a published dataset; where the index goes."""

    dataset: Path
    motions: Mapping[str, Motion] | None
    index: Path
    config: BenchmarkConfig
    reading: Reading
    babel: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the examples lie."""
        return self.index.parent / "examples"


_JOB = TypeAdapter(Job)


def run(job: Job, processes: int = 1) -> None:
    """Write `examples/<sequence>.npz` of every sequence of a dataset beside the index, and the index.

    A sequence whose motion or activity is missing or broken is a row that says so. Files that were made from the same
    are kept. Bundles have `humanml3d (n, 263)`, `gravity (n, D)`, `activations (n, 402)`, NaN where there is none, and
    `stretch (n,)`, which numbers the runs without a gap, -1 in a gap; row k is at k / 20 s of the motion file.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    source, tasks = _tasks(job)
    for stale in set(job.folder.glob("*.npz")) - {task.output for task in tasks}:
        stale.unlink()
    if processes > 1:
        _ahead(job, processes)
    facts = [_made(task, source) for task in tasks]
    used = [task.recording for task, fact in zip(tasks, facts, strict=True) if fact.windows]
    how = automatic(used) if job.config.split == "auto" and used else job.config.split
    parts, why = _parts(used, how, job.config)
    rows = []
    for recording, fact in ((task.recording, fact) for task, fact in zip(tasks, facts, strict=True)):
        row = {name: getattr(recording, name) for name in ("data_path", "dataset", "person", "activities", "actions")}
        rows.append(
            {
                "sequence_id": recording.name,
                **row,
                **asdict(fact),
                "split": parts.get(recording.name, ""),
                "split_by": how if parts else "",
                "left_out": fact.left_out or why,
            }
        )
    if isinstance(source, PublishedSource):
        for place in source.missing:
            rows.append(
                {
                    "sequence_id": place,
                    "data_path": place,
                    "left_out": "no file of activations in the dataset",
                    **dict.fromkeys(("dataset", "person", "split", "split_by", "digest", "labels_digest"), ""),
                    "activities": [],
                    "actions": [],
                    "samples": 0,
                    "windows": 0,
                }
            )
    print(f"{len(used)} of {len(rows)} sequences have windows of {LENGTH} samples")
    write_index(rows, job.index)


def motions_of(sequences: Mapping[str, Mapping[str, Any]]) -> dict[str, Motion]:
    """Motion files of planned sequences that hold poses."""
    keys = ("path", "source", "gender", "frame_rate_override", "subject", "mass_kg", "height_m")
    return {
        name: Motion(**{key: record[key] for key in keys})
        for name, record in sequences.items()
        if record["kind"] == "poses"
    }


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


@dataclass(frozen=True)
class _Fact:
    """What a sequence gives: samples, windows that do not overlap, digest; or why it gives nothing."""

    samples: int = 0
    windows: int = 0
    digest: str = ""
    labels_digest: str = ""
    left_out: str = ""


def _tasks(job: Job) -> tuple[Source, list[_Task]]:
    """The dataset and what is to be made of it. Ends the job, with the reason, where there is no dataset."""
    try:
        source = open_source(job.dataset, babel_of(job.babel), job.config.chunk_quality)
    except StageError as error:
        raise SystemExit(error.told) from None
    return source, [
        _Task(each, _motion(each, job), job.folder / f"{each.name}.npz", job.reading) for each in source.recordings()
    ]


def _ahead(job: Job, processes: int) -> None:
    """Let so many processes make a part of the sequences each; what one of them leaves undone is made afterwards."""
    with TemporaryDirectory() as folder:
        told = Path(folder) / "job.json"
        told.write_bytes(_JOB.dump_json(job))
        command = [sys.executable, "-m", "mint.learning.benchmark.collect", str(told)]
        children = [Popen([*command, str(part), str(processes)]) for part in range(processes)]
        for child in children:
            child.wait()


def part_of(told: str | Path, part: int, parts: int) -> None:
    """Make every so manieth sequence of a job that was written as JSON."""
    job = _JOB.validate_json(Path(told).read_bytes())
    torch.set_num_threads(1)
    source, tasks = _tasks(job)
    for task in tasks[part::parts]:
        _made(task, source)


def _made(task: _Task, source: Source) -> _Fact:
    """What a sequence gives, from its bundle, which is made now or was before."""
    try:
        if task.motion is None:
            raise StageError(
                Reason.FILE_MISSING,
                f"{task.recording.data_path}: no motion file",
                remedy="benchmark.motion: the folder of AMASS that the dataset was made from",
            )
        times_s, values = source.activations(task.recording.name)
        labels = source.labels(task.recording.name)
        given = _digest(task, times_s, values, labels)
        bundle = _before(task.output, given)
        if bundle is None:
            bundle = _computed(task, times_s, values, labels, source.muscles, given)
            bundle.write(task.output)
    except StageError as error:
        status = error.as_status(STAGE)
        Bundle(status).write(task.output)
        return _Fact(left_out=status.message)
    windows = len(window_starts(bundle["stretch"], LENGTH, LENGTH))
    labelled = sha256(json.dumps(bundle.meta["labels"]).encode()).hexdigest()
    return _Fact(
        int((bundle["stretch"] >= 0).sum()),
        windows,
        str(bundle.meta["digest"]),
        labelled,
        "" if windows else f"no {LENGTH / RATE_HZ:g} s without a gap",
    )


def _computed(
    task: _Task,
    times_s: NDArray[np.float64],
    values: NDArray[np.float32],
    labels: Sequence[Label],
    muscles: Sequence[str],
    given: str,
) -> Bundle:
    assert task.motion is not None
    told = {key: value for key, value in asdict(task.motion).items() if key != "path"}
    reading = {each.name: getattr(task.reading, each.name) for each in fields(task.reading)}
    features = sequence_features(task.motion.path, **reading, **told)
    count = len(features.humanml3d)
    first, sampled, runs = on_grid(times_s, values, RATE_HZ)
    activations = np.full((count, values.shape[1]), np.nan, np.float32)
    stretch = np.full(count, -1, np.int64)
    stop = min(count, first + len(sampled))
    if stop <= first:
        raise StageError(
            Reason.CONTRADICTION,
            f"{task.motion.path}: {count / RATE_HZ:.2f} s of motion, activations begin at {first / RATE_HZ:.2f} s",
            remedy="is it the motion that was simulated, at its own rate?",
        )
    activations[first:stop], stretch[first:stop] = sampled[: stop - first], runs[: stop - first]
    arrays = {
        "humanml3d": features.humanml3d,
        "gravity": features.gravity,
        "activations": activations,
        "stretch": stretch,
        "muscles": list(muscles),
    }
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
    shared = [*sorted(Path(task.reading.model_dir).rglob("*.npz")), *map(Path, checkout_files(_TABLES))]
    for path in shared:
        hasher.update(_shared_digest(str(path)))
    methods = {stage: METHOD_VERSION[stage] for stage in _METHODS}
    told = [asdict(task.motion), list(labels), repr(task.reading), methods, package_versions(("numpy", "scipy"))]
    hasher.update(json.dumps(told, sort_keys=True, default=str).encode())
    hasher.update(np.ascontiguousarray(times_s).tobytes() + np.ascontiguousarray(values).tobytes())
    return hasher.hexdigest()


def _file_digest(path: str) -> bytes:
    return sha256(Path(path).read_bytes()).digest() if Path(path).is_file() else b""


# Body models are tens of megabytes, and the same for all sequences.
_shared_digest = cache(_file_digest)


def _motion(recording: Recording, job: Job) -> Motion | None:
    """The motion file of a recording."""
    if job.motions is not None:
        return job.motions.get(recording.name)
    # AMASS's archives unpack to <set>/<dataset>/<subject>/ or to a part of it.
    parts = Path(recording.data_path).parts
    for start in range(max(len(parts) - 2, 1)):
        path = Path(job.config.motion, *parts[start:-1], f"{parts[-1]}.npz")
        if path.is_file():
            mass_kg, height_m = (
                float(each) if np.isfinite(each) else None for each in (recording.mass_kg, recording.height_m)
            )
            return Motion(str(path), mass_kg=mass_kg, height_m=height_m)
    return None


def _parts(used: Sequence[Recording], how: str, config: BenchmarkConfig) -> tuple[dict[str, str], str]:
    """Split of each sequence by name; or none, and why."""
    try:
        return (split(used, how, config.seed, lists=config.lists or None) if used else {}), ""
    except StageError as error:
        return {}, error.told


if __name__ == "__main__":
    part_of(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
