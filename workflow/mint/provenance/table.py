"""`provenance.parquet`: one row for every result, of subjects, sequences and chunks, from the traces beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mint.batch.check import SEQUENCE_STAGES, SUBJECT_OUTPUT
from mint.batch.digest import combined
from mint.batch.made import Made, trace_path
from mint.core.atomic import atomic_path
from mint.provenance.trace import CHUNK_STAGES, Traces, result_path, used

FILE = "provenance.parquet"
METADATA_KEY = "mint"
UNKNOWN = "unknown"
SCHEMA = pa.schema(
    [
        ("subject", pa.string()),
        ("sequence", pa.string()),
        ("chunk", pa.int32()),
        ("stage", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("path", pa.string()),
        ("digest", pa.string()),
        ("fingerprint", pa.string()),
        ("stale", pa.string()),
        ("method", pa.int32()),
        ("config_digest", pa.string()),
        ("values_digest", pa.string()),
        ("host", pa.string()),
        ("cpu", pa.string()),
        ("job", pa.string()),
        ("attempt", pa.int32()),
        ("started", pa.string()),
        ("ended", pa.string()),
        ("wall_s", pa.float64()),
        ("cpu_s", pa.float64()),
        ("max_rss_mb", pa.float64()),
        ("commit", pa.string()),
        ("packages_digest", pa.string()),
    ]
)
# Rows at a time: 11,000 sequences have some 600,000, which need not be in memory together.
_ROWS = 20_000


def run(results_dir: str | Path) -> Path:
    """Write `provenance.parquet` into `results_dir`, whole or not at all, and return its path.

    A result without a trace has the status `unknown`. `stale` names the arguments, separated by commas, whose file has
    another digest now than when it was used. The file's metadata hold, under `mint`, what digests stand for:
    `{"config": {digest: {..}}, "packages": {..}, "values": {..}}`, the values (marker adjustments) of subjects only.
    """
    results = Path(results_dir)
    target = results / FILE
    meanings: dict[str, dict[str, Any]] = {"config": {}, "packages": {}, "values": {}}
    with atomic_path(target) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
        rows: list[dict[str, Any]] = []
        for row in _rows(results, meanings):
            rows.append(row)
            if len(rows) == _ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
        writer.add_key_value_metadata({METADATA_KEY: json.dumps(meanings, sort_keys=True, default=str)})
    return target


def read_meanings(path: str | Path) -> dict[str, dict[str, Any]]:
    """What the digests of configuration, packages and values in the table stand for."""
    metadata = pq.read_metadata(path).metadata or {}
    meanings: dict[str, dict[str, Any]] = json.loads(metadata[METADATA_KEY.encode()])
    return meanings


def meaning_digest(value: Mapping[str, Any]) -> str:
    """Digest of a mapping of plain values."""
    return combined([json.dumps(value, sort_keys=True, default=str)])


def _rows(results: Path, meanings: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    traces = Traces(results)
    for folder in _folders(results / "subjects"):
        for stage, file in SUBJECT_OUTPUT.items():
            yield from _row(f"subjects/{folder.name}/{file}", stage, meanings, traces, subject=folder.name)
    for folder in _folders(results / "sequences"):
        # What subjects share stays in memory, the rest is not asked for again.
        traces.forget_sequences()
        chunks = SEQUENCE_STAGES.index("merge")  # stages of chunks come before it
        for stage in SEQUENCE_STAGES[:chunks]:
            yield from _row(result_path(stage, folder.name), stage, meanings, traces, sequence=folder.name)
        for chunk in _chunks(folder / "chunks"):
            for stage in CHUNK_STAGES:
                path = result_path(stage, folder.name, chunk)
                yield from _row(path, stage, meanings, traces, sequence=folder.name, chunk=chunk)
        for stage in SEQUENCE_STAGES[chunks:]:
            yield from _row(result_path(stage, folder.name), stage, meanings, traces, sequence=folder.name)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _chunks(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in _folders(folder) if path.name.isdigit())


def _row(
    path: str,
    stage: str,
    meanings: dict[str, dict[str, Any]],
    traces: Traces,
    *,
    subject: str = "",
    sequence: str = "",
    chunk: int | None = None,
) -> Iterator[dict[str, Any]]:
    made = traces.node(path).made
    where = {"subject": subject, "sequence": sequence, "chunk": chunk, "stage": stage, "path": path}
    if made is not None:
        yield where | _facts(made, traces, meanings, with_values=bool(subject))
    elif (traces.results / path).exists() or trace_path(traces.results / path).exists():
        yield where | {"status": UNKNOWN, "stale": ""}


def _facts(made: Made, traces: Traces, meanings: dict[str, dict[str, Any]], *, with_values: bool) -> dict[str, Any]:
    digests = {"config": meaning_digest(made.config), "packages": meaning_digest(made.packages)}
    meanings["config"].setdefault(digests["config"], made.config)
    meanings["packages"].setdefault(digests["packages"], made.packages)
    if with_values:
        digests["values"] = meaning_digest(made.values)
        meanings["values"].setdefault(digests["values"], made.values)
    stale = {
        argument
        for argument, source, digest in used(made)
        if (now := traces.node(source).digest) and digest and now != digest
    }
    plain = (
        "status",
        "reason",
        "digest",
        "fingerprint",
        "method",
        "host",
        "cpu",
        "job",
        "attempt",
        "started",
        "ended",
        "wall_s",
        "cpu_s",
        "max_rss_mb",
        "commit",
    )
    return {
        **{name: getattr(made, name) for name in plain},
        "stale": ",".join(sorted(stale)),
        **{f"{name}_digest": digest for name, digest in digests.items()},
    }
