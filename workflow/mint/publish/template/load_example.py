"""How to open this release; needs pandas and pyarrow only. `python load_example.py [sequence_id]`"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent


def windows(sequence_id: str, seconds: float) -> list[tuple[float, float]]:
    """Windows [start, stop) s of that length without a gap, one after the other."""
    intervals = pd.read_parquet(ROOT / "intervals.parquet")
    frames = round(50 * seconds)
    found: list[tuple[float, float]] = []
    mine = intervals[(intervals["sequence_id"] == sequence_id) & intervals["present"]]
    for first, stop in mine[["frame_start", "frame_stop"]].to_numpy(dtype=int):
        found += [(start / 50, (start + frames) / 50) for start in range(first, stop - frames + 1, frames)]
    return found


def load(data_path: str, table: str, start: float, stop: float) -> pd.DataFrame:
    """Rows of a window [start, stop) s of `muscle_activations`, `muscle_forces` or `grf`, by time in seconds."""
    frame = pd.read_parquet(ROOT / data_path / f"{table}.parquet")
    frame = frame[(frame["frame"] >= round(50 * start)) & (frame["frame"] < round(50 * stop))]
    return frame.drop(columns="frame").set_index("time_s")


def main() -> None:
    """Print the strongest muscles of a window of one second."""
    sequences = pd.read_parquet(ROOT / "sequences.parquet").set_index("sequence_id")
    print(f"{len(sequences)} sequences, {sequences['analysed_s'].sum() / 3600:.2f} h")
    names = sys.argv[1:] or list(sequences.index[:1])
    for name in names:
        found = windows(name, 1.0)
        print(f"{name}: {len(found)} windows of 1 s without a gap")
        if found:
            start, stop = found[0]
            path = str(sequences.loc[name, "data_path"])
            activations = load(path, "muscle_activations", start, stop).dropna(axis="columns", how="all")
            strongest = activations.mean().nlargest(5)
            listed = ", ".join(f"{muscle} {value:.2f}" for muscle, value in strongest.items())
            print(f"strongest from {start:.2f} to {stop:.2f} s: {listed}")
            force = load(path, "grf", start, stop)
            vertical = force["ground_force_right_vy"] + force["ground_force_left_vy"]
            print(f"mean vertical ground force {vertical.mean():.0f} N")


if __name__ == "__main__":
    main()
