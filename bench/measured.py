"""Measured trials through the whole workflow: against force plates, and where there are any joint moments and EMG.

`python bench/measured.py` reads the optical trials from the data folder beside the checkout (MINT_SHARED), runs the
workflow on them in `results/bench/measured`, and writes `results/benchmarks/measured.json`: per trial and subject mass
the RMSE of vertical and fore-aft force in body weights, the ratio of mean vertical forces, and the largest difference
of stance start and end; for moco_walk also joint moments against inverse dynamics with the plates' forces, and timing
of ten muscles against EMG, with a plot beside it.

The OpenCap subject has two masses: the plates of static1 weigh 60.06 kg, the published model has 62.6 kg. Over a step
of walking1 (three other plates) the published model's centre of mass asks for 1.000 body weight, while the plates sum
to 1.054 times what static1 weighs: 63.3 kg. One mass cannot meet both kinds of trial within a few percent, so that
walking1 and squats1 run with each.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moco_walk
import numpy as np
import pandas as pd
from runs import run_workflow
from trials import OPENCAP, ROOT, TRIALS, model_mass_kg

from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ

RESULTS = Path("results/bench/measured")
STANCE_N = 50.0  # above the noise of the plates at touch-down


@dataclass(frozen=True)
class Run:
    """One trial computed with one mass of the subject."""

    trial: str
    mass: str  # "static plates" or "published model"
    mass_kg: float

    @property
    def subject(self) -> str:
        """Subject of the workflow: one per mass, for a subject is scaled once."""
        return f"{TRIALS[self.trial].subject}_{self.mass.split()[0]}"

    @property
    def sequence(self) -> str:
        """Sequence id in the workflow."""
        return f"{self.trial}_{self.mass.split()[0]}"

    @property
    def folder(self) -> Path:
        """Results of the sequence."""
        return ROOT / RESULTS / "sequences" / self.sequence


def runs() -> list[Run]:
    """Every trial with the mass of its subject, those of two masses with the published one too."""
    static = [Run(trial, "static plates", TRIALS[trial].mass_kg) for trial in ("walking1", "squats1", "static1", "DJ1")]
    published_kg = model_mass_kg(OPENCAP / "optimized_scale_and_markers.osim")
    published = [Run(trial, "published model", published_kg) for trial in ("walking1", "squats1")]
    return [*static, *published, Run("moco_walk", "published model", TRIALS["moco_walk"].mass_kg)]


def stance_difference_s(simulated: np.ndarray, measured: np.ndarray, time_s: np.ndarray) -> float:
    """Largest difference (s) of the instants at which either foot crosses the contact threshold."""
    worst = 0.0
    for side in range(2):
        instants = [np.flatnonzero(np.diff((force[:, side] > STANCE_N).astype(int))) for force in (simulated, measured)]
        for k in instants[1]:
            nearest = np.min(np.abs(time_s[instants[0]] - time_s[k])) if len(instants[0]) else np.inf
            worst = max(worst, float(nearest))
    return worst


def compare(run: Run) -> dict[str, Any]:
    """Numbers of one trial over its accepted frames."""
    bundle = Bundle.read(run.folder / "sequence.npz")
    if not bundle.ok or len(bundle["frames"]) == 0:
        return {"trial": run.trial, "mass": run.mass, "status": bundle.status.message}
    trial = TRIALS[run.trial]
    told = trial.measured(bundle["frames"] / FRAME_RATE_HZ)
    time_s = bundle["frames"][told] / FRAME_RATE_HZ
    columns = bundle.meta["grf_columns"]
    simulated, plates = {}, {}
    for axis in "xy":
        places = [columns.index(f"ground_force_{side}_v{axis}") for side in ("right", "left")]
        simulated[axis], plates[axis] = bundle["grf"][told][:, places], trial.plate_force(time_s, axis)
    # Plates may be numbered in the order of the walkway, not by side: take the assignment that fits.
    if np.abs(simulated["y"] - plates["y"]).sum() > np.abs(simulated["y"] - plates["y"][:, ::-1]).sum():
        plates = {axis: force[:, ::-1] for axis, force in plates.items()}
    total = {axis: (simulated[axis].sum(axis=1), plates[axis].sum(axis=1)) for axis in "xy"}

    def rmse_bw(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.sqrt(np.mean((a - b) ** 2)) / trial.weight_N)

    return {
        "trial": run.trial,
        "mass": run.mass,
        "mass_kg": round(run.mass_kg, 2),
        "frames": len(time_s),
        "share": round(len(bundle["frames"]) / (bundle.meta["stop_frame"] - bundle.meta["first_frame"]), 3),
        "vertical_rmse_bw": rmse_bw(*total["y"]),
        "vertical_rmse_per_foot_bw": rmse_bw(simulated["y"], plates["y"]),
        "fore_aft_rmse_bw": rmse_bw(*total["x"]),
        "fore_aft_rmse_per_foot_bw": rmse_bw(simulated["x"], plates["x"]),
        "mean_ratio": float(total["y"][0].mean() / total["y"][1].mean()),
        "stance_difference_s": stance_difference_s(simulated["y"], plates["y"], time_s),
    }


def more_of_moco_walk(run: Run) -> dict[str, Any]:
    """Joint moments and muscle timing; the plot is written."""
    bundle = Bundle.read(run.folder / "sequence.npz")
    if not bundle.ok or len(bundle["frames"]) == 0:
        return {}
    moco_walk.plot(bundle, ROOT / "results/benchmarks/moco_walk_emg.png")
    return {"moments": moco_walk.moments(run.folder), "muscles": moco_walk.timing(bundle)}


def main(arguments: list[str]) -> None:
    """Run, compare, write and print."""
    run_workflow(RESULTS, (TRIALS[run.trial].row(run.sequence, run.subject, run.mass_kg) for run in runs()), *arguments)
    rows = [compare(run) for run in runs()]
    more = {run.trial: more_of_moco_walk(run) for run in runs() if run.trial == "moco_walk"}
    whole = [row | more.get(row["trial"], {}) for row in rows]
    write_text(ROOT / "results/benchmarks/measured.json", json.dumps(whole, indent=1))
    print(pd.DataFrame(rows).to_string(index=False))
    for numbers in more.values():
        for table in numbers.values():
            print(pd.DataFrame(table).T.to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
