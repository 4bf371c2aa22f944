"""Compare how two people of a dataset walk: leg muscles and ground force over the gait cycle.

    python examples/compare_people.py results/dataset --sequences demo_f_walk demo_m_walk

A gait cycle lasts from a strike of a foot to the next strike of the same foot. Cycles of both feet are taken, each
with the muscles and the ground force of its own side.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mint.reader import MintReader

# Frames of other chunks count as missing.
ACCEPTED, FAULTLESS = "status == 'accepted'", "status == 'accepted' and faults.str.len() == 0"
FRAME_RATE_HZ, GRAVITY_M_S2 = 50, 9.80665
FORCE = "vertical_force_bw"


def gait_cycles(data: MintReader, sequences: list[str] | None, muscles: list[str], quality: str) -> pd.DataFrame:
    """Whole gait cycles, 101 rows each: person, cycle, percent, force in body weights, activations."""
    chosen, found = data.select(where=sequences), []
    steps = data.steps().dropna(subset="stride_time_s")
    for step in steps[steps["sequence_id"].isin(chosen.index)].itertuples():
        of, foot = chosen.loc[step.sequence_id], {"r": "right", "l": "left"}[step.side]
        strands = [f"LU_{muscle}_{step.side}" for muscle in muscles]
        columns = {"muscle_activations": strands, "grf": [f"ground_force_{foot}_vy"]}
        # A window of 101 samples at this rate is one cycle, however long the cycle is.
        start, rate_hz = round((step.stop_s - step.stride_time_s) * FRAME_RATE_HZ), 100 / step.stride_time_s
        window = data.window_at(
            step.sequence_id, start, 101, rate_hz, tables=list(columns), columns=columns, chunk_quality=quality
        )
        if window.present.all():
            person = {"person": f"{of['dataset']}/{of['subject']}", "cycle": len(found), "percent": np.arange(101)}
            force = {FORCE: window.arrays["grf"][:, 0] / (of["weight_kg"] * GRAVITY_M_S2)}
            activations = dict(zip(muscles, window.arrays["muscle_activations"].T, strict=True))
            found.append(pd.DataFrame(person | force | activations))
    return pd.concat(found) if found else pd.DataFrame(columns=["person"])


def main() -> None:
    """Write the mean cycles and a line per person as CSV, and draw the cycles."""
    parser = argparse.ArgumentParser(description="Compare how two people of a dataset walk.")
    parser.add_argument("dataset", type=Path, help="folder `dataset` of the results, or a release")
    parser.add_argument("--sequences", nargs="+", help="sequences to take cycles from; by default all")
    parser.add_argument("--muscles", nargs="+", default=["soleus", "gasmed", "tibant", "vaslat", "glmax1"])
    parser.add_argument("--faultless", action="store_true", help="leave chunks with faults out")
    parser.add_argument("--out", type=Path, default=Path("compared"), help="folder to write to")
    asked = parser.parse_args()

    quality = FAULTLESS if asked.faultless else ACCEPTED
    cycles = gait_cycles(MintReader(asked.dataset), asked.sequences, asked.muscles, quality)
    people = cycles["person"].unique()
    if len(people) != 2:
        told = ", ".join(people) or "nobody"
        raise SystemExit(f"Whole gait cycles of two people are needed; with {quality} there are those of {told}.")
    curves = cycles.drop(columns="cycle").groupby(["person", "percent"]).agg(["mean", "std"])
    table = cycles.groupby("person")[asked.muscles].mean().add_prefix("mean_activation_")
    # The peak of each cycle first, then their mean: the peak of the mean curve would be lower.
    table.insert(0, "peak_force_bw", cycles.groupby(["person", "cycle"])[FORCE].max().groupby("person").mean())
    table.insert(0, "cycles", cycles.groupby("person")["cycle"].nunique())
    asked.out.mkdir(parents=True, exist_ok=True)
    table.round(4).to_csv(asked.out / "people.csv")
    curves.xs("mean", axis=1, level=1).round(4).to_csv(asked.out / "gait_cycle.csv")

    figure, axes = plt.subplots(1 + len(asked.muscles), sharex=True, figsize=(6, 2 + 2 * len(asked.muscles)))
    for axis, quantity in zip(axes, [FORCE, *asked.muscles], strict=True):
        for person in people:
            mean, spread = curves.loc[person, (quantity, "mean")], curves.loc[person, (quantity, "std")]
            axis.plot(mean.index, mean, label=person)
            axis.fill_between(mean.index, mean - spread, mean + spread, alpha=0.2)
        axis.set_ylabel("ground force\n[body weights]" if quantity == FORCE else f"{quantity}\n[activation]")
    axes[0].legend(title="mean and standard deviation", loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    axes[-1].set_xlabel("gait cycle [%]")
    figure.savefig(asked.out / "gait_cycle.png", dpi=150, bbox_inches="tight")
    print(table.round(3).T.to_string(), f"written to {asked.out}", sep="\n")


if __name__ == "__main__":
    main()
