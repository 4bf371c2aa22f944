"""Data to learn motion to muscles from, made by the workflow itself.

`python bench/learning.py` puts recorded clips on bodies of many shapes (`bench/learning_motions.py`) and runs the
workflow on them in `results/bench/learning`, a few bodies at a time: one that was killed goes on, and what is there can
be learned from. `BODIES=n` says how many bodies, `SOLVER=pardiso` another linear solver.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from learning_motions import write_motions
from runs import body_settings, embedded_row, run_workflow
from trials import ROOT

RESULTS = Path("results/bench/learning")
BODIES = int(os.environ.get("BODIES", "") or 14)
SOLVER = os.environ.get("SOLVER", "") or "mumps"
AT_A_TIME = 2


def campaign() -> None:
    """The dataset of all bodies."""
    inputs = RESULTS / "inputs"
    clips = inputs / "wheels" / "pybullet"
    run_workflow(RESULTS, [embedded_row(inputs, "demo_f", "walk")], str(clips), str(inputs / "body/markers.csv"))
    folder = next((ROOT / clips).rglob("humanoid3d_walk.txt")).parent
    rows = write_motions(ROOT / RESULTS / "motions", folder, ROOT / inputs / "body", BODIES)
    settings = {"trajectory": {"linear_solver": SOLVER}, "body": body_settings(inputs / "body"),
                "babel": {"folder": str(ROOT / RESULTS / "motions/babel")}}
    # A run that was killed has left its lock; one that goes on is left alone.
    subprocess.run([sys.executable, "-m", "mint.campaign.resume", "--results", str(RESULTS), "--no-start"], cwd=ROOT,
                   check=True)
    people = list(dict.fromkeys(str(row["subject"]) for row in rows))
    for last in (*range(AT_A_TIME, len(people), AT_A_TIME), len(people)):
        chosen = [row for row in rows if row["subject"] in people[:last]]
        run_workflow(RESULTS, chosen, "dataset", config=settings)


if __name__ == "__main__":
    campaign()
