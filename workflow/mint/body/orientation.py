"""Which way is up? If head and feet lie along another axis than the vertical, the file has other axes than assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import Landmarks
from mint.body.stance import (
    AXES,
    at_zero,
    foot_levels,
    lies,
    mostly_level,
    on_hands,
    soles_flat,
    steps,
    travel,
    upright_shares,
)
from mint.config.human import HumanConfig
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import UpAxis, axis_in_file

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """Which axis of the file became y, by `mint.formats.ground_frame`, and the setting that says so, if any."""

    up: UpAxis
    setting: str = ""

    def name(self, axis: Floats) -> str:
        """An axis `(3,)` of the OpenSim frame as the file calls it, such as `+z`."""
        return axis_in_file(axis, self.up)


def check_orientation(path: str, marks: Landmarks, frame: Frame, config: HumanConfig) -> list[str]:
    """Warnings; raises StageError(ORIENTATION) for a motion that stands along another axis than the vertical.

    `marks` are landmarks `(n, 3)` m, y up. A person may be upside down, crawl, roll or lie. A file is refused if head
    and feet lie along one other axis throughout, the feet keep a level along it, and there is a floor: at zero, with
    soles flat on it or stepping across it; or wherever the body travels on flat soles, unless it looks like one that
    lies on the file's own floor. Who hangs head down is refused unless the hands are on the floor. What remains open
    is a warning that names both readings; support decides then.
    """
    shares = upright_shares(marks, config.upright_deg)
    if shares is None:
        return []
    axis, share = AXES[int(np.argmax(shares))], float(np.max(shares))
    if shares[0] > 1 - config.upright_share or share < config.upright_share:
        return []
    levels = foot_levels(marks, axis)
    if not mostly_level(levels, config):
        return []
    floor, moved = float(np.percentile(levels, 10)), travel(marks, axis)
    travels, flat = moved > config.travel_m, soles_flat(marks, axis)
    standing = flat or travels or steps(marks, axis) > config.travel_m
    alone = not (on_hands(marks, AXES[0], config) if axis[1] < 0 else lies(marks, AXES[0], config))
    along = f"head and feet lie along the file's {frame.name(axis)} axis in {100 * share:.0f} % of the frames"
    expected = f"the vertical is expected along {frame.name(AXES[0])}"
    if (at_zero(floor, config) and (standing or alone)) or (alone and (axis[1] < 0 or (travels and flat))):
        evidence = f"the feet keep a level of {floor:.2f} m along it, the body moves {moved:.1f} m across it"
        raise StageError(Reason.ORIENTATION, f"{path}: {along}, {evidence}; {expected}", remedy=_remedy(axis, frame))
    return [f"{path}: {along}; {expected}: the body lies or is upside down throughout, or the file has other axes"]


def _remedy(axis: Floats, frame: Frame) -> str:
    found = frame.name(axis)
    if frame.setting:
        return f"set {frame.setting}: auto, or {found.removeprefix('+')}"
    wanted = frame.name(AXES[0])[1]
    turn = (
        f"turn the file (trans and the root's rotation in poses) so that its {found} axis becomes +{wanted}, by a "
        "rotation, not by exchanging axes"
    )
    if found == "-y":
        return f"these are coordinates of a camera (y down): export the motion in coordinates of the world, or {turn}"
    return turn
