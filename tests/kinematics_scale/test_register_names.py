"""Names that mean several landmarks: what fits decides, for right and left together."""

from __future__ import annotations

import numpy as np
import pytest

from mint.body.landmark_table import Landmark
from mint.kinematics.registration.frames import Seen, choose

HEEL, METATARSAL, HALLUX = 0.0, 0.18, 0.25


def landmark(name: str, x_m: float) -> Landmark:
    return Landmark(name, "point", f"calcn_{name[-1]}", (x_m, 0.0, float(name.endswith("_l"))), 0.01, 0.006)


@pytest.mark.parametrize(
    ("right_m", "left_m", "expected"),
    [
        (0.18, 0.18, "second_metatarsal_head"),
        (0.25, 0.25, "hallux"),
        # Alone the right one would be a hallux.
        (0.22, 0.17, "second_metatarsal_head"),
        (0.26, 0.21, "hallux"),
    ],
)
def test_a_laboratory_means_the_same_on_both_sides(right_m: float, left_m: float, expected: str) -> None:
    candidates, default = {}, {}
    for side in "rl":
        heel, toes = (
            f"{side}hee",
            [landmark(f"second_metatarsal_head_{side}", METATARSAL), landmark(f"hallux_{side}", HALLUX)],
        )
        candidates |= {heel: [landmark(f"heel_{side}", HEEL)], f"{side}toe": toes}
    for name, each in candidates.items():
        default[name] = {one.name: np.array(one.place_m) for one in each}
    points = np.array([[[0.0, 0, 0], [right_m, 0, 0], [0.0, 0, 1], [left_m, 0, 1]]])
    found = choose(candidates, default, Seen(["rhee", "rtoe", "lhee", "ltoe"], points, np.array([True])))
    assert [found[f"{side}toe"].name for side in "rl"] == [f"{expected}_{side}" for side in "rl"]
