"""Is the root's translation in metres? Told by how high it is and by how far it moves per turn of the joints.

Both hold at any frame rate, so that a wrong unit is not blamed on the clock. What cannot be told: a person who stands
still with the pelvis as origin, whatever the unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.body.speeds import joint_speeds
from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

_UNITS = {"centimetres": 1e-2, "millimetres": 1e-3}
_PELVIS_M = (0.05, 1.6)  # lying to standing on a box, in a unit that would fit
# Who hardly moves still turns some joint so fast [rad/s]; without it who is carried or stands still would be refused.
_LEAST_RAD_S = 1.0
_REMEDY = "convert trans to metres, z up"


def check_root_units(path: str, poses: Floats, trans: Floats, rate_hz: float, config: ValidateConfig) -> list[str]:
    """Warnings about a doubtful unit of `trans (n, 3)`. Raises StageError(FIELD_VALUE) where it cannot be metres."""
    if not len(trans):
        return []
    height = float(np.median(trans[:, 2]))
    travel = float(np.percentile(trans[:, 2], 99) - np.percentile(trans[:, 2], 1))
    for what, value in (("the pelvis is at a height of", height), ("the pelvis moves up and down by", travel)):
        if abs(value) > config.max_root_height_m:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{path}: field trans: {what} {value:.4g} m, limit "
                f"{config.max_root_height_m:g} m{_fitting(abs(value))}",
                remedy=_REMEDY,
            )
    return _per_turn(path, poses, trans, rate_hz, config)


def _fitting(value: float) -> str:
    units = [
        f"{name} would make it {value * unit:.2f} m"
        for name, unit in _UNITS.items()
        if _PELVIS_M[0] <= value * unit <= _PELVIS_M[1]
    ]
    return f"; {' or '.join(units)}" if units else ""


def _per_turn(path: str, poses: Floats, trans: Floats, rate_hz: float, config: ValidateConfig) -> list[str]:
    """Speed of the root over that of the fastest joint, 95th percentiles, m/rad: 0.1 to 0.25 in the embedded motion."""
    if len(trans) < 2:
        return []
    root = float(np.percentile(np.linalg.norm(np.diff(trans, axis=0), axis=1), 95)) * rate_hz
    joint = float(np.percentile(joint_speeds(poses, rate_hz).max(axis=1), 95))
    ratio = root / max(joint, _LEAST_RAD_S)
    if ratio <= config.warn_root_per_turn_m:
        return []
    text = (
        f"{path}: field trans: the root moves at {root:.3g} m/s while the fastest joint turns at {joint:.3g} rad/s, "
        f"{ratio:.3g} m per rad"
    )
    if ratio > config.max_root_per_turn_m:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{text}, people reach {config.max_root_per_turn_m:g}: trans is not in metres "
            f"(centimetres would make it {ratio / 100:.2g})",
            remedy=_REMEDY,
        )
    return [f"{text}: is trans in metres? Who is carried or slides can do so"]
