"""Do the knees bend one way? Their angle, signed by where the toes point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.body.events import Mask
from mint.body.landmarks import SIDES, Landmarks
from mint.body.sides import dot, foot_direction, pelvis_direction, trunk_direction, unit
from mint.config.human import HumanConfig
from mint.core.chunks import FRAME_RATE_HZ, time_s
from mint.core.status import Reason, StageError
from mint.core.stretches import stretches

Floats = NDArray[np.float64]

# Sine of the angle between shank and foot below which the foot does not tell where forward is (a pointed foot).
_MIN_SINE = 0.4
# Without toes the pelvis tells where forward is, as long as the shank is within 60 degrees of the trunk's line.
_MIN_COSINE = 0.5
_SIDE_NAMES = {"r": "right", "l": "left"}


def check_knees(path: str, marks: Landmarks, config: HumanConfig) -> list[str]:
    """Warnings about knees that bend forwards; raises StageError(POSTURE) for what no knee does. `marks (n, 3)` m."""
    warnings = []
    for side in SIDES:
        angles = knee_angles(marks, side)
        if angles is None:
            continue
        for degrees, limit, way in (
            (-angles[0], config.max_hyperextension_deg, "forwards"),
            (np.abs(angles[1]), config.max_sideways_deg, "sideways"),
        ):
            start, stop = _longest(degrees > limit)
            if (stop - start) / FRAME_RATE_HZ > config.knee_time_s:
                most = float(np.max(degrees[start:stop]))
                raise StageError(
                    Reason.POSTURE,
                    f"{path}: the {_SIDE_NAMES[side]} knee bends {way} by up to {most:.0f} deg at "
                    f"{time_s(start):.2f} to {time_s(stop - 1):.2f} s, knees do by less than {limit:g} deg",
                    t_start_s=time_s(start),
                    t_end_s=time_s(stop - 1),
                )
        start, stop = _longest(-angles[0] > config.warn_hyperextension_deg)
        if (stop - start) / FRAME_RATE_HZ > config.knee_time_s:
            most = -float(np.min(angles[0][start:stop]))
            warnings.append(
                f"{path}: the {_SIDE_NAMES[side]} knee bends forwards by up to {most:.0f} deg at "
                f"{time_s(start):.2f} to {time_s(stop - 1):.2f} s"
            )
    return warnings


def knee_angles(marks: Landmarks, side: str) -> tuple[Floats, Floats] | None:
    """Flexion and sideways bend `(n,)` deg of a knee, NaN where the foot is pointed; None if a landmark is missing.

    With unit vectors t down the thigh, s down the shank and f forward (across s), flexion is atan2(t . f, t . s): a
    bent shank leaves the thigh's line backwards. Sideways is asin(t . (s x f)).
    """
    if any(f"{kind}_{side}" not in marks for kind in ("hip", "knee", "ankle")):
        return None
    thigh = unit(marks[f"knee_{side}"] - marks[f"hip_{side}"])
    shank = unit(marks[f"ankle_{side}"] - marks[f"knee_{side}"])
    forward, useful = foot_direction(marks, side), np.ones(len(shank), dtype=bool)
    if forward is None:
        forward, up = pelvis_direction(marks), trunk_direction(marks)
        if forward is None or up is None:
            return None
        with np.errstate(invalid="ignore"):
            useful = dot(-shank, up) > _MIN_COSINE
    across = forward - dot(forward, shank)[:, None] * shank
    with np.errstate(invalid="ignore"):
        useful = useful & (np.linalg.norm(across, axis=1) > _MIN_SINE)
    across = unit(across)
    flexion = np.arctan2(dot(thigh, across), dot(thigh, shank))
    sideways = np.arcsin(np.clip(dot(thigh, np.cross(shank, across)), -1, 1))
    return (np.where(useful, np.degrees(flexion), np.nan), np.where(useful, np.degrees(sideways), np.nan))


def _longest(mask: Mask) -> tuple[int, int]:
    """The longest stretch [start, stop) in which `mask (n,)` holds; (0, 0) if it never does."""
    return max(stretches(mask), key=lambda run: run[1] - run[0], default=(0, 0))
