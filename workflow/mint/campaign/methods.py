"""`make methods`: has the code of a stage changed while its method version has not?

`resources/method_digests.csv` has a digest of the code of every stage as it was last recorded. This command records
what it is at present: without further ado where the version was raised; otherwise with a word why no result can change,
which the table keeps for as long as that version lasts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mint.campaign.closure import CHECKOUT, Source, Sources, stage_digest
from mint.core.atomic import write_text
from mint.core.methods import METHOD_VERSION

_STAGES, _MODULES = "method_digests.csv", "module_digests.csv"
_HEAD = {
    _STAGES: "# What stages were made of when their code was last judged (make methods). Rows of a stage: one for its\n"
    "# version, then one for each change that was judged to leave its results as they are.\n",
    _MODULES: "# Code that the digests of method_digests.csv are made of, to tell which module has changed.\n",
}


@dataclass(frozen=True)
class Row:
    """What a stage was made of: its version, the digest of its code, why a change of code left the results alone."""

    stage: str
    version: int
    digest: str
    note: str = ""


@dataclass(frozen=True)
class Change:
    """A stage that is not as it was recorded; `silent`: its code has changed and its version has not."""

    row: Row
    modules: tuple[str, ...]
    silent: bool

    def __str__(self) -> str:
        if not self.silent:
            return f"{self.row.stage}: version {self.row.version} is not recorded"
        return (
            f"{self.row.stage}: code has changed since version {self.row.version} was recorded: "
            f"{', '.join(self.modules) or 'other modules are imported'}"
        )


def explained(found: Sequence[Change]) -> str:
    """What has changed, a line for each stage, and what to do."""
    if not found:
        return ""
    silent = any(change.silent for change in found)
    advice = (
        "Where results can change, raise the number in mint/core/methods.py; then run make methods. Where none "
        'can, run make methods WHY="..." with the reason.'
    )
    return "\n".join([*map(str, found), advice if silent else "Run make methods."])


@dataclass(frozen=True)
class Record:
    """The tables: rows of each stage, the last one of which is its present one; digests of modules."""

    rows: Mapping[str, Sequence[Row]]
    modules: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Record:
        """The tables of a folder; empty where there are none."""
        rows: dict[str, list[Row]] = {}
        for stage, version, digest, note in _rows(folder / _STAGES):
            rows.setdefault(stage, []).append(Row(stage, int(version), digest, note))
        return cls(rows, {name: digest for name, digest in _rows(folder / _MODULES)})

    def write(self, folder: Path) -> None:
        """Write both tables."""
        rows = [[row.stage, str(row.version), row.digest, row.note] for stage in self.rows.values() for row in stage]
        _write(folder / _STAGES, [["stage", "version", "digest", "note"], *rows])
        _write(folder / _MODULES, [["module", "digest"], *sorted(self.modules.items())])


def changes(record: Record, sources: Sources, versions: Mapping[str, int]) -> list[Change]:
    """Stages whose code or version is not what was recorded last."""
    out = []
    for stage, version in versions.items():
        code = sources.stage(stage)
        row = Row(stage, version, stage_digest(code))
        last = record.rows.get(stage, [Row(stage, -1, "")])[-1]
        if (last.version, last.digest) != (row.version, row.digest):
            out.append(Change(row, _changed(code, record.modules), last.version == version))
    return out


def recorded(record: Record, sources: Sources, versions: Mapping[str, int], why: str = "") -> Record:
    """The record with everything as it is at present. Raises ValueError for silent changes without a word why."""
    found = changes(record, sources, versions)
    why = " ".join(why.split())
    silent = [change for change in found if change.silent]
    if silent and not why:
        raise ValueError(explained(found))
    rows = {stage: list(record.rows.get(stage, ())) for stage in versions}
    for change in found:
        before = rows[change.row.stage] if change.silent else []
        row = change.row
        rows[row.stage] = [*before, Row(row.stage, row.version, row.digest, why if change.silent else "")]
    modules = {name: code.digest for stage in versions for name, code in sources.stage(stage).items()}
    return Record(rows, modules)


def _changed(code: Mapping[str, Source], modules: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(name for name, source in code.items() if modules.get(name) != source.digest))


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.reader(lines))[1:]


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text(path, _HEAD[path.name] + text.getvalue())


def record(why: str = "") -> list[str]:
    """Record the present code of all stages; returns a line per stage that has changed.

    `why` says why no result can change where code did and versions did not. Raises ValueError naming what needs such a
    word.
    """
    folder, sources = CHECKOUT / "resources", Sources()
    known = Record.read(folder)
    found = changes(known, sources, METHOD_VERSION)
    recorded(known, sources, METHOD_VERSION, why).write(folder)
    return [
        f"{each.row.stage}: version {each.row.version} recorded{', judged' if each.silent else ''}" for each in found
    ]
