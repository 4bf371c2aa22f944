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

from matplotlib.figure import Figure
from trials import ROOT

from mint.batch.check import output_path
from mint.batch.made import Made
from mint.core.atomic import atomic_path, write_text

MINT = str(Path(sys.executable).with_name("mint"))
_COLUMNS = (
    "sequence_id",
    "source",
    "path",
    "dataset",
    "subject",
    "gender",
    "mass_kg",
    "frame_rate_override",
    "static_path",
    "marker_set",
    "forces_path",
    "forces_offset_s",
    "emg_path",
    "emg_side",
)

Row = Mapping[str, Any]
# Embedded subjects and clips that feet support.
SHOWN = [
    (subject, clip)
    for subject in ("demo_f", "demo_m")
    for clip in ("walk", "run", "jump", "kick", "punch", "spin", "dance_a", "dance_b")
]


def clean_up(results: Path) -> None:
    """Unlock a folder of results that a killed run has left; one that goes on is left alone."""
    subprocess.run([MINT, "resume", "--results", str(results), "--no-start"], cwd=ROOT, check=True)


def embedded_row(inputs: Path, subject: str, clip: str) -> dict[str, Any]:
    """A row of the sequence table for an embedded clip below the folder `inputs` of some results."""
    return {
        "sequence_id": f"{subject}_{clip}",
        "source": "amass",
        "dataset": "MintDemo",
        "subject": subject,
        "path": inputs / f"amass/MintDemo/{subject}/{clip}_poses.npz",
    }


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
    """Processor time of stages of a chunk together [s], starts of their processes included, and the most megabytes that
    one of them took. The start of the job, which many chunks share, is left out."""
    seconds, megabytes = 0.0, 0.0
    for stage in stages:
        made = Made.read(output_path(ROOT / results, stage, f"{sequence}/{chunk}"))
        if made is None:
            raise FileNotFoundError(f"no trace of {stage} of {sequence}/{chunk} in {results}")
        seconds += made.cpu_s
        megabytes = max(megabytes, made.max_rss_mb)
    return seconds, megabytes


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    with atomic_path(path) as partial:
        figure.savefig(partial, format="png", dpi=120)


def write_table(results: Path, rows: Iterable[Row]) -> Path:
    """The sequence table of a folder of results."""
    table = ROOT / results / "sequences.tsv"
    lines = ["\t".join(_COLUMNS)] + ["\t".join(str(row.get(column, "")) for column in _COLUMNS) for row in rows]
    write_text(table, "\n".join(lines) + "\n")
    return table


def config_arguments(settings: Mapping[str, Any]) -> list[str]:
    """Settings as arguments of `--config`."""
    return [f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in settings.items()]


def run_workflow(results: Path, rows: Iterable[Row], *arguments: str, config: Mapping[str, Any] | None = None) -> None:
    """The workflow on `rows` of the sequence table, into the folder `results` (relative to the checkout)."""
    settings = {"sequences": str(write_table(results, rows)), "results": str(results), **(config or {})}
    cores = os.environ.get("MINT_BENCH_CORES", "")
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--profile",
        "local",
        *arguments,
        *(("--cores", cores) if cores else ()),
        "--config",
        *config_arguments(settings),
    ]
    subprocess.run(command, cwd=ROOT, check=True)
