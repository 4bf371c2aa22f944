"""What the benchmarks share: the workflow on a table of sequences, and the measured trials with their force plates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.atomic import write_text
from mint.core.motionfiles import read_storage

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("MINT_SHARED", ROOT.parent / "shared"))
OPENCAP = SHARED / "motion" / "opencap_subject4"
STANDARD_GRAVITY = 9.80665
# Body weight over standard gravity, from the force plates in the static trial of the OpenCap subject.
STATIC_MASS_KG = 589 / STANDARD_GRAVITY
_COLUMNS = ("sequence_id", "source", "path", "dataset", "subject", "gender", "mass_kg", "frame_rate_override",
            "static_path", "marker_set")

Row = Mapping[str, Any]


def opencap_row(sequence: str, trial: str, subject: str, mass_kg: float) -> dict[str, Any]:
    """A row of the sequence table for a trial of the OpenCap subject."""
    return {"sequence_id": sequence, "source": "trc", "path": OPENCAP / f"{trial}.trc", "dataset": "OpenCap",
            "subject": subject, "mass_kg": f"{mass_kg:.3f}", "static_path": OPENCAP / "static1.trc",
            "marker_set": "opencap_vicon"}


def run_workflow(results: Path, rows: Iterable[Row], *arguments: str,
                 config: Mapping[str, Any] | None = None) -> None:
    """The workflow on `rows` of the sequence table, into the folder `results` (relative to the checkout)."""
    table = ROOT / results / "sequences.tsv"
    lines = ["\t".join(_COLUMNS)] + ["\t".join(str(row.get(column, "")) for column in _COLUMNS) for row in rows]
    write_text(table, "\n".join(lines) + "\n")
    settings = {"sequences": str(table), "results": str(results), **(config or {})}
    command = [sys.executable, "-m", "snakemake", "--profile", "local", *arguments, "--config",
               *(f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in settings.items())]
    subprocess.run(command, cwd=ROOT, check=True)


def plate_force(trial: str, time_s: np.ndarray) -> np.ndarray:
    """Vertical force (n, 2) N of the plates under a trial of the OpenCap subject at `time_s (n,)`, in their order."""
    time, columns, values, _ = read_storage(OPENCAP / f"{trial}_grf.mot")
    sides = [values[:, columns.index(f"ground_force_{plate}_vy")] for plate in (1, 2)]
    return np.stack([np.interp(time_s, time, side) for side in sides], axis=1)
