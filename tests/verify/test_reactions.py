"""Forces in joints against OpenSim's own, whatever the motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim
import pytest

from mint.kinematics.model.export import items, load_model, vector
from mint.kinematics.model.joint_loads import JointLoads, force_wrench, tension_wrench

JOINTS = {"femur_r": "hip_r", "tibia_r": "walker_knee_r", "talus_l": "ankle_l", "torso": "back"}
FOOT_N = np.array([[30.0, 500.0, -20.0]])


@pytest.fixture(scope="module")
def falling(leg_model: Path):
    """A model under muscle forces that nothing balances: accelerations are whatever they make."""
    model = load_model(leg_model)
    for force in items(model.updForceSet()):
        if force.getConcreteClassName() == "SmoothSphereHalfSpaceForce":
            force.set_appliesForce(False)
    state = model.initSystem()
    rng = np.random.default_rng(3)
    for coordinate in items(model.getCoordinateSet()):
        if not coordinate.isConstrained(state) and not coordinate.getLocked(state):
            coordinate.setValue(state, float(rng.uniform(0.0, 0.4)), False)
            coordinate.setSpeedValue(state, float(rng.uniform(-1.0, 1.0)))
    model.assemble(state)
    tension = []
    for muscle in items(model.getMuscles()):
        tension.append(float(rng.uniform(10.0, 400.0)))
        muscle.overrideActuation(state, True)
        muscle.setOverrideActuation(state, tension[-1])
    model.realizeAcceleration(state)
    return model, state, np.array(tension)


def test_joint_forces_are_those_of_opensim_for_accelerations_that_muscles_make(falling) -> None:
    model, state, tension = falling
    loads = JointLoads(model, list(JOINTS))
    paths = [opensim.GeometryPath.safeDownCast(muscle.updPath()) for muscle in items(model.getMuscles())]
    ours = loads.at(state, state.getUDot(), tension_wrench(state, paths, tension, loads.count))
    for row, (body, joint) in zip(ours, JOINTS.items(), strict=True):
        found = model.getJointSet().get(joint)
        reaction = found.calcReactionOnChildExpressedInGround(state)
        frame = model.getBodySet().get(body)
        moment, force = (
            vector(model.getGround().expressVectorInAnotherFrame(state, reaction.get(part), frame)) for part in (0, 1)
        )
        assert np.allclose(row, [*force, *moment], rtol=1e-6, atol=1e-4 * np.abs(row).max()), joint
        assert np.abs(row[:3]).max() > 100.0


def test_a_force_on_the_foot_passes_through_every_joint_of_its_leg(falling) -> None:
    model, state, _ = falling
    loads = JointLoads(model, ["femur_r", "talus_l"])
    point = np.array([vector(model.getBodySet().get("calcn_r").getPositionInGround(state))])
    nothing = np.zeros((loads.count, 6))
    pushed = force_wrench(model, state, ["calcn_r"], FOOT_N, point, loads.count)
    change = loads.at(state, state.getUDot(), pushed) - loads.at(state, state.getUDot(), nothing)
    assert np.linalg.norm(change[0, :3]) == pytest.approx(np.linalg.norm(FOOT_N), rel=1e-9)
    assert not change[1].any()
