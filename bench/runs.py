"""What the benchmarks share: the workflow on a table of sequences, rows of embedded clips, figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from trials import ROOT

from mint.core.atomic import atomic_path, write_text
from mint.core.bundle import Bundle

_COLUMNS = ("sequence_id", "source", "path", "dataset", "subject", "gender", "mass_kg", "frame_rate_override",
            "static_path", "marker_set")

Row = Mapping[str, Any]
# Embedded subjects and clips that feet support.
SHOWN = [(subject, clip) for subject in ("demo_f", "demo_m")
         for clip in ("walk", "run", "jump", "kick", "punch", "spin", "dance_a", "dance_b")]


def embedded_row(inputs: Path, subject: str, clip: str) -> dict[str, Any]:
    """A row of the sequence table for an embedded clip below the folder `inputs` of some results."""
    return {"sequence_id": f"{subject}_{clip}", "source": "amass", "dataset": "MintDemo", "subject": subject,
            "path": inputs / f"amass/MintDemo/{subject}/{clip}_poses.npz"}


def body_settings(folder: Path) -> dict[str, str]:
    """Section `body` of the configuration that selects the body models of a folder."""
    return {"model_dir": str(folder), "marker_map": str(folder / "markers.csv")}


@contextmanager
def unless_same(path: Path) -> Iterator[Path]:
    """Yield a path of the same name to write; it replaces `path` if the content is another. What is made from an
    unchanged file need not run again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        written = Path(folder) / path.name
        yield written
        if not path.exists() or path.read_bytes() != written.read_bytes():
            written.replace(path)


def chunk_cost(results: Path, sequence: str, chunk: str, stages: Sequence[str]) -> tuple[float, float]:
    """Core seconds of the jobs of a chunk together, and the most megabytes that one of them took.

    A stage counts with processor time of the child that did the work, and wall time of the job around it: what else
    runs on the machine, Snakemake itself for one, lengthens wall time. A passed-on status is of no child.
    """
    seconds, megabytes = 0.0, 0.0
    for stage in stages:
        table = pd.read_csv(ROOT / results / "benchmarks" / stage / f"{sequence}_{chunk}.tsv", sep="\t")
        status = Bundle.read(ROOT / results / "sequences" / sequence / "chunks" / chunk / f"{stage}.npz").status
        own = status.stage == stage and bool(status.cpu_s)
        seconds += float(table["s"].iloc[-1]) + (status.cpu_s - status.wall_s if own else 0.0)
        megabytes = max(megabytes, float(pd.to_numeric(table["max_rss"], errors="coerce").iloc[-1]))
    return seconds, megabytes


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    with atomic_path(path) as partial:
        figure.savefig(partial, format="png", dpi=120)


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
