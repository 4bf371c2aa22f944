"""Pages of the reference that the code itself writes whenever the site is built: settings, commands, tables, reasons.

They lie in `docs/reference/generated/`, which git ignores, so that no page can tell of another version than the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from mint.cli.main import application
from mint.config.write import page as configuration
from mint.core.meaning import MEANING
from mint.core.status import OF_THE_MOMENT, REMEDY, Reason
from mint.dataset import babel_labels, comparison, gait, notes, quality_schema, sequences
from mint.dataset.ledger import LEDGER_COLUMNS
from mint.dataset.schema import Column, TableSchema
from mint.plan.sequences import SequenceRow

FOLDER = Path(__file__).parents[1] / "reference" / "generated"
TABLES: tuple[TableSchema, ...] = (
    sequences.SEQUENCES,
    quality_schema.CHUNKS,
    quality_schema.SEQUENCES,
    quality_schema.COORDINATES,
    sequences.INTERVALS,
    babel_labels.LABELS,
    gait.GAIT_EVENTS,
    gait.STEPS,
    notes.NOTES,
    comparison.FORCES,
    comparison.EMG,
    comparison.MOMENTS,
    sequences.MUSCLES,
)


def pages() -> dict[str, str]:
    """Markdown of every generated page by the name of its file."""
    return {
        "configuration.md": configuration(),
        "command_line.md": command_line(),
        "sequence_table.md": sequence_table(),
        "tables.md": tables(),
        "reasons.md": reasons(),
    }


def command_line() -> str:
    """What `mint --help` says, of every command."""
    command = get_command(application())
    told = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name="mint"), name="mint")
    return told.replace("# `mint`", "# Command line", 1)


def sequence_table() -> str:
    """Columns of the table of sequences."""
    rows = [
        (f"`{name}`", "required" if field.is_required() else "optional", field.description or "")
        for name, field in SequenceRow.model_fields.items()
    ]
    return _page(
        "Sequence table",
        "`config/sequences.tsv` has one sequence per row; tab-separated, UTF-8. "
        "[Many files: a project](../../motion/project.md) explains how to fill it.",
        _table(("column", "", "meaning"), rows),
    )


def tables() -> str:
    """Every table of the dataset with its columns."""
    parts = [
        "Parquet files of `results/dataset/`. Unit and meaning of each column also stand in the file: "
        '`pyarrow.parquet.read_schema(file).field("hover_mm").metadata`.'
    ]
    for table in TABLES:
        key = ", ".join(f"`{name}`" for name in table.key)
        parts.append(f"## {table.name}\n\nA row is {table.row}." + (f" No two rows share {key}." if key else ""))
        parts.append(_table(("column", "unit", "type", "meaning"), [_column(column) for column in table.columns]))
    columns = ", ".join(f"`{name}`" for name in LEDGER_COLUMNS)
    parts.append(f"## ledger\n\n`results/ledger.parquet`. A row is a planned chunk. Columns: {columns}.")
    return _page("Tables", *parts)


def reasons() -> str:
    """Every reason with what it means and what to try."""
    parts = [
        "A sequence or chunk that has no result has one of these reasons in `results/ledger.parquet`. Its `detail` "
        "names file, field, what was found and what was expected. Its `remedy` may be more specific than those here."
    ]
    for reason in Reason:
        if reason is not Reason.NONE:
            again = "\n\nThis does not count as a result: the next run tries again." if reason in OF_THE_MOMENT else ""
            head = f"(reason-{reason})=\n## `{reason}`"
            parts.append(f"{head}\n\n{MEANING[reason]}\n\n**What to try:** {REMEDY[reason]}.{again}")
    return _page("Reasons", *parts)


def _column(column: Column) -> tuple[str, ...]:
    limits = [
        f"{word} {value:g}" for word, value in (("at least", column.low), ("at most", column.high)) if value is not None
    ]
    allowed = [f"one of {', '.join(column.allowed)}"] if column.allowed else []
    told = "; ".join([column.description, *limits, *allowed, *(["may be null"] if column.nullable else [])])
    return f"`{column.name}`", column.unit, column.kind, told


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", *parts]) + "\n"


def write(_app: Any = None) -> None:
    """Write the pages that differ from those that are there, so that an unchanged page is not built again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Hook of Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
