"""Tab-separated tables that people write: cells as given, with the line that each row stands in."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LARGEST_BYTES = 2**28


@dataclass(frozen=True)
class TableRow:
    """Cells of a row that are not empty, by column; `surplus` are cells beyond the last column."""

    line: int
    cells: dict[str, str]
    surplus: list[str] = field(default_factory=list)


def read_tsv(path: str | Path, columns: Sequence[str], required: Sequence[str]) -> list[TableRow]:
    """Rows of a UTF-8 table whose first line names its columns.

    A line that begins with `#` is a comment; elsewhere `#` is a character like any other. A cell in double quotes may
    hold tabs and line breaks, a quote in it is written twice. Raises ValueError, with file, line, column and remedy,
    for what concerns the whole table: unreadable, a column that is unknown, repeated or missing.
    """
    records = _records(path, _text(path))
    if not records:
        raise ValueError(f"{path}: the table is empty: its first line must name the columns {', '.join(required)}")
    head_line, head = records[0]
    names = [name.strip() for name in head]
    while names and not names[-1]:
        names.pop()
    _check_head(path, head_line, names, columns, required)
    return [_row(line, cells, names) for line, cells in records[1:]]


def _text(path: str | Path) -> str:
    try:
        with Path(path).open("rb") as handle:
            raw = handle.read(_LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read: {error}; check the path in config/config.yaml") from error
    if len(raw) > _LARGEST_BYTES:
        raise ValueError(
            f"{path}: more than {_LARGEST_BYTES >> 20} MB, which no table of sequences has: check the path"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path}, line {line}: not UTF-8 ({error.reason}); save the table as tab-separated text in UTF-8"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ValueError(f"{path}, line {line}: holds a zero byte; save the table as tab-separated text in UTF-8")
    return text


def _records(path: str | Path, text: str) -> list[tuple[int, list[str]]]:
    """Lines with their numbers, comments and empty ones left out."""
    reader = csv.reader(io.StringIO(text, newline=""), dialect="excel-tab", strict=True)
    out: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            first, line = line, reader.line_num + 1
            if cells and not cells[0].lstrip().startswith("#") and any(cell.strip() for cell in cells):
                out.append((first, cells))
    except csv.Error as error:
        raise ValueError(
            f"{path}, line {line}: {error}; a cell that begins with a double quote must end with one, "
            "and a quote inside it is written twice"
        ) from error
    return out


def _check_head(path: str | Path, line: int, names: list[str], columns: Sequence[str], required: Sequence[str]) -> None:
    for name in names:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it, or separate columns by tabs"
            raise ValueError(
                f"{path}, line {line}: column {name!r} is unknown; {hint} Known columns: {', '.join(columns)}"
            )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ValueError(f"{path}, line {line}: column {repeated[0]} stands {names.count(repeated[0])} times; keep one")
    if missing := [name for name in required if name not in names]:
        raise ValueError(f"{path}, line {line}: missing columns {', '.join(missing)}; add them to the first line")


def _row(line: int, cells: list[str], names: list[str]) -> TableRow:
    given = {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}
    return TableRow(line, given, [cell for cell in cells[len(names) :] if cell.strip()])
