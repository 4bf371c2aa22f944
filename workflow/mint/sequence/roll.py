"""Whether the centre of pressure of a step rolls from heel to toes, which needs no force plate to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.pressure import centre_of_pressure
from mint.core.stretches import stretches
from mint.sequence.gait import SIDES

Floats = NDArray[np.float64]
# Stances of walking: running ones last 0.15 to 0.35 s, and then a frame is too long to see how a foot rolls.
_STANCE_S = (0.4, 1.2)
_LEAST_SPEED_M_S = 0.5  # forward, as the pelvis faces: slower is shuffling or standing
# Below this share of the stance's mean load the centre of pressure means little.
_LOADED_SHARE = 0.15
# Toe pads lie behind the front spheres' centres (resources/contact_spheres.csv).
_TOE_REACH_M = 0.035


@dataclass(frozen=True)
class Roll:
    """A stance of walking: side, its first and last frame, and of the centre of pressure while the foot is loaded the
    share of frames under the hind half of the foot, the farthest way back, and the farthest place [shares of the
    foot's length]."""

    side: str
    first: int
    last: int
    hind_share: float
    retreat_share: float
    reach_share: float

    @property
    def middle(self) -> int:
        """The frame in the middle."""
        return (self.first + self.last) // 2


def progress(cop: Floats, spheres: Floats, belt_m: Floats) -> Floats:
    """Place (n,) of the centre of pressure `cop (n, 3)` m on the foot: 0 under the rearmost contact sphere, 1 under
    the pads of the toes, along the foot as it stands when its spheres `(n, s, 3)` are lowest; `belt_m (n, 3)` is the
    way of the belt.
    """
    flat = int(np.argmin(spheres[:, :, 1].max(axis=1)))
    points = spheres[flat][:, [0, 2]]
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    ends = np.unravel_index(int(np.argmax(apart)), apart.shape)
    first = 0 if 0 in ends else int(ends[0])
    heel, front = points[first], points[int(ends[1] if ends[0] == first else ends[0])]
    axis = (front - heel) / max(float(np.linalg.norm(front - heel)), 1e-9)
    length = float(np.linalg.norm(front - heel)) - _TOE_REACH_M
    moved = (cop - (belt_m - belt_m[flat]))[:, [0, 2]]
    return np.asarray((moved - heel) @ axis / max(length, 1e-9), dtype=float)


def rolls(arrays: Mapping[str, Any], belt: Sequence[float], threshold_N: float) -> list[Roll]:
    """Stances of walking that a merged sequence holds whole, in order of their feet and times; none where it lacks
    what they are found from."""
    needed = {"frames", "spheres", "sphere_force_N", "sphere_point_m", "leg_coordinates", "leg_q"}
    if not needed <= arrays.keys():
        return []
    frames, names = np.asarray(arrays["frames"], dtype=int), [str(name) for name in arrays["spheres"]]
    force, point = (np.asarray(arrays[name], dtype=float) for name in ("sphere_force_N", "sphere_point_m"))
    coordinates, q = [str(name) for name in arrays["leg_coordinates"]], np.asarray(arrays["leg_q"], dtype=float)
    if not {"pelvis_tx", "pelvis_tz", "pelvis_rotation"} <= set(coordinates):
        return []
    x, z, turn = (q[:, coordinates.index(name)] for name in ("pelvis_tx", "pelvis_tz", "pelvis_rotation"))
    belt_m = np.outer(frames / FRAME_RATE_HZ, np.asarray(belt, dtype=float))
    out = []
    for side in SIDES:
        own = [i for i, name in enumerate(names) if name.endswith(f"_{side}")]
        if not own:
            continue
        vertical = force[:, own, 1].sum(axis=1)
        for a, b in stretches(vertical >= threshold_N):
            if a == 0 or b == len(frames) or frames[b] - frames[a - 1] != b - a + 1:
                continue  # the recording or a gap cuts it
            time_s = (b - a) / FRAME_RATE_HZ
            way = np.array([x[b - 1] - x[a], z[b - 1] - z[a]]) - (belt_m[b - 1] - belt_m[a])[[0, 2]]
            ahead = float(way @ [np.mean(np.cos(turn[a:b])), -np.mean(np.sin(turn[a:b]))])
            if not _STANCE_S[0] <= time_s <= _STANCE_S[1] or ahead / time_s < _LEAST_SPEED_M_S:
                continue
            moment = np.cross(point[a:b, own], force[a:b, own]).sum(axis=1)
            load = vertical[a:b]
            cop, _ = centre_of_pressure(force[a:b, own].sum(axis=1), moment)
            place = progress(cop, point[a:b, own], belt_m[a:b])[load >= _LOADED_SHARE * load.mean()]
            back = float(np.max(np.maximum.accumulate(place) - place))
            out.append(
                Roll(side, int(frames[a]), int(frames[b - 1]), float(np.mean(place < 0.5)), back, float(np.max(place)))
            )
    return out


def worst(found: Sequence[Roll], start: int, stop: int) -> dict[str, float]:
    """Largest values, for the table of quality, over the stances whose middle is in frames [start, stop); none of
    none."""
    own = [roll for roll in found if start <= roll.middle < stop]
    names = ("hind_share", "retreat_share", "reach_share") if own else ()
    return {f"cop_{name}": max(0.0, *(getattr(roll, name) for roll in own)) for name in names}
