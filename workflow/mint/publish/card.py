"""The data card of a release, `README.md`: what the data are, how they were made, how good they are, what for.

The words are in `template/card.md`; everything counted comes from the release's tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq

from mint.config.publish import PublishConfig
from mint.dataset.parquet import read_record
from mint.publish import numbers
from mint.publish.licences import Source, licence_address, warnings
from mint.publish.markdown import grid, listing
from mint.publish.tables import fact, meaning, unit_of

# A table with more columns is described in one line.
NARROW = 60


def card(
    config: PublishConfig,
    tables: Mapping[str, pa.Table],
    folder: Path,
    found: Sequence[Source],
    hidden_labels: bool,
    subjects: Sequence[str] = (),
) -> str:
    """Text of the card. `folder` is the release, whose files of each sequence are there already; `hidden_labels`:
    labels were left out; `subjects` have an OpenSim project."""
    template = (files("mint.publish") / "template" / "card.md").read_text(encoding="utf-8")
    paths = tables["sequences"]["data_path"].to_pylist()
    records = [read_record(folder / path / "muscle_activations.parquet") for path in paths]
    parts = {
        "head": listing(_head(config)),
        "totals": listing(numbers.totals(tables)),
        "by_dataset": numbers.by_dataset(tables),
        "bodies": numbers.bodies(tables),
        "versions": _versions(records),
        "present": present(records, _strands(tables)),
        "outcomes": numbers.outcomes(tables),
        "missing": numbers.missing(tables),
        "quality": _quality(tables),
        "notes": [f"- {source.note}" for source in found if source.note],
        "labels": _labels(tables, hidden_labels),
        "tables": _tables(tables),
        "sequence_files": _sequence_files(folder, paths),
        "licences": _licences(found),
        "projects": _projects(subjects),
        "cite": [f"- {text}" for text in citations(config, found)],
    }
    text = jinja2.Template(template, undefined=jinja2.StrictUndefined).render(
        title=config.title,
        strands=_strands(tables),
        licence=f"{config.licence}, {licence_address(config.licence)}",
        **{name: "\n".join(lines) for name, lines in parts.items()},
    )
    return text + "\n"


def citations(config: PublishConfig, found: Sequence[Source]) -> list[str]:
    """How the release itself is cited, then its sources."""
    who = ", ".join(config.creators) + (f" ({config.date.year})" if config.date and config.creators else "")
    own = f"{who}: " if who else ""
    own += f"{config.title}, version {config.version}." + (f" {config.url}" if config.url else "")
    return [own, *(f"{source.citation.removesuffix('.')}." for source in found if source.citation)]


def _head(config: PublishConfig) -> dict[str, str]:
    return {
        "name": config.folder,
        "version": config.version,
        "creators": ", ".join(config.creators),
        "published": config.date.isoformat() if config.date else "",
        "address": config.url,
        "licence": config.licence,
    }


def _strands(tables: Mapping[str, pa.Table]) -> int:
    return int(tables["muscles"].num_rows)


def _versions(records: Sequence[Mapping[str, Any]]) -> list[str]:
    return grid(
        ("software", "version"),
        sorted({(name, version) for record in records for name, version in record["versions"].items()}),
    )


def present(records: Sequence[Mapping[str, Any]], strands: int) -> list[str]:
    """How many of the strands the model has, from the records of the sequences; nothing without sequences."""
    counts = {len(record["present"]) for record in records}
    if not counts:
        return []
    if counts == {strands}:
        return [f"The model has all {strands} strands."]
    shares = " or ".join(str(count) for count in sorted(counts))
    return [f"The model has {shares} of the {strands} strands; the columns of others hold NaN."]


def _quality(tables: Mapping[str, pa.Table]) -> list[str]:
    measures, found = numbers.quality(tables), numbers.faults(tables)
    if not measures:
        return ["No accepted chunk has measures of quality."]
    return [
        "Measures of accepted chunks; `quality_chunks.parquet` has them for every chunk, to filter by.",
        "",
        *measures,
        *(["", "Faults, and how many of all chunks have them:", "", *found] if found else []),
        *(["", "What makes a fault:", "", *limits] if (limits := numbers.limits(tables)) else []),
    ]


def _labels(tables: Mapping[str, pa.Table], hidden: bool) -> list[str]:
    count = tables["labels"].num_rows if "labels" in tables else 0
    lines = [
        "Splits and labels are those of BABEL; embedded motions have their own, in the same format.",
        "",
        *numbers.splits(tables),
        "",
        f"`labels.parquet` has {count} labels.",
    ]
    if hidden:
        lines.append(
            "Labels of motions of AMASS are not in it, because BABEL's terms ask for permission: join them "
            "again by `babel_sid` with BABEL's own files."
        )
    return lines


def _tables(tables: Mapping[str, pa.Table]) -> list[str]:
    lines = []
    for name in sorted(tables):
        row = f"A row is {meaning(tables[name])}. " if meaning(tables[name]) else ""
        lines += [
            "",
            f"### {name}.parquet",
            "",
            f"{row}{tables[name].num_rows} rows.",
            "",
            *numbers.columns(tables[name].schema),
        ]
    return lines[1:]


def _sequence_files(folder: Path, paths: list[str]) -> list[str]:
    return [_sequence_file(path) for path in sorted((folder / paths[0]).iterdir())] if paths else []


def _sequence_file(path: Path) -> str:
    if path.suffix != ".parquet":
        return f"- `{path.name}`: for `musint`, a table of pandas over time in seconds"
    schema = pq.read_schema(path)
    if len(schema) <= NARROW:
        return f"- `{path.name}`: " + ", ".join(_column(field) for field in schema)
    units = ", ".join(dict.fromkeys(fact(field, "unit") for field in list(schema)[2:]))
    return f"- `{path.name}`: `frame`, `time_s` [s] and {len(schema) - 2} columns of muscles [{units}]"


def _column(field: pa.Field) -> str:
    return f"`{field.name}` [{unit_of(field)}]" if unit_of(field) else f"`{field.name}`"


def _projects(subjects: Sequence[str]) -> list[str]:
    if not subjects:
        return [""]
    return [
        "",
        "### OpenSim projects, in the folder `opensim`",
        "",
        f"A folder for each of {len(subjects)} subjects, "
        "`README.md` in it says what lies where: scaled models, and for every sequence kinematics, ground forces, "
        "activations, muscle forces, moments, states, and set-ups of OpenSim's tools that run as they are. "
        "`residuals_<trial>.sto` tells what the pelvis lacks in which frame. Markers are not in it.",
        "",
    ]


def _licences(found: Sequence[Source]) -> list[str]:
    rows = [[source.title, source.licence, source.demands] for source in found if source.licence]
    notes = [f"**Warning:** {text}" for text in warnings(found)]
    return [*grid(("source", "licence", "asks for"), rows), *(["", *notes] if notes else [])]
