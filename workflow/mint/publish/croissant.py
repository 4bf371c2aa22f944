"""`croissant.json`: the release for machines, by and for `mlcroissant` (Croissant 1.0, docs.mlcommons.org/croissant).

Tables are files with SHA-256 and record sets with one field per column; the tables of each sequence are sets of files.
Of these only narrow ones are record sets: mlcroissant takes a quarter of a second for a row of 402 muscles, which the
table `muscles` describes instead. Paths are relative: nothing is fetched from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mlcroissant as mlc
import pyarrow as pa
import pyarrow.parquet as pq

from mint.config.publish import PublishConfig
from mint.dataset.sequence_files import file_sha256
from mint.publish.card import NARROW, citations
from mint.publish.licences import Source, licence_address
from mint.publish.opensim import FOLDER as PROJECTS
from mint.publish.tables import fact, meaning, unit_of

FILE = "croissant.json"
VERSION = "http://mlcommons.org/croissant/1.0"
PARQUET = "application/x-parquet"
_DESCRIPTION = (
    "Simulated activations and forces of muscle strands, ground reaction forces, gaps and quality of "
    "recorded human motion at 50 frames per second, in the layout of the dataset Muscles in Time."
)
_OTHERS = {
    "mint_metadata.csv": ("text/csv", "what the reader musint opens: one row per sequence"),
    "README.md": ("text/markdown", "data card"),
    "LICENCES.md": ("text/markdown", "terms of every source"),
    "load_example.py": ("text/x-python", "how to open the tables with pandas"),
}


# By ending.
_OF_PROJECTS = {
    "osim": ("application/xml", "OpenSim: scaled models of each subject"),
    "mot": ("text/tab-separated-values", "OpenSim: kinematics, ground forces, muscle forces and moments"),
    "sto": ("text/tab-separated-values", "OpenSim: activations, reserves, residuals and states"),
    "xml": ("application/xml", "OpenSim: set-ups of tools, external loads, actuators"),
}


def write_croissant(
    folder: Path, config: PublishConfig, tables: Mapping[str, pa.Table], found: Sequence[Source], projects: bool = False
) -> list[str]:
    """Write `croissant.json` for the files in `folder` and return what its library warns of.

    `projects`: there are OpenSim projects.

    Raises ValueError with the library's words if it finds an error.
    """
    context = mlc.Context(conforms_to=VERSION)
    first = next(iter(tables["sequences"]["data_path"].to_pylist()), None)
    sets = _schemas(folder / first) if first else {}
    kinds = {f"{name}.parquet": (PARQUET, f"a row is {meaning(tables[name])}") for name in sorted(tables)}
    files = [
        mlc.FileObject(
            ctx=context,
            id=name,
            name=name,
            description=text,
            content_url=name,
            encoding_formats=[kind],
            sha256=file_sha256(folder / name),
        )
        for name, (kind, text) in (kinds | _OTHERS).items()
    ]
    folders = [
        mlc.FileSet(
            ctx=context,
            id=f"{name}-files",
            name=f"{name}-files",
            includes=[f"**/{name}.parquet"],
            encoding_formats=[PARQUET],
            description=f"table {name} of each sequence, {_kinds(schema)}; checksums in SHA256SUMS",
        )
        for name, schema in sets.items()
    ]
    folders += [
        mlc.FileSet(
            ctx=context,
            id=f"opensim-{name}",
            name=f"opensim-{name}",
            encoding_formats=[kind],
            includes=[f"{PROJECTS}/**/*.{name}"],
            description=f"{text}; checksums in SHA256SUMS",
        )
        for name, (kind, text) in _OF_PROJECTS.items()
        if projects
    ]
    records = [_record_set(context, name, tables[name].schema, meaning(tables[name])) for name in sorted(tables)]
    records += [
        _record_set(context, name, schema, f"{name} of a frame of a sequence", of_files=True)
        for name, schema in sets.items()
        if len(schema) <= NARROW
    ]
    metadata = mlc.Metadata(
        ctx=context,
        name=config.folder,
        description=f"{config.title}. {_DESCRIPTION}",
        version=config.version,
        license=[licence_address(config.licence)],
        url=config.url or None,
        date_published=_date(config),
        creators=[mlc.Person(ctx=context, name=name) for name in config.creators],
        cite_as=" ".join(citations(config, found)),
        keywords=["human motion", "muscle activation", "biomechanics", "ground reaction force", "simulation"],
        distribution=[*files, *folders],
        record_sets=records,
    )
    text = json.dumps(metadata.to_json(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
    return validate(folder / FILE)


def validate(path: Path) -> list[str]:
    """Warnings of mlcroissant about a file, sorted. Raises ValueError for its errors; touches no network."""
    try:
        issues = mlc.Dataset(jsonld=str(path)).metadata.ctx.issues
    except mlc.ValidationError as error:
        raise ValueError(f"{path.name} is not valid Croissant: {error}") from None
    return sorted(issues.warnings)


def _date(config: PublishConfig) -> str | None:
    return config.date.isoformat() if config.date else None


def _schemas(folder: Path) -> dict[str, pa.Schema]:
    return {path.stem: pq.read_schema(path) for path in sorted(folder.glob("*.parquet"))}


def _kinds(schema: pa.Schema) -> str:
    units = dict.fromkeys(fact(field, "unit") for field in schema)
    return f"{len(schema)} columns in {', '.join(units)}"


def _record_set(context: Any, name: str, schema: pa.Schema, row: str, of_files: bool = False) -> Any:
    """A record set with one field per column of a table, and the file's path where each sequence has such a table."""
    source = {"file_set": f"{name}-files"} if of_files else {"file_object": f"{name}.parquet"}
    fields = [_field(context, name, field, source) for field in schema]
    if of_files:
        path = mlc.Source(extract=mlc.Extract(file_property=mlc.FileProperty.fullpath), **source)
        text = "path of the file: data_path of the sequence and name of the table"
        fields.insert(
            0,
            mlc.Field(
                ctx=context,
                id=f"{name}/path",
                name=f"{name}/path",
                description=text,
                source=path,
                data_types=[mlc.DataType.TEXT],
            ),
        )
    return mlc.RecordSet(ctx=context, id=name, name=name, description=f"one record: {row}", fields=fields)


def _field(context: Any, table: str, field: pa.Field, source: Mapping[str, str]) -> Any:
    many = pa.types.is_list(field.type)
    unit, text = unit_of(field), fact(field, "description")
    described = f"{text} [{unit}]".strip() if unit else text
    name, kind = f"{table}/{field.name}", _type(field.type.value_type if many else field.type)
    column = mlc.Source(extract=mlc.Extract(column=field.name), **source)
    return mlc.Field(
        ctx=context,
        id=name,
        name=name,
        description=described or None,
        data_types=[kind],
        source=column,
        repeated=True if many else None,
    )


def _type(kind: pa.DataType) -> Any:
    if pa.types.is_boolean(kind):
        return mlc.DataType.BOOL
    if pa.types.is_integer(kind):
        return mlc.DataType.INTEGER
    return mlc.DataType.FLOAT if pa.types.is_floating(kind) else mlc.DataType.TEXT
