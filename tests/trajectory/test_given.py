"""Measured forces as what is known of feet: a walk over two plates that is known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.given import GivenForces
from mint.core.bundle import Bundle
from mint.support.feet import Soles
from mint.trajectory.feet.given import KNOWN, with_plates
from tests.compare import walk

FRAMES = np.arange(7, 107)
EXACT = GivenForces(force_cutoff_hz=1e6)  # no filter: plates are sampled where frames are
STEPS = [(foot, *walk.STEPS[side]) for foot, side in enumerate("rl")]


def soles() -> Soles:
    """Of the walk, from the places of its spheres, which are at half their clearance."""
    points = np.array(walk.sequence(FRAMES)["sphere_point_m"]).reshape(len(FRAMES), 2, 6, 3)
    for foot, (_, start, stop, (x, z)) in enumerate(STEPS):
        on = (start < FRAMES) & (stop > FRAMES)
        points[on, foot] = np.stack([x + walk.OUTLINE[:, 0], 0 * walk.OUTLINE[:, 0], z + walk.OUTLINE[:, 1]], axis=1)
    points[..., 1] *= 2
    return Soles(points, np.tile([1.0, 0.0], (len(FRAMES), 1)))


def support() -> Bundle:
    """What is known of steps is 7 everywhere, so that what plates replace shows."""
    return Bundle.of(
        "support", {"frames": FRAMES, **{name: np.full((len(FRAMES), 2, *shape), 7.0) for name, shape in KNOWN.items()}}
    )


def told(measured: Bundle, config: GivenForces = EXACT) -> tuple[Bundle, float]:
    return with_plates(support(), measured, soles(), walk.WEIGHT_N, config)


def standing(start: int, stop: int) -> np.ndarray:
    return np.asarray((start < FRAMES) & (stop > FRAMES))


def test_on_a_plate_its_force_and_centre_of_pressure_are_known() -> None:
    known, _ = told(walk.measured())
    force, centre = walk.forces(FRAMES)
    for foot, start, stop, _ in STEPS:
        on = standing(start + 1, stop - 1)
        np.testing.assert_allclose(known["step_force_bw"][on, foot], force[on, foot] / walk.WEIGHT_N, atol=1e-9)
        np.testing.assert_allclose(known["roll_point_m"][on, foot], centre[on, foot][:, [0, 2]], atol=1e-9)
        assert (known["step_force_sd_bw"][on, foot] == EXACT.force_sd_bw).all()
        assert (known["roll_sd_m"][on, foot] == EXACT.point_sd_m).all()


def test_on_a_plate_its_free_moment_is_known_where_its_centre_of_pressure_is() -> None:
    measured = walk.measured()
    turning = 3.0 + 4.0 * np.sin(measured["force_time_s"])
    loaded = np.isfinite(measured["plate_centre_m"]).all(axis=2)
    measured.arrays["plate_free_moment_Nm"][..., 1] = np.where(loaded, np.array([[1.0], [-2.0]]) * turning, 0.0)
    known, _ = told(measured)
    for foot, start, stop, _ in STEPS:
        on = standing(start + 1, stop - 1)
        expected = (1.0, -2.0)[foot] * (3.0 + 4.0 * np.sin(FRAMES / 50)) / walk.WEIGHT_N
        np.testing.assert_allclose(known["step_moment_bw_m"][on, foot], expected[on], atol=1e-9)
        assert (known["step_moment_sd_bw_m"][on, foot] == EXACT.moment_sd_bw_m).all()
        carries = known["step_force_bw"][:, foot, 1] != 7.0
        np.testing.assert_array_equal(
            np.isfinite(known["step_moment_bw_m"][carries, foot]),
            np.isfinite(known["roll_point_m"][carries, foot]).all(axis=1),
        )


def test_beside_a_contact_the_foot_is_in_the_air_and_elsewhere_nothing_changes() -> None:
    known, share = told(walk.measured(), GivenForces(force_cutoff_hz=1e6, in_the_air_s=0.1))
    for foot, start, stop, _ in STEPS:
        just = (start - 4 <= FRAMES) & (start > FRAMES) | (stop < FRAMES) & (stop + 4 >= FRAMES)
        assert (known["step_force_bw"][just, foot] == 0).all() and np.isnan(known["roll_point_m"][just, foot]).all()
        assert np.isnan(known["step_moment_bw_m"][just, foot]).all()
        far = (start - 6 > FRAMES) | (stop + 6 < FRAMES)
        assert all((known[name][far, foot] == 7.0).all() for name in KNOWN)
    # Two stances of 40 frames with 0.1 s on each side, of 200 frames of two feet.
    assert share == pytest.approx((2 * 40 + 4 * 5) / 200, abs=0.03)


def test_a_foot_that_stands_partly_beside_its_plate_tells_nothing() -> None:
    plates = np.stack([walk.corners(*walk.STEPS["r"][2]), walk.corners(*walk.STEPS["l"][2])])
    plates[0, :, 0] += 0.2
    known, _ = told(walk.measured(corners_m=plates))
    on = standing(*walk.STEPS["r"][:2])
    assert all((known[name][on, 0] == 7.0).all() for name in KNOWN)
    assert (known["step_force_bw"][standing(52, 88), 1] != 7.0).all()


def test_both_feet_on_one_plate_tell_nothing_while_it_is_loaded() -> None:
    whole = walk.measured()
    large = walk.corners(0.85, 0.0, half=1.5)
    force = np.nansum(whole["plate_force_N"], axis=0, keepdims=True)
    moment = np.nansum(np.cross(np.nan_to_num(whole["plate_centre_m"]), whole["plate_force_N"]), axis=0)
    vertical = np.where(force[0, :, 1] > 20, force[0, :, 1], np.nan)
    centre = np.stack([moment[:, 2] / vertical, 0 * vertical, -moment[:, 0] / vertical], axis=1)[None]
    one = Bundle.of(
        "measured",
        {
            **whole.arrays,
            "plate_names": np.array(["one"]),
            "plate_force_N": force,
            "plate_centre_m": centre,
            "plate_free_moment_Nm": np.zeros_like(force),
            "plate_corners_m": large[None],
        },
        whole.meta,
    )
    known, share = told(one)
    assert share == 0 and all((known[name] == 7.0).all() for name in KNOWN)


def test_a_foot_on_two_plates_carries_what_both_measure() -> None:
    whole = walk.measured()
    halves = {
        name: np.concatenate([whole[name][:1] * factor, whole[name][:1] * factor, whole[name][1:]])
        for name, factor in (
            ("plate_force_N", 0.5),
            ("plate_free_moment_Nm", 0.5),
            ("plate_centre_m", 1.0),
            ("plate_corners_m", 1.0),
        )
    }
    halves["plate_corners_m"][:] = np.nan
    known, _ = told(
        Bundle.of("measured", {**whole.arrays, **halves, "plate_names": np.array(["a", "b", "c"])}, whole.meta)
    )
    force, _ = walk.forces(FRAMES)
    on = standing(22, 58)
    np.testing.assert_allclose(known["step_force_bw"][on, 0], force[on, 0] / walk.WEIGHT_N, atol=1e-9)


def test_the_free_moment_of_a_foot_on_two_plates_is_about_their_common_centre_of_pressure() -> None:
    """Force, point and moment that are told are the same wrench as those of both plates together."""
    whole = walk.measured()
    ahead, apart = np.array([0.03, 0.0, -0.02]), np.array([20.0, 0.0, 30.0])
    parts = {
        "plate_force_N": [0.3 * whole["plate_force_N"][0] + apart, 0.7 * whole["plate_force_N"][0] - apart],
        "plate_centre_m": [whole["plate_centre_m"][0] - ahead, whole["plate_centre_m"][0] + ahead],
        "plate_free_moment_Nm": 2 * [np.tile([0.0, 1.5, 0.0], (len(whole["force_time_s"]), 1))],
        "plate_corners_m": np.full((2, 4, 3), np.nan),
    }
    parts = {name: np.concatenate([values, whole[name][1:]]) for name, values in parts.items()}
    known, _ = told(
        Bundle.of("measured", {**whole.arrays, **parts, "plate_names": np.array(["a", "b", "c"])}, whole.meta)
    )
    on = standing(22, 58)
    rows = np.searchsorted(np.round(whole["force_time_s"] * 50), FRAMES[on])
    force, centre = (np.asarray(parts[name])[:2, rows] for name in ("plate_force_N", "plate_centre_m"))
    together = np.cross(centre, force)[..., 1].sum(axis=0) + 3.0
    point = np.insert(known["roll_point_m"][on, 0], 1, 0.0, axis=1)
    found = known["step_moment_bw_m"][on, 0] + np.cross(point, known["step_force_bw"][on, 0])[:, 1]
    np.testing.assert_allclose(walk.WEIGHT_N * found, together, atol=1e-6)
    # The foot pulls the plates apart: 20 N by 40 mm and 30 N by 60 mm turn it too.
    np.testing.assert_allclose(walk.WEIGHT_N * known["step_moment_bw_m"][on, 0], 3.0 + 2.6, atol=0.1)


def test_without_plates_support_says_what_it_said() -> None:
    known, share = told(Bundle.of("measured", {}))
    assert share == 0 and all((known[name] == 7.0).all() for name in KNOWN)


def test_of_a_plate_without_corners_a_second_foot_that_nothing_else_carries_makes_it_doubtful() -> None:
    whole = walk.measured()
    only = {name: whole[name][:1] for name in ("plate_force_N", "plate_centre_m", "plate_free_moment_Nm")}
    only |= {"plate_names": np.array(["one"]), "plate_corners_m": np.full((1, 4, 3), np.nan)}
    measured = Bundle.of("measured", {**whole.arrays, **only}, whole.meta)
    assert (told(measured)[0]["step_force_bw"][standing(22, 58), 0] != 7.0).all()
    both = soles()
    both.points[:, 1, :, 1] = 0.0
    known, _ = with_plates(support(), measured, both, walk.WEIGHT_N, EXACT)
    assert all((known[name][:, 0] == 7.0).all() for name in KNOWN)
