"""Scale factors are held against the size of the person: children get in, bodies out of proportion do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core.status import Reason, StageError
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.registration.register import register
from mint.kinematics.scaling.model import checked_factors
from tests.kinematics_scale.register_person import person

CONFIG = KinematicsConfig()
BODIES = {
    "pelvis": [0.98, 1.0, 1.04],
    "femur_r": [1.02, 1.05, 1.02],
    "tibia_r": [0.97, 0.95, 0.97],
    "torso": [1.1, 1.0, 0.99],
}


def of_size(size: float, **changed: list[float]) -> dict[str, list[float]]:
    return {name: [size * value for value in values] for name, values in {**BODIES, **changed}.items()}


# 0.95 m, 1.2 m, 2.2 m on a model of 1.75 m.
@pytest.mark.parametrize("size", [0.95 / 1.75, 1.2 / 1.75, 1.0, 2.2 / 1.75])
def test_people_from_small_children_to_giants_pass(size: float) -> None:
    assert checked_factors(of_size(size), CONFIG) == of_size(size)


@pytest.mark.parametrize("size", [0.6, 1.0, 1.25])
@pytest.mark.parametrize("share", [0.65, 1.5])
def test_a_body_out_of_proportion_is_refused_at_every_size(size: float, share: float) -> None:
    with pytest.raises(StageError, match=f"scale factor {share * size:.3f} of tibia_r along y is") as error:
        checked_factors(of_size(size, tibia_r=[0.97, share, 0.97]), CONFIG)
    assert error.value.reason is Reason.SCALING


# As metres that are feet, or a file that is half as large.
@pytest.mark.parametrize("size", [0.3048, 0.48, 1.4, 3.28])
def test_a_size_that_nobody_has_is_refused(size: float) -> None:
    with pytest.raises(
        StageError,
        match=f"median of the scale factors is {np.median([*{v for b in of_size(size).values() for v in b}]):.3f}",
    ):
        checked_factors(of_size(size), CONFIG)


def test_many_bodies_of_one_measurement_count_once_and_what_nothing_scales_tells_no_size() -> None:
    ribs = {f"rib{i}": [0.9, 0.9, 0.9] for i in range(40)}
    hands = {f"hand_{side}": [1.0, 1.0, 1.0] for side in "rl"}
    with pytest.raises(
        StageError, match=r"scale factor 1\.000 of hand_r along x is 1\.80 times that of the whole person"
    ):
        checked_factors({**of_size(1 / 1.8), **hands}, CONFIG)
    assert checked_factors({**of_size(0.7), **ribs, **hands}, replace_limits(proportion_max=1.45))


def replace_limits(**changes: float) -> KinematicsConfig:
    return KinematicsConfig(**{**CONFIG.model_dump(), **changes})


def test_the_markers_of_a_child_are_registered_with_its_size(pose2sim_osim: Path) -> None:
    adult = person(pose2sim_osim)
    child = replace(adult.seen, points=0.62 * adult.seen.points)
    found = register(pose2sim_osim, child, "pose2sim", coordinate_rows("pose2sim"), None, "static.trc")
    got = dict(zip(adult.factors, found.fit.factors.tolist(), strict=True))
    for name in ("thigh_y", "shank_y"):
        assert got[name] == pytest.approx(0.62 * adult.factors[name], abs=0.02), name
    assert checked_factors(found.factors, CONFIG) == found.factors
    assert min(value for values in found.factors.values() for value in values) < 0.7
