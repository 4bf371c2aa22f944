"""What registration refuses, and what to add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from mint.body.landmark_table import CLUSTER, Landmark, landmarks, names_of
from mint.body.marker_names import listed
from mint.core.status import Reason, StageError
from mint.kinematics.inverse.determined import SEGMENTS, UNDETERMINED_RAD, carries, uncertainty
from mint.kinematics.registration.fit import Fit, Sample, task_sd_rad

# Coordinates that are taken to stay near their default where nothing on the pelvis tells its tilt, by their beginning.
_SPINE = "L5_S1_"
_SHOWN = 4


def refuse_few(names: Sequence[str], marks: Mapping[str, Landmark]) -> NoReturn:
    """Raise StageError(MARKER_MISSING): names of too few markers are those of landmarks."""
    raise StageError(
        Reason.MARKER_MISSING,
        f"{len(marks)} of {len(names)} marker names are those of landmarks of the body: "
        f"{listed(list(marks)) if marks else 'none'}; not known: "
        f"{listed([name for name in names if name not in marks])}",
        remedy="name markers as in resources/landmarks.csv (RASI or R_IAS, RKNE or R_FLE, ...), or write a marker set "
        "for this laboratory (docs/motion/markers.md) and name it in column marker_set",
    )


def refuse_astray(astray: Sequence[str], own: Mapping[str, float], marks: Mapping[str, Landmark]) -> NoReturn:
    """Raise StageError(SCALING): the body does not fit its landmarks."""
    texts = [f"{name} {1e3 * own[name]:.0f} mm from the {marks[name].name.replace('_', ' ')}" for name in astray]
    raise StageError(
        Reason.SCALING,
        f"{len(astray)} of {len(marks)} markers do not lie where their names say: {listed(texts)}",
        remedy="correct the names, or write a marker set for this laboratory (docs/motion/markers.md) and name it in "
        "column marker_set",
    )


def refuse_undetermined(
    first: Fit, sample: Sample, coordinates: Mapping[str, Mapping[str, Any]], marks: Mapping[str, Landmark], model: str
) -> dict[str, float]:
    """Tasks (coordinate -> weight) for the spine where only these tell the tilt of the pelvis, mostly none.

    Raises StageError(MARKER_MISSING) for a leg, the pelvis or the trunk that the landmarks do not determine in any
    frame, with the landmarks to add.
    """
    lost = _lost(first, sample, {})
    if not lost:
        return {}
    spine = {name: float(row["scale_weight"]) for name, row in coordinates.items() if name.startswith(_SPINE)}
    left = _lost(first, sample, {name: task_sd_rad(weight) for name, weight in spine.items()})
    if not left:
        return spine
    there = {mark.name for mark in marks.values()}
    texts, missing = [], []
    for segment in left:
        add = [
            name
            for name, mark in landmarks(model).items()
            if mark.body in _bodies(segment) and name not in there and mark.kind != CLUSTER and names_of(name)
        ]
        own = [name for name, mark in marks.items() if mark.body in _bodies(segment)]
        texts.append(f"the {segment} (landmarks there: {listed(own) if own else 'none'})")
        missing += [f"{names_of(name)} ({name.replace('_', ' ')})" for name in add[:_SHOWN]]
    raise StageError(
        Reason.MARKER_MISSING,
        f"the markers do not tell how {', '.join(texts)} is turned",
        remedy=f"add or rename markers, in the static trial at least: {'; '.join(missing)}",
    )


def _lost(first: Fit, sample: Sample, assumed: Mapping[str, float]) -> list[str]:
    """Segments that carry and that no frame determines."""
    known = np.asarray(np.isfinite(sample.points).all(axis=2))
    for group in sample.level:
        for row in np.flatnonzero(sample.standing):
            known[row, group] = True
    segments, values = uncertainty(first.kinematics, first.poses, known, assumed)
    return [
        name
        for name, column in zip(segments, values.T, strict=True)
        if carries(name) and float(column.min()) > UNDETERMINED_RAD
    ]


def _bodies(segment: str) -> tuple[str, ...]:
    if segment.endswith("foot"):
        return (*SEGMENTS[segment], f"toes_{segment[0]}")
    return SEGMENTS[segment] if segment != "trunk" else (*SEGMENTS[segment], "sternum", "scapula_R", "scapula_L")


def refuse_exchanged(
    pairs: Sequence[tuple[str, str]], own: Mapping[str, float], across: Mapping[str, float], where: str
) -> NoReturn:
    """Raise StageError(SIDES) for markers that lie where their partners should."""
    texts = [
        f"{a} and {b} ({1e3 * own[a]:.0f} and {1e3 * own[b]:.0f} mm from their places, {1e3 * across[a]:.0f} and "
        f"{1e3 * across[b]:.0f} mm from each other's)"
        for a, b in pairs
    ]
    raise StageError(
        Reason.SIDES,
        f"left and right are exchanged at {'; '.join(texts)}",
        remedy=f"exchange the names{f' in the trials or in {where}' if where else ''}",
    )
