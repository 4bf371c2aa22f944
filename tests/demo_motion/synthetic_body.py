"""A tiny body in SMPL-H format: one vertex per joint and boxes for the feet, enough for joints and soles."""

from __future__ import annotations

from pathlib import Path

import numpy as np

PARENTS = [
    -1,
    0,
    0,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    9,
    9,
    12,
    13,
    14,
    16,
    17,
    18,
    19,
    20,
    22,
    23,
    20,
    25,
    26,
    20,
    28,
    29,
    20,
    31,
    32,
    20,
    34,
    35,
    21,
    37,
    38,
    21,
    40,
    41,
    21,
    43,
    44,
    21,
    46,
    47,
    21,
    49,
    50,
]


def joints() -> np.ndarray:
    """(52, 3) m, SMPL-H's rest frame: y up, facing z, left along x; sole at y = 0."""
    left = {
        1: (0.09, 0.90, 0.0),
        4: (0.10, 0.50, 0.01),
        7: (0.105, 0.08, -0.03),
        10: (0.11, 0.02, 0.10),
        13: (0.07, 1.38, -0.01),
        16: (0.17, 1.40, -0.02),
        18: (0.44, 1.40, -0.04),
        20: (0.70, 1.40, -0.04),
    }
    middle = {
        0: (0.0, 0.98, 0.0),
        3: (0.0, 1.08, -0.02),
        6: (0.0, 1.18, -0.02),
        9: (0.0, 1.25, -0.01),
        12: (0.0, 1.46, -0.02),
        15: (0.0, 1.56, 0.02),
    }
    out = np.zeros((52, 3))
    for number, place in middle.items():
        out[number] = place
    for number, place in left.items():
        out[number] = place
        out[number + 1] = np.array(place) * [-1, 1, 1]
    for number in range(22, 52):
        side = 1 if number < 37 else -1
        finger, segment = divmod((number - 22) % 15, 3)
        out[number] = [side * (0.79 + 0.03 * segment), 1.40, 0.04 - 0.02 * finger]
    return out


def write(folder: Path, gender: str, height: float = 1.0) -> None:
    """Write `folder/gender/model.npz`, all lengths times `height`."""
    rest = joints()
    points, owner = list(rest), list(range(52))
    for side, ankle in ((1, 7), (-1, 8)):
        for x in (0.07, 0.11, 0.15):
            for z in np.linspace(-0.08, 0.18, 14):
                points.append(np.array([side * x, 0.0, z]))
                owner.append(ankle if z < 0.10 else ankle + 3)
    vertices = np.array(points) * height
    weights = np.zeros((len(vertices), 52))
    weights[np.arange(len(vertices)), owner] = 1
    regressor = np.zeros((52, len(vertices)))
    regressor[np.arange(52), np.arange(52)] = 1
    shapedirs = np.zeros((len(vertices), 3, 16))
    shapedirs[:, :, 0] = 0.04 * vertices
    (folder / gender).mkdir(parents=True, exist_ok=True)
    np.savez(
        folder / gender / "model.npz",
        v_template=vertices,
        shapedirs=shapedirs,
        J_regressor=regressor,
        weights=weights,
        kintree_table=np.array([PARENTS, range(52)], dtype=np.int64),
        hands_meanl=np.full(45, 0.1),
        hands_meanr=np.full(45, -0.1),
    )
