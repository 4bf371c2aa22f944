"""Inverse dynamics of the leg model is OpenSim's, however the ground forces get in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim
import pytest

from mint.kinematics.scaling.contact_height import (
    median_standing_offset_m,
    standing_offset_m,
    standing_offsets_m,
    static_vertical_force,
)
from mint.verify.leg_dynamics import LegDynamics, pelvis_axes
from mint.verify.metrics import moment_of_components

from .conftest import contact_points


def _moving_state(dynamics: LegDynamics, standing_q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    q = standing_q + 0.05 * rng.standard_normal(len(standing_q))
    q[dynamics.coordinates.index("pelvis_ty")] = standing_q[dynamics.coordinates.index("pelvis_ty")] - 0.01
    return q, 0.8 * rng.standard_normal(len(q)), 5.0 * rng.standard_normal(len(q))


def test_stored_sphere_forces_give_the_inverse_dynamics_of_opensims_own_contact(
    dynamics: LegDynamics, standing_q: np.ndarray
) -> None:
    q, qd, qdd = _moving_state(dynamics, standing_q)
    force = dynamics.own_contact_forces(q, qd, np.zeros(3))
    assert force[:, 1].max() > 50.0
    ours = dynamics.inverse_dynamics(q, qd, qdd, force, contact_points(dynamics, q))

    for contact in dynamics._contacts:
        contact.setAppliesForce(dynamics.state, True)
    acceleration = dynamics.put(q, qd, qdd)
    dynamics.model.realizeDynamics(dynamics.state)
    solver = opensim.InverseDynamicsSolver(dynamics.model)
    theirs = dynamics._independent(solver.solve(dynamics.state, acceleration).to_numpy(), q)
    for contact in dynamics._contacts:
        contact.setAppliesForce(dynamics.state, False)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_power_of_the_generalized_forces_is_the_change_of_energy(dynamics: LegDynamics, standing_q: np.ndarray) -> None:
    """tau . qd equals the rate of kinetic and potential energy along the motion, dependent patellae included."""
    q, qd, qdd = _moving_state(dynamics, standing_q)
    none = np.zeros((12, 3))
    power = float(dynamics.inverse_dynamics(q, qd, qdd, none, none) @ qd)

    def energy(t: float) -> float:
        dynamics.put(q + qd * t + 0.5 * qdd * t**2, qd + qdd * t)
        dynamics.model.realizeDynamics(dynamics.state)
        height = dynamics.model.calcMassCenterPosition(dynamics.state).get(1)
        return float(dynamics.model.calcKineticEnergy(dynamics.state) + dynamics.weight_N() * height)

    h = 1e-4
    assert power == pytest.approx((energy(h) - energy(-h)) / (2 * h), rel=1e-3)


def test_a_belt_is_a_body_that_moves_the_other_way(dynamics: LegDynamics, standing_q: np.ndarray) -> None:
    forward = np.zeros_like(standing_q)
    forward[dynamics.coordinates.index("pelvis_tx")] = 0.7
    walking = dynamics.own_contact_forces(standing_q, forward, np.zeros(3))
    on_belt = dynamics.own_contact_forces(standing_q, 0 * forward, np.array([-0.7, 0.0, 0.0]))
    np.testing.assert_allclose(on_belt, walking, atol=1e-9)
    assert walking[:, 0].sum() < -100.0


def test_pelvis_axes_are_the_derivatives_of_its_rotation(dynamics: LegDynamics) -> None:
    angles = np.array([0.4, -0.3, 0.9])
    names = ["pelvis_tilt", "pelvis_list", "pelvis_rotation"]
    columns = [dynamics.coordinates.index(n) for n in names]
    axes = pelvis_axes(angles[0], angles[1])
    for i, column in enumerate(columns):
        q, qd = np.zeros(len(dynamics.coordinates)), np.zeros(len(dynamics.coordinates))
        q[columns], qd[column] = angles, 1.0
        dynamics.put(q, qd)
        dynamics.model.realizeVelocity(dynamics.state)
        spin = dynamics.model.getBodySet().get("pelvis").getVelocityInGround(dynamics.state).get(0)
        np.testing.assert_allclose(axes[:, i], [spin.get(k) for k in range(3)], atol=1e-12)


def test_standing_offset_puts_one_body_weight_on_the_spheres(dynamics: LegDynamics, leg_model: Path) -> None:
    q = np.array([dynamics.record["coordinates"][n]["default"] for n in dynamics.coordinates])
    height = dynamics.coordinates.index("pelvis_ty")
    offset = standing_offset_m(leg_model)
    q[height] += offset
    force = dynamics.own_contact_forces(q, np.zeros_like(q), np.zeros(3))
    assert force[:, 1].sum() / dynamics.weight_N() == pytest.approx(1.0, abs=1e-5)
    raised = standing_offset_m(leg_model, {"pelvis_ty": q[height] + 0.1})
    assert raised == pytest.approx(-0.1, abs=1e-6)


def test_median_offset_ignores_one_bad_frame(dynamics: LegDynamics, standing_q: np.ndarray, leg_model: Path) -> None:
    q = np.repeat(standing_q[None], 5, 0)
    q[2, dynamics.coordinates.index("ankle_angle_r")] -= 0.5
    each = standing_offsets_m(dynamics.record, dynamics.coordinates, q)
    assert abs(each[2] - each[0]) > 0.01
    assert median_standing_offset_m(leg_model, dynamics.coordinates, q) == pytest.approx(each[0], abs=1e-9)


def test_static_contact_law_is_opensims(dynamics: LegDynamics, standing_q: np.ndarray) -> None:
    for lift in (0.0, -0.01, 0.02):
        q = standing_q.copy()
        q[dynamics.coordinates.index("pelvis_ty")] += lift
        theirs = dynamics.own_contact_forces(q, 0 * q, np.zeros(3))[:, 1]
        depth = np.array([c["radius_m"] for c in dynamics.record["contacts"]]) - dynamics.sphere_centres(q)[:, 1]
        ours = [float(static_vertical_force(c, d)) for c, d in zip(dynamics.record["contacts"], depth, strict=True)]
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)


def test_a_moment_is_found_from_its_components_along_the_pelvis_axes() -> None:
    rng = np.random.default_rng(5)
    for tilt, tilted_list in rng.uniform(-1.5, 1.5, (20, 2)):  # up to 4 degrees from gimbal lock
        axes, moment = pelvis_axes(tilt, tilted_list), rng.normal(size=3)
        np.testing.assert_allclose(moment_of_components(axes, axes.T @ moment), moment, atol=1e-9)


def test_rounding_at_gimbal_lock_is_no_moment() -> None:
    """A spin on one hand, list of 90.00 degrees: a hundredth of a newton metre was taken for a residual of 1295 N m."""
    axes = pelvis_axes(np.radians(103.77), np.radians(90.0003))
    found = moment_of_components(axes, np.array([-0.0054, -0.0102, -0.0048]))
    assert np.linalg.norm(found) < 0.02
    along = axes[:, 0] + axes[:, 1]  # in the plane of the axes moments are told as elsewhere
    np.testing.assert_allclose(moment_of_components(axes, axes.T @ along), along, atol=1e-4)
