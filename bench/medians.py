"""Trials of the people bench to people, and people to halves, by medians."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

# Of a stance; differences of time count by their magnitude.
FORCES = ("vertical_rmse_bw", "vertical_mae_bw", "fore_aft_rmse_bw", "lateral_rmse_bw", "cop_mm", "cop_shape_mm",
          "cop_lateral_mm", "touch_down_s", "toe_off_s", "stance_s")
COUNTS = ("chunks", "accepted", "excluded", "refused", "pending")


def per_person(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row per person: sums of chunks, medians over stances and trials."""
    out = []
    for person in dict.fromkeys(trial["person"] for trial in trials):
        own = [trial for trial in trials if trial["person"] == person]
        met, timed = ([stance for trial in own for stance in trial.get(key, []) if stance.get("foot")]
                      for key in ("stances", "stances_in_time"))
        counts = {key: sum(trial[key] for trial in own) for key in COUNTS}
        out.append({"person": person, "half": own[0]["half"], **counts, "accepted_share": _share([counts]),
                    "stances": len(met), **_medians(met, FORCES), "in_time": _medians(timed, FORCES),
                    "emg_r": _medians([trial.get("emg_r", {}) for trial in own])})
    return out


def per_group(people: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each half, and each half of each collection: walking and running are not to be mixed."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for half in ("choose", "judge"):
        for row in people:
            if row["half"] == half:
                collection = row["person"].partition("/")[0]
                groups.setdefault(half, []).append(row)
                groups.setdefault(f"{half} {collection}", []).append(row)
    return {name: {"people": len(rows), "accepted_share": _share(rows), **_medians(rows, FORCES),
                   "in_time": _medians([row["in_time"] for row in rows], FORCES),
                   "emg_r": _medians([row["emg_r"] for row in rows])} for name, rows in groups.items()}


def show(table: dict[str, Any]) -> None:
    """Print people, refusals, halves and muscles."""
    print(pd.DataFrame(table["people"])[["person", "half", *COUNTS, "stances", *FORCES]].to_string(index=False))
    for trial in table["trials"]:
        for message in trial["messages"]:
            print(f"{trial['file']}: {message}")
    print(pd.DataFrame(table["groups"]).T.drop(columns=["emg_r", "in_time"]).to_string())
    print("with the clock of the plates shifted (`plates_late_s`):")
    print(pd.DataFrame({name: row["in_time"] for name, row in table["groups"].items()}).T.to_string())
    print(pd.DataFrame({name: row["emg_r"] for name, row in table["groups"].items()}).T.to_string())


def _share(rows: list[dict[str, Any]]) -> float | None:
    """Accepted chunks of those that feet support; None as long as some are not computed."""
    supported = sum(row["chunks"] - row["excluded"] for row in rows)
    known = supported > 0 and not any(row["pending"] for row in rows)
    return round(sum(row["accepted"] for row in rows) / supported, 3) if known else None


def _medians(rows: list[dict[str, Any]], keys: Iterable[str] = ()) -> dict[str, float | None]:
    """Median of the magnitudes of each key, or of the values of all keys there are, over the rows that have it."""
    fixed = tuple(keys)
    out: dict[str, float | None] = {}
    for key in fixed or dict.fromkeys(key for row in rows for key in row):
        known = [float(row[key]) for row in rows if row.get(key) is not None]
        values = np.abs(known) if fixed else np.asarray(known)
        out[key] = round(float(np.median(values)), 4) if len(values) else None
    return out
