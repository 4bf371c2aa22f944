"""Numbers of a solution for a leg whose dynamics are linear, so that each can be worked out in a loop."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.verify.metrics import (
    moment_of_components,
    own_contact_error,
    penetration,
    residuals,
    sphere_order,
    tracking_error,
)

COORDINATES = ["knee", "pelvis_tz", "pelvis_list", "pelvis_tx", "pelvis_tilt", "pelvis_ty", "pelvis_rotation"]
FRAMES, P, S = 5, len(COORDINATES), 3
RNG = np.random.default_rng(0)
Q, QD, QDD = 0.4 * RNG.normal(size=(3, FRAMES, P))
FORCE, POINT = RNG.normal(size=(2, FRAMES, S, 3))


class Linear:
    """Stands in for OpenSim: everything it tells is linear in what it is asked."""

    coordinates, spheres = COORDINATES, ["heel", "toe", "ball"]
    record: ClassVar[dict[str, Any]] = {"contacts": [{"radius_m": 0.03}, {"radius_m": 0.02}, {"radius_m": 0.01}]}
    by_state, by_force = RNG.normal(size=(3, P, P)), RNG.normal(size=(2, P, 3 * S))
    by_pose, centres = RNG.normal(size=(2, 3 * S, P))
    by_belt, mass_centre = RNG.normal(size=(3 * S, 3)), RNG.normal(size=(3, P))

    def inverse_dynamics(self, q: Any, qd: Any, qdd: Any, force: Any, point: Any) -> Any:
        state = self.by_state @ np.stack([q, qd, qdd])[..., None]
        return state.sum(axis=0)[:, 0] + self.by_force[0] @ force.ravel() + self.by_force[1] @ point.ravel()

    def centre_of_mass(self, q: Any) -> Any:
        return self.mass_centre.astype(q.dtype) @ q

    def sphere_centres(self, q: Any) -> Any:
        return (self.centres @ q).reshape(S, 3)

    def own_contact_forces(self, q: Any, qd: Any, belt: Any) -> Any:
        return (self.by_pose @ (q + 2 * qd) + self.by_belt @ belt).reshape(S, 3)


LEG: Any = Linear()
# The trajectory lists its spheres in another order than the model, and one that the model does not have.
LISTED = ["ball", "other", "toe", "heel"]
MINE = [3, 2, 0]


def trajectory(**changes: Any) -> Bundle:
    force, point = RNG.normal(size=(2, FRAMES, len(LISTED), 3))
    force[:, MINE], point[:, MINE] = FORCE, POINT
    arrays = {"frames": np.arange(20, 20 + FRAMES), "coordinates": COORDINATES, "q": Q, "qd": QD, "qdd": QDD}
    arrays |= {"spheres": LISTED, "sphere_force_N": force, "sphere_point_m": point}
    return Bundle.of("trajectory", {**arrays, **changes.pop("arrays", {})}, changes)


def turned(angle: float, axis: int) -> np.ndarray:
    """Rotation about a ground axis."""
    cos, sin = np.cos(angle), np.sin(angle)
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    out = np.eye(3)
    out[i, i], out[i, j], out[j, i], out[j, j] = cos, -sin, sin, cos
    return out


def axes(tilt: float, tilted_list: float) -> np.ndarray:
    """Of rotations about z, the new x, the new y."""
    first = turned(tilt, 2)
    return np.stack([np.eye(3)[2], first[:, 0], (first @ turned(tilted_list, 0))[:, 1]], axis=1)


def test_residuals_are_the_pelvis_force_and_moment_of_every_frame() -> None:
    found = residuals(LEG, trajectory())
    for k in range(FRAMES):
        tau = LEG.inverse_dynamics(Q[k], QD[k], QDD[k], FORCE[k], POINT[k])
        value = dict(zip(COORDINATES, tau, strict=True))
        pose = dict(zip(COORDINATES, Q[k], strict=True))
        components = [value[f"pelvis_{name}"] for name in ("tilt", "list", "rotation")]
        moment = np.linalg.solve(axes(pose["pelvis_tilt"], pose["pelvis_list"]).T, components)
        assert found.inverse_dynamics[k] == pytest.approx(tau)
        assert found.moment_Nm[k] == pytest.approx(np.linalg.norm(moment))
        assert found.force_N[k] == pytest.approx(np.linalg.norm([value[f"pelvis_t{axis}"] for axis in "xyz"]))
        assert found.net_force_N[k] == pytest.approx(np.linalg.norm(FORCE[k].sum(axis=0)))
        assert found.com_height_m[k] == pytest.approx(LEG.centre_of_mass(Q[k])[1])


def test_a_solution_of_single_precision_is_judged_in_double_precision() -> None:
    single = {"q": Q, "qd": QD, "qdd": QDD}
    found = residuals(LEG, trajectory(arrays={name: values.astype(np.float32) for name, values in single.items()}))
    rounded = residuals(LEG, trajectory(arrays={n: v.astype(np.float32).astype(float) for n, v in single.items()}))
    assert found.com_height_m.dtype == np.float64 and np.array_equal(found.com_height_m, rounded.com_height_m)


def test_a_moment_is_told_from_its_components_until_2_degrees_from_gimbal_lock() -> None:
    moment = np.array([3.0, -2.0, 5.0])
    for degrees in (0.0, 45.0, 87.5, -87.5):
        of = axes(0.3, np.radians(degrees))
        assert moment_of_components(of, of.T @ moment) == pytest.approx(moment)
    of = axes(0.3, np.radians(89.0))
    reached = np.linalg.svd(of)[0][:, :2]  # the plane in which the axes nearly lie
    assert moment_of_components(of, of.T @ moment) == pytest.approx(reached @ reached.T @ moment)


def test_spheres_are_found_by_name_whatever_their_order() -> None:
    assert sphere_order(LEG, trajectory()) == MINE


def test_a_sphere_that_the_trajectory_lacks_is_named_with_both_lists() -> None:
    with pytest.raises(StageError) as caught:
        sphere_order(LEG, trajectory(arrays={"spheres": ["heel", "toe"]}))
    assert caught.value.reason is Reason.FIELD_VALUE
    assert "['heel', 'toe'], the leg model has ['heel', 'toe', 'ball']" in str(caught.value)


def test_penetration_is_radius_less_height_of_the_centre() -> None:
    found = penetration(LEG, Q)
    for k in range(FRAMES):
        assert found[k] == pytest.approx(np.array([0.03, 0.02, 0.01]) - LEG.sphere_centres(Q[k])[:, 1])


@pytest.mark.parametrize("belt", [None, [1.2, 0.0, -0.3]])
def test_contact_of_the_model_is_compared_sphere_by_sphere_on_the_same_belt(belt: list[float] | None) -> None:
    found = own_contact_error(LEG, trajectory(belt_velocity_m_s=belt))
    for k in range(FRAMES):
        own = LEG.own_contact_forces(Q[k], QD[k], np.array(belt or [0.0, 0.0, 0.0]))
        largest = max(abs(FORCE[k, s, axis] - own[s, axis]) for s in range(S) for axis in range(3))
        assert found[k] == pytest.approx(largest)
    if belt is None:
        assert np.array_equal(found, own_contact_error(LEG, trajectory()))  # no word of a belt


def test_states_that_do_not_pair_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        own_contact_error(LEG, trajectory(arrays={"qd": QD[:-1]}))


def ik(first: int = 18, count: int = FRAMES + 4) -> Bundle:
    """Inverse kinematics with margins, its coordinates in another order, one unknown to the solution."""
    names = ["pelvis_ty", "knee", "toe_angle", "pelvis_tx"]
    frames = np.arange(first, first + count)
    values = 100.0 * frames[:, None] + np.arange(4)
    return Bundle.of("ik", {"frames": frames, "leg_coordinates": names, "leg_q": values})


@pytest.mark.parametrize("offset", [None, 0.04])
def test_deviations_are_from_inverse_kinematics_of_the_same_frame_raised_by_the_offset(offset: float | None) -> None:
    names, error = tracking_error(trajectory(pelvis_height_offset_m=offset), ik())
    assert names == ["knee", "pelvis_tx", "pelvis_ty"]
    for k in range(FRAMES):
        frame = 100.0 * (20 + k)
        expected = [Q[k, 0] - frame - 1, Q[k, 3] - frame - 3, Q[k, 5] - frame - (offset or 0.0)]
        assert error[k] == pytest.approx(expected)
    if offset is None:
        assert np.array_equal(error, tracking_error(trajectory(), ik())[1])  # no word of an offset


def test_without_the_pelvis_height_an_offset_changes_nothing() -> None:
    reference = ik()
    reference.arrays["leg_coordinates"] = np.array(["other", "knee", "toe_angle", "pelvis_tx"])
    (names, moved), (_, same) = (
        tracking_error(trajectory(pelvis_height_offset_m=offset), reference) for offset in (1.0, 0.0)
    )
    assert names == ["knee", "pelvis_tx"] and np.array_equal(moved, same)


def test_the_first_frame_without_a_reference_is_named() -> None:
    with pytest.raises(StageError) as caught:
        tracking_error(trajectory(), ik(count=5))  # 18 to 22 of 20 to 24
    assert caught.value.reason is Reason.FIELD_VALUE and "inverse kinematics has no frame 23" in str(caught.value)
