"""Where key points of video lie on the model: as the set-ups of the `pose2sim` wheel say if they fit the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mint.body.landmark_table import CLUSTER, Landmark, landmarks
from mint.core.status import Reason, StageError

# Model whose bodies the set-ups place markers on.
_OF = "pose2sim"
_STUDY, _SUFFIX = "study", "_study"
# A place farther from its landmark than so many times what markers of people differ is that of another point. The
# ankles of the augmented set are those of another model (29 and 33 mm above this one's), the heel of the key points is
# under the ankle (41 mm), `RHip` of COCO_17 is at the knee; the shoulders, by 36 mm, are as people's.
MOST_SD = 2.5

Candidates = Mapping[str, Sequence[Landmark]]


def read_places(path: str | Path) -> pd.DataFrame:
    """The table of rule video_places. Raises StageError(FILE_CORRUPT)."""
    try:
        return pd.read_csv(path, usecols=["set", "marker", "body", "x_m", "y_m", "z_m"])
    except (OSError, ValueError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path} is no table of video places: {error}") from error


def placed(
    candidates: Candidates, model: str, places: pd.DataFrame
) -> tuple[dict[str, list[Landmark]], dict[str, float]]:
    """The candidates of key points with places of the set-ups, and those whose place was not taken: how far off it is,
    m (infinite on another body).

    `candidates` are those of `recognized` for a file of key points. The set is the one that has most of the names. Ours
    is kept where the set-up has the marker on another body, or more than `MOST_SD` standard deviations from the
    landmark whose name it bears. On another model a key point is as far from its landmark as on the set-ups' own, where
    the landmark is on a body of the same name: frames of these are parallel.
    """
    own = landmarks(_OF)
    there = {name: _rows(places[places["set"] == name]) for name in places["set"].unique() if name != _STUDY}
    names = [name for name in candidates if not _is_study(name)]
    best = max(there, key=lambda name: sum(each in there[name] for each in names), default="")
    out, refused = {}, {}
    for name, found in candidates.items():
        out[name] = list(found)
        rows = _rows(places[places["set"] == _STUDY]) if _is_study(name) else there.get(best, {})
        if name not in rows or len(found) != 1 or found[0].kind == CLUSTER:
            continue
        body, place = rows[name]
        mark = own[found[0].name]
        off = place - np.array(mark.place_m)
        far = float(np.linalg.norm(off)) if body == mark.body else float("inf")
        if far > MOST_SD * mark.sd_m:
            refused[name] = far
        elif found[0].body == mark.body:
            x, y, z = (np.array(found[0].place_m) + off).tolist()
            out[name] = [replace(found[0], place_m=(x, y, z))]
    return out, refused


def _is_study(name: str) -> bool:
    return name.lower().endswith(_SUFFIX)


def _rows(places: pd.DataFrame) -> dict[str, tuple[str, np.ndarray]]:
    values = places[["x_m", "y_m", "z_m"]].to_numpy(dtype=float)
    return {name: (body, row) for name, body, row in zip(places["marker"], places["body"], values, strict=True)}
