"""Measured trials through the whole workflow: ground forces against force plates.

`python bench/measured.py` reads the optical trials of one subject from the data folder beside the checkout
(MINT_SHARED), runs the workflow on them in `results/bench/measured`, and writes
`results/benchmarks/measured.json`: per trial and subject mass the vertical force RMSE in body weights, the ratio of
mean vertical forces, and the largest difference of stance start and end.

The subject has two masses: the plates of static1 weigh 60.06 kg, the published model has 62.6 kg. Over a step of
walking1 (three other plates) the published model's centre of mass asks for 1.000 body weight, while the plates sum to
1.054 times what static1 weighs: 63.3 kg. One mass cannot meet both kinds of trial within a few percent, so that
walking1 and squats1 run with each.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from runs import OPENCAP, ROOT, STANDARD_GRAVITY, STATIC_MASS_KG, opencap_row, plate_force, run_workflow

from mint.core.atomic import write_text
from mint.core.bundle import Bundle

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
        return f"subject4_{self.mass.split()[0]}"

    @property
    def sequence(self) -> str:
        """Sequence id in the workflow."""
        return f"{self.trial}_{self.mass.split()[0]}"


def published_mass_kg() -> float:
    """Sum of the body masses of the model published with the trials."""
    root = ElementTree.parse(OPENCAP / "optimized_scale_and_markers.osim").getroot()
    return sum(float(body.findtext("mass", "0")) for body in root.iter("Body"))


def runs() -> list[Run]:
    """Every trial with the mass of the static trial, those with a bar with the published mass too."""
    static = [Run(trial, "static plates", STATIC_MASS_KG) for trial in ("walking1", "squats1", "static1", "DJ1")]
    published = [Run(trial, "published model", published_mass_kg()) for trial in ("walking1", "squats1")]
    return static + published


def stance_difference_s(simulated: np.ndarray, measured: np.ndarray, time_s: np.ndarray) -> float:
    """Largest difference (s) of the instants at which either foot crosses the contact threshold."""
    worst = 0.0
    for side in range(2):
        instants = [np.flatnonzero(np.diff((force[:, side] > STANCE_N).astype(int))) for force in (simulated, measured)]
        for k in instants[1]:
            nearest = np.min(np.abs(time_s[instants[0]] - time_s[k])) if len(instants[0]) else np.inf
            worst = max(worst, float(nearest))
    return worst


def compare(run: Run) -> dict[str, float | str]:
    """Numbers of one trial over its accepted frames."""
    bundle = Bundle.read(ROOT / RESULTS / "sequences" / run.sequence / "sequence.npz")
    if not bundle.ok or len(bundle["frames"]) == 0:
        return {"trial": run.trial, "mass": run.mass, "status": bundle.status.message}
    time_s = bundle["frames"] / 50
    columns = bundle.names("grf_columns") if "grf_columns" in bundle else bundle.meta["grf_columns"]
    simulated = np.stack([bundle["grf"][:, columns.index(f"ground_force_{side}_vy")] for side in ("right", "left")], 1)
    plates = plate_force(run.trial, time_s)
    # Plates are numbered in the order of the walkway, not by side: take the assignment that fits.
    if np.abs(simulated - plates).sum() > np.abs(simulated - plates[:, ::-1]).sum():
        plates = plates[:, ::-1]
    # The lighter of the two body weights for both masses: an error never looks smaller by a heavier subject.
    weight = STATIC_MASS_KG * STANDARD_GRAVITY
    total, reference = simulated.sum(axis=1), plates.sum(axis=1)
    return {
        "trial": run.trial,
        "mass": run.mass,
        "mass_kg": round(run.mass_kg, 2),
        "frames": len(time_s),
        "share": round(len(time_s) / (bundle.meta["stop_frame"] - bundle.meta["first_frame"]), 3),
        "vertical_rmse_bw": float(np.sqrt(np.mean((total - reference) ** 2)) / weight),
        "vertical_rmse_per_foot_bw": float(np.sqrt(np.mean((simulated - plates) ** 2)) / weight),
        "mean_ratio": float(total.mean() / reference.mean()),
        "stance_difference_s": stance_difference_s(simulated, plates, time_s),
    }


def main(arguments: list[str]) -> None:
    """Run, compare, write and print."""
    run_workflow(RESULTS, (opencap_row(run.sequence, run.trial, run.subject, run.mass_kg) for run in runs()),
                 *arguments)
    rows = [compare(run) for run in runs()]
    write_text(ROOT / "results/benchmarks/measured.json", json.dumps(rows, indent=1))
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
