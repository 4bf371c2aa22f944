"""What the benchmarks share: the workflow on a table of sequences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trials import ROOT

from mint.core.atomic import write_text

_COLUMNS = ("sequence_id", "source", "path", "dataset", "subject", "gender", "mass_kg", "frame_rate_override",
            "static_path", "marker_set")

Row = Mapping[str, Any]


def run_workflow(results: Path, rows: Iterable[Row], *arguments: str,
                 config: Mapping[str, Any] | None = None) -> None:
    """The workflow on `rows` of the sequence table, into the folder `results` (relative to the checkout)."""
    table = ROOT / results / "sequences.tsv"
    lines = ["\t".join(_COLUMNS)] + ["\t".join(str(row.get(column, "")) for column in _COLUMNS) for row in rows]
    write_text(table, "\n".join(lines) + "\n")
    settings = {"sequences": str(table), "results": str(results), **(config or {})}
    cores = os.environ.get("MINT_BENCH_CORES", "")
    command = [sys.executable, "-m", "snakemake", "--profile", "local", *arguments,
               *(("--cores", cores) if cores else ()), "--config",
               *(f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in settings.items())]
    subprocess.run(command, cwd=ROOT, check=True)
