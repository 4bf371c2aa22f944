"""Where parts of feet are on the floor, and on plates."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Frames in which a foot may touch a plate, or leave its edge, without being counted: motion and plates err in time.
PASSING = 2


def distances(spheres_m: Floats, centre: Floats) -> list[float]:
    """Median distance [m] of a centre of pressure `(n, 3)` from each foot, `(n, 2, s, 3)` (`reach`), over the frames in
    which it is known; infinite where it never is."""
    away = [reach(spheres_m[:, side], centre) for side in range(2)]
    return [float(np.median(each[np.isfinite(each)])) if np.isfinite(each).any() else np.inf for each in away]


def on_and_off(inside: Flags, bears: Flags) -> tuple[list[bool], list[bool]]:
    """Whether each foot stands on a plate, and whether on a place beside it, for more than `PASSING` frames: parts of
    feet `(n, 2, s)` that lie `inside` it, and that bear load."""
    on, off = ((where & bears).any(axis=2).sum(axis=0) > PASSING for where in (inside, ~inside))
    return on.tolist(), off.tolist()


def bearing(spheres_m: Floats, facing: Floats, toe_reach_m: float) -> Floats:
    """Places (n, 2, s, 3) m of the parts of each foot that bear load: those of the contact spheres `(n, 2, s, 3)`, of
    which the two that lie farthest ahead of the rearmost, as the pelvis faces `(n, 2)`, are taken back by
    `toe_reach_m`."""
    ahead = np.einsum("nfsk,nk->nfs", spheres_m[..., [0, 2]], facing)
    order = np.argsort(ahead, axis=2)
    front = order[:, :, -2:]
    heel, tip = (np.take_along_axis(spheres_m, order[:, :, at, None], axis=2) for at in ([0], [-1]))
    axis = tip - heel
    axis[..., 1] = 0
    axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-9)
    out = spheres_m.copy()
    pads = np.take_along_axis(spheres_m, front[..., None], axis=2) - toe_reach_m * axis
    np.put_along_axis(out, front[..., None], pads, axis=2)
    return out


def reach(spheres: Floats, centre: Floats) -> Floats:
    """Distance (n,) m on the floor of a centre of pressure `(n, 3)` from the nearest of the lines between the spheres
    `(n, s, 3)` of a foot."""
    points, target = spheres[..., [0, 2]], centre[:, [0, 2]]
    best = np.full(len(points), np.inf if np.isfinite(target).any() else np.nan)
    for i, j in combinations(range(points.shape[1]), 2):
        along = points[:, j] - points[:, i]
        length = np.maximum((along**2).sum(axis=1), 1e-12)
        share = np.clip(((target - points[:, i]) * along).sum(axis=1) / length, 0, 1)
        distance = np.linalg.norm(points[:, i] + share[:, None] * along - target, axis=1)
        best = np.where(np.isfinite(target).all(axis=1), np.minimum(best, distance), np.nan)
    return np.asarray(best, dtype=float)


def within(spheres: Floats, corners: Floats, edge_m: float) -> NDArray[np.bool_]:
    """Whether points `(..., 3)` lie on the floor inside the convex quadrilateral `corners (4, 3)`, `edge_m` from its
    edges (negative: or so far beside them)."""
    polygon, points = corners[:, [0, 2]], spheres[..., [0, 2]]
    middle = polygon.mean(axis=0)
    inside = np.ones(points.shape[:-1], dtype=bool)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        length = float(np.linalg.norm(b - a))
        if length == 0:
            continue
        normal = np.array([-(b - a)[1], (b - a)[0]]) / length
        if normal @ (middle - a) < 0:
            normal = -normal
        inside &= (points - a) @ normal >= edge_m
    return inside
