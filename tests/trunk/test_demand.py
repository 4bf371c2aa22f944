"""Generalized forces under ground forces, checked against mechanics that needs no solver."""

from __future__ import annotations

import numpy as np
import pytest

from mint.trunk.demand import GroundForces, InverseDynamics, pelvis_axes
from mint.trunk.table import BALANCED, Role
from tests.trunk.stance import held, motion_of


def forces(bodies, force, point) -> GroundForces:
    return GroundForces(bodies, np.array([force], dtype=float), np.array([point], dtype=float))


def mass_center(model) -> np.ndarray:
    return model.model.calcMassCenterPosition(model.state).to_numpy()


@pytest.mark.parametrize("name", ["pose2sim", "full402"])
def test_body_weight_below_the_centre_of_mass_leaves_no_pelvis_residual(name: str, request) -> None:
    model = request.getfixturevalue(name)
    motion = motion_of(
        model, held({"hip_flexion_r": 0.2, "knee_angle_l": 0.3, "pelvis_tilt": -0.2, "pelvis_list": 0.1}, 1)
    )
    model.pose(motion.q[0], motion.qd[0])
    x, _, z = mass_center(model)
    weight = np.array([0, model.weight_N / 2, 0])
    ground = forces(["calcn_r", "toes_l"], [weight, weight], [[x + 0.05, 0, z + 0.1], [x - 0.05, 0, z - 0.1]])
    demand = InverseDynamics(model).demand(motion.qdd[0], model.system_jacobian(), ground, 0)
    assert np.abs(demand[model.index(Role.RESIDUAL)]).max() < 1e-9


def test_missing_ground_force_appears_in_the_pelvis_residual(pose2sim) -> None:
    motion = motion_of(pose2sim, held({"pelvis_tilt": 0.0}, 1))
    pose2sim.pose(motion.q[0], motion.qd[0])
    dynamics, jacobian = InverseDynamics(pose2sim), pose2sim.system_jacobian()
    without = dynamics.demand(motion.qdd[0], jacobian, forces([], np.zeros((0, 3)), np.zeros((0, 3))), 0)
    force, point = np.array([30.0, 100.0, -20.0]), np.array([0.1, 0.0, 0.2])
    pushed = dynamics.demand(motion.qdd[0], jacobian, forces(["toes_r"], [force], [point]), 0)
    translations, rotations = pelvis_axes(pose2sim)
    origin = pose2sim.model.getBodySet().get("pelvis").getPositionInGround(pose2sim.state).to_numpy()
    difference = without - pushed
    assert without[translations] == pytest.approx([0, pose2sim.weight_N, 0], abs=1e-8)
    assert difference[translations] == pytest.approx(force, abs=1e-9)
    # Axes of tilt, list and rotation at the neutral pose are z, x and y of the ground.
    moment = np.cross(point - origin, force)
    assert difference[rotations] == pytest.approx(moment[[2, 0, 1]], abs=1e-9)


@pytest.mark.parametrize(("name", "coordinate"), [("pose2sim", "L5_S1_Flex_Ext"), ("full402", "T8_T9_LB")])
def test_static_demand_is_the_slope_of_potential_energy_along_the_couplers(name: str, coordinate: str, request) -> None:
    model = request.getfixturevalue(name)
    step, start = 1e-5, 0.03
    motion = motion_of(model, held({coordinate: start}, 1))
    model.pose(motion.q[0], motion.qd[0])
    nothing = forces([], np.zeros((0, 3)), np.zeros((0, 3)))
    demand = InverseDynamics(model).demand(motion.qdd[0], model.system_jacobian(), nothing, 0)
    j = model.names(*BALANCED).index(coordinate)
    net = (model.projection(motion.q[0]).T @ demand)[j]
    height = []
    for sign in (1, -1):
        moved = motion_of(model, held({coordinate: start + sign * step}, 1))
        model.pose(moved.q[0], moved.qd[0])
        height.append(mass_center(model)[1])
    assert net == pytest.approx(model.weight_N * (height[0] - height[1]) / (2 * step), rel=1e-4, abs=1e-3)


def test_acceleration_through_couplers_has_the_right_power(pose2sim) -> None:
    """Work of the demanded moments over a motion equals the change of kinetic plus potential energy."""
    from tests.trunk.stance import raised_cosine

    motion = motion_of(pose2sim, raised_cosine({"L5_S1_Flex_Ext": -0.08, "L5_S1_Lat_Bending": 0.02}, 26, 1.0))
    dynamics = InverseDynamics(pose2sim)
    nothing = GroundForces([], np.zeros((26, 0, 3)), np.zeros((26, 0, 3)))
    power, energy = [], []
    for i in range(26):
        pose2sim.pose(motion.q[i], motion.qd[i])
        pose2sim.model.realizeDynamics(pose2sim.state)
        tau = dynamics.demand(motion.qdd[i], pose2sim.system_jacobian(), nothing, i)
        independent = [pose2sim.coordinates.index(n) for n in pose2sim.names(*BALANCED)]
        power.append((pose2sim.projection(motion.q[i]).T @ tau) @ motion.qd[i][independent])
        energy.append(pose2sim.model.calcKineticEnergy(pose2sim.state) + pose2sim.weight_N * mass_center(pose2sim)[1])
    from scipy.integrate import simpson

    work = simpson(power[:25], dx=0.02)
    assert abs(work) > 5.0
    assert work == pytest.approx(energy[24] - energy[0], rel=1e-3)
