"""Table of simulated and measured activity from elsewhere, a row for each gait cycle.

Tab-separated: `person`, `simulated` and `measured` (paths of .sto, .mot or .csv, relative to the table), `start_s` and
`stop_s` of the cycle, and, where they differ, `side` (r or l; without it r) and `measured_offset_s`, which is added to
the clock of the measured file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.core.names import sanitized

NEEDED = ("person", "simulated", "measured", "start_s", "stop_s")
OPTIONAL = {"side": "r", "measured_offset_s": 0.0}
_MOST_BYTES = 2**24


@dataclass(frozen=True)
class Pair:
    """A row of the table; paths as they are opened."""

    person: str
    simulated: Path
    measured: Path
    start_s: float
    stop_s: float
    side: str
    measured_offset_s: float


def read_pairs(path: str | Path) -> list[Pair]:
    """Rows of a table of pairs. Raises ValueError with a line for every problem: file, line, column, what is wrong."""
    table = Path(path)
    try:
        if table.stat().st_size > _MOST_BYTES:
            raise ValueError(f"{path}: more than {_MOST_BYTES >> 20} MB")
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from None
    numbered = [
        (number, line) for number, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")
    ]
    if not numbered:
        raise ValueError(f"{path}: it is empty, expected a line of names: {', '.join(NEEDED)}")
    names = [name.strip() for name in numbered[0][1].split("\t")]
    wrong = [f"{path}: no column {name}" for name in NEEDED if name not in names]
    wrong += [
        f"{path}: unknown column {name}: {', '.join((*NEEDED, *OPTIONAL))}"
        for name in names
        if name not in (*NEEDED, *OPTIONAL)
    ]
    if not wrong and len(numbered) == 1:
        wrong.append(f"{path}: it has no rows, expected one for each gait cycle")
    out = []
    for number, line in [] if wrong else numbered[1:]:
        cells = [cell.strip() for cell in line.split("\t")]
        cells += [""] * (len(names) - len(cells))
        try:
            if any(cells[len(names) :]):
                raise ValueError(f"{len(cells)} cells, expected {len(names)}, separated by tabs")
            out.append(_pair(dict(zip(names, cells, strict=False)), table.parent))
        except ValueError as error:
            wrong.append(f"{path}, line {number}: {error}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return out


def _pair(row: dict[str, str], folder: Path) -> Pair:
    numbers = {}
    for name in ("start_s", "stop_s", "measured_offset_s"):
        text = row.get(name) or str(OPTIONAL.get(name, ""))
        try:
            numbers[name] = float(text)
        except ValueError:
            raise ValueError(f"{name} is {text!r}, expected a number of seconds") from None
        if not np.isfinite(numbers[name]):
            raise ValueError(f"{name} is {text!r}, expected a number of seconds")
    side = row.get("side") or "r"
    if side not in ("r", "l"):
        raise ValueError(f"side is {side!r}, expected r or l")
    if numbers["stop_s"] <= numbers["start_s"]:
        raise ValueError(f"stop_s {numbers['stop_s']:g} is not after start_s {numbers['start_s']:g}")
    for name in ("person", "simulated", "measured"):
        if not row[name]:
            raise ValueError(f"{name} is empty")
    return Pair(
        sanitized(row["person"]),
        folder / row["simulated"],
        folder / row["measured"],
        numbers["start_s"],
        numbers["stop_s"],
        side,
        numbers["measured_offset_s"],
    )
