"""Compare how two people of a dataset walk: leg muscles and ground force over the gait cycle.

    python examples/compare_people.py results/dataset --people MintDemo/demo_f MintDemo/demo_m

A gait cycle lasts from a strike of a foot to the next strike of the same foot. Cycles of both feet are taken, each
with the muscles and the ground force of its own side.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mint.reader import MintReader

# Frames of chunks that do not meet this count as missing.
GOOD = "status == 'accepted' and faults.str.len() == 0"
FRAME_RATE_HZ, GRAVITY_M_S2 = 50, 9.80665
FORCE = "vertical_force_bw"


def gait_cycles(data: MintReader, muscles: list[str]) -> pd.DataFrame:
    """Whole gait cycles of everybody, 101 rows each: person, cycle, percent, force in body weights, activations."""
    found = []
    for step in data.steps().dropna(subset="stride_time_s").itertuples():
        who, foot = data.sequences.loc[step.sequence_id], "right" if step.side == "r" else "left"
        # A window of 101 samples at this rate is one cycle, however long the cycle is.
        window = data.window_at(
            step.sequence_id,
            start_frame=round((step.stop_s - step.stride_time_s) * FRAME_RATE_HZ),
            n=101,
            rate_hz=100 / step.stride_time_s,
            tables=["muscle_activations", "grf"],
            columns={
                "muscle_activations": [f"LU_{muscle}_{step.side}" for muscle in muscles],
                "grf": [f"ground_force_{foot}_vy"],
            },
            chunk_quality=GOOD,
        )
        if window.present.all():
            cycle = pd.DataFrame(window.arrays["muscle_activations"], columns=muscles)
            cycle.insert(0, FORCE, window.arrays["grf"][:, 0] / (who["weight_kg"] * GRAVITY_M_S2))
            cycle.insert(0, "percent", np.arange(101))
            cycle.insert(0, "cycle", len(found))
            cycle.insert(0, "person", f"{who['dataset']}/{who['subject']}")
            found.append(cycle)
    return pd.concat(found) if found else pd.DataFrame(columns=["person"])


def main() -> None:
    """Write the mean cycles and a line per person as CSV, and draw the cycles."""
    parser = argparse.ArgumentParser(description="Compare how two people of a dataset walk.")
    parser.add_argument("dataset", type=Path, help="folder `dataset` of the results, or a release")
    parser.add_argument("--people", nargs=2, metavar="DATASET/SUBJECT", help="by default the first two who walk")
    parser.add_argument("--muscles", nargs="+", default=["soleus", "gasmed", "tibant", "vaslat", "glmax1"])
    parser.add_argument("--out", type=Path, default=Path("compared"), help="folder to write to")
    asked = parser.parse_args()

    cycles = gait_cycles(MintReader(asked.dataset), asked.muscles)
    walkers = sorted(cycles["person"].unique())
    people = asked.people or walkers[:2]
    if len(people) < 2 or not set(people) <= set(walkers):
        raise SystemExit(f"Two people with gait cycles are needed; there are {', '.join(walkers) or 'none'}.")
    cycles = cycles[cycles["person"].isin(people)]
    curves = cycles.drop(columns="cycle").groupby(["person", "percent"]).agg(["mean", "std"])
    table = cycles.groupby("person")[asked.muscles].mean().add_prefix("mean_activation_")
    # The peak of each cycle first, then their mean: the peak of the mean curve would be lower.
    table.insert(0, "peak_force_bw", cycles.groupby(["person", "cycle"])[FORCE].max().groupby("person").mean())
    table.insert(0, "cycles", cycles.groupby("person")["cycle"].nunique())

    asked.out.mkdir(parents=True, exist_ok=True)
    table.round(4).to_csv(asked.out / "people.csv")
    curves.xs("mean", axis=1, level=1).round(4).to_csv(asked.out / "gait_cycle.csv")
    figure, axes = plt.subplots(len(asked.muscles) + 1, sharex=True, figsize=(6, 2 * len(asked.muscles) + 2))
    for axis, quantity in zip(axes, [FORCE, *asked.muscles], strict=True):
        for person in people:
            curve = curves.loc[person, quantity]
            axis.plot(curve.index, curve["mean"], label=person)
            axis.fill_between(curve.index, curve["mean"] - curve["std"], curve["mean"] + curve["std"], alpha=0.2)
        axis.set_ylabel("ground force [body weights]" if quantity == FORCE else quantity)
    axes[0].legend(title="mean and standard deviation")
    axes[-1].set_xlabel("gait cycle [%]")
    figure.savefig(asked.out / "gait_cycle.png", dpi=150, bbox_inches="tight")
    print(table.loc[people].round(3).T.to_string(), f"written to {asked.out}", sep="\n")


if __name__ == "__main__":
    main()
