"""Trials of the people bench to people, and people to halves, by medians."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

# Name in the table: column of a stance. Differences count by their magnitude.
FORCES = {
    "vertical_rmse_bw": "vertical_rmse_bw",
    "vertical_mae_bw": "vertical_mae_bw",
    "fore_aft_rmse_bw": "fore_aft_rmse_bw",
    "lateral_rmse_bw": "lateral_rmse_bw",
    "cop_mm": "cop_fore_aft_rmse_mm",
    "cop_shape_mm": "cop_fore_aft_shape_mm",
    "cop_lateral_mm": "cop_lateral_rmse_mm",
    "strike_ms": "strike_ms",
    "toe_off_ms": "toe_off_ms",
}
# With the envelope, with the active state that it predicts, and by how much activation is later than the envelope.
EMG = {"emg_r": "correlation", "emg_active_r": "active_correlation", "emg_lag_s": "best_lag_s"}
COUNTS = ("chunks", "accepted", "excluded", "refused", "pending")


def per_person(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row per person: sums of chunks, medians over stances, and over trials of each channel and coordinate."""
    out = []
    for person in dict.fromkeys(trial["person"] for trial in trials):
        own = [trial for trial in trials if trial["person"] == person]
        counts = {key: sum(trial[key] for trial in own) for key in COUNTS}
        row = {"person": person, "half": own[0]["half"], **counts, "accepted_share": _share([counts])}
        out.append(row | _measured(own) | {"in_time": _measured([trial.get("in_time", {}) for trial in own])})
    return out


def _measured(parts: list[dict[str, Any]]) -> dict[str, Any]:
    met = [stance for each in parts for stance in each.get("stance", [])]
    forces = {name: _median([stance[column] for stance in met], True) for name, column in FORCES.items()}
    moments = _by([row for each in parts for row in each.get("moment", [])], "coordinate", "rmse_percent_range")
    channels = [row for each in parts for row in each.get("channel", [])]
    return {
        "stances": len(met),
        **forces,
        "contact_s": _contact_s(forces),
        "moment_range_percent": _sides(moments),
        **{name: _by(channels, "channel", column) for name, column in EMG.items()},
    }


def _contact_s(forces: dict[str, float | None]) -> float | None:
    known = [value for name in ("strike_ms", "toe_off_ms") if (value := forces[name]) is not None]
    return round(max(known) / 1e3, 4) if known else None


def _by(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, float | None]:
    return {
        name: _median([row[value] for row in rows if row[key] == name])
        for name in dict.fromkeys(row[key] for row in rows)
    }


def _sides(moments: dict[str, float | None]) -> dict[str, float | None]:
    """Both sides of a coordinate together."""
    stems = dict.fromkeys(name.removesuffix("_r").removesuffix("_l") for name in moments)
    return {stem: _median([moments.get(f"{stem}_{side}") for side in "rl"]) for stem in stems}


def per_group(people: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each half, and each half of each collection: walking and running are not to be mixed."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for half in ("choose", "judge"):
        for row in people:
            if row["half"] == half:
                collection = row["person"].partition("/")[0]
                groups.setdefault(half, []).append(row)
                groups.setdefault(f"{half} {collection}", []).append(row)
    return {
        name: {
            "people": len(rows),
            "accepted_share": _share(rows),
            **_over(rows),
            "in_time": _over([row["in_time"] for row in rows]),
        }
        for name, rows in groups.items()
    }


def _over(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over people."""
    out: dict[str, Any] = {name: _median([row[name] for row in rows]) for name in (*FORCES, "contact_s")}
    for kind in ("moment_range_percent", *EMG):
        out[kind] = {
            name: _median([row[kind].get(name) for row in rows])
            for name in dict.fromkeys(name for row in rows for name in row[kind])
        }
    return out


def show(table: dict[str, Any]) -> None:
    """Print people, refusals, halves, moments and muscles."""
    print(pd.DataFrame(table["people"])[["person", "half", *COUNTS, "stances", *FORCES]].to_string(index=False))
    for trial in table["trials"]:
        for message in trial["messages"]:
            print(f"{trial['file']}: {message}")
    groups = table["groups"]
    print(pd.DataFrame(groups).T.drop(columns=[*EMG, "moment_range_percent", "in_time"]).to_string())
    print("with the clock of the plates shifted (`plates_late_s`):")
    for kind in (*FORCES, "contact_s"):
        print(f"  {kind:20s}", {name: row["in_time"][kind] for name, row in groups.items()})
    for kind in ("moment_range_percent", *EMG):
        print(pd.DataFrame({name: row["in_time"][kind] for name, row in groups.items()}).T.to_string())


def _share(rows: list[dict[str, Any]]) -> float | None:
    """Accepted chunks of those that feet support; None as long as some are not computed."""
    supported = sum(row["chunks"] - row["excluded"] for row in rows)
    known = supported > 0 and not any(row["pending"] for row in rows)
    return round(sum(row["accepted"] for row in rows) / supported, 3) if known else None


def _median(values: Iterable[float | None], magnitudes: bool = False) -> float | None:
    """Median of the values that are known, or of their magnitudes."""
    known = np.array([value for value in values if value is not None], dtype=float)
    known = np.abs(known) if magnitudes else known
    return round(float(np.median(known)), 4) if len(known) else None
