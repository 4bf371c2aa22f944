"""Are the results still what was written? Batches with damaged or lost ones are to run again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mint.batch.digest import digest_of
from mint.batch.made import Made, trace_path
from mint.core.status import OF_THE_MOMENT, Reason

# Where a stage leaves its results: below a sequence, or below each of its chunks.
OUTPUT = {
    "validate": "validated.npz",
    "body": "body.npz",
    "measured": "measured.npz",
    "markers": "markers.trc",
    "ik": "ik.npz",
    "support": "support.npz",
    "trajectory": "trajectory.npz",
    "verify": "verify.npz",
    "trunk": "trunk.npz",
    "merge": "sequence.npz",
    "compare": "comparison.npz",
}
SEQUENCE_STAGES = ("validate", "body", "measured", "merge", "compare")
CHUNK_STAGES = tuple(stage for stage in OUTPUT if stage not in SEQUENCE_STAGES)
SECOND_PASS = ("trajectory", "verify", "trunk")  # stages that run again for a chunk that is rescued
# Rules that run several stages, one after the other; every other stage has a rule of its name.
STAGES_OF = {"motions": ("validate", "body"), "chunks": CHUNK_STAGES, "second_pass": SECOND_PASS}
# Below a subject; these are files of the rules themselves.
SUBJECT_OUTPUT = {"scale": "scale.npz", "muscle_paths": "muscle_paths.npz", "emg_scale": "emg.npz"}
SUBJECT_STAGES = tuple(SUBJECT_OUTPUT)
# All of them, as a person is told of them.
ORDER = (*SEQUENCE_STAGES[:3], "emg_scale", "scale", "muscle_paths", *CHUNK_STAGES, *SEQUENCE_STAGES[3:])


def rules_of(stage: str) -> tuple[str, ...]:
    """Rules that run a stage."""
    return tuple(rule for rule, stages in STAGES_OF.items() if stage in stages) or (stage,)


@dataclass(frozen=True)
class Damage:
    """A result that is not what its record or its trace says; `record` is the file that Snakemake knows."""

    record: Path
    output: Path
    what: str


def output_path(results: Path, stage: str, member: str) -> Path:
    """Result of a member of a batch: of `walk`, `walk/003`, or `walk/003/rescue`, the second pass of a chunk."""
    sequence, _, chunk = member.partition("/")
    folder = results / "sequences" / sequence
    return (folder / "chunks" / chunk if chunk else folder) / OUTPUT[stage]


def damages(results: Path) -> Iterator[Damage]:
    """Every recorded result that is missing or has another content, every subject's, and every record that is missing
    although its batch was begun. Reads all results once."""
    for output in sorted(path for file in SUBJECT_OUTPUT.values() for path in (results / "subjects").glob(f"*/{file}")):
        made = Made.read(output)
        if made is None or digest_of(output) != made.digest:
            yield Damage(output, output, "not what was written")
    for record in sorted((results / "batches").glob("*/*.json")):
        try:
            entries = json.loads(record.read_text(encoding="utf-8"))
            members = {str(name): (str(entry[0]), str(entry[1])) for name, entry in entries.items()}
        except (OSError, ValueError, AttributeError, IndexError, TypeError):
            yield Damage(record, record, "the record cannot be read")
            continue
        for name, (digest, status) in members.items():
            output = output_path(results, record.stem, name)
            if status in OF_THE_MOMENT:
                what = "its process crashed" if status == Reason.CRASH.value else f"the machine ended it: {status}"
                yield Damage(record, output, what)
                continue
            try:
                found = digest_of(output)
            except OSError:
                yield Damage(record, output, "missing")
                continue
            if found != digest:
                yield Damage(record, output, "not what was written")
    yield from _lost_records(results)


def _lost_records(results: Path) -> Iterator[Damage]:
    """Records of planned batches that are missing while traces tell that members were computed."""
    try:
        batches = json.loads((results / "plan" / "plan.json").read_text(encoding="utf-8"))["batches"]
        planned = [
            (stage, batch, member)
            for batch, members in batches["motions"].items()
            for member in members
            for stage in SEQUENCE_STAGES
        ]
        planned += [
            (stage, batch, member)
            for batch, members in batches["chunks"].items()
            for member in members
            for stage in CHUNK_STAGES
        ]
        planned += [
            (stage, batch, f"{member}/rescue")
            for batch, members in batches["rescue"].items()
            for member in members
            for stage in SECOND_PASS
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    seen: set[Path] = set()
    for stage, batch, member in planned:
        record = results / "batches" / batch / f"{stage}.json"
        if record not in seen and not record.exists() and trace_path(output_path(results, stage, member)).exists():
            seen.add(record)
            yield Damage(record, record, "missing")
