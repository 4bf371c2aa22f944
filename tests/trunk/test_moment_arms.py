"""Moment arms by unit tension against OpenSim's computeMomentArm."""

from __future__ import annotations

import numpy as np
import pytest

from mint.trunk.arms import strut_arms
from mint.trunk.paths import MusclePaths, moment_arms
from mint.trunk.table import BALANCED
from tests.trunk.stance import held, motion_of


def posed(model, seed: int, spread: float):
    rng = np.random.default_rng(seed)
    names = model.names(*BALANCED)
    scale = [0.1 if "Sternum" in n and "Rot" not in n else 1.0 for n in names]
    motion = motion_of(
        model, held(dict(zip(names, spread * np.array(scale) * rng.normal(size=len(names)), strict=True)), 1)
    )
    model.pose(motion.q[0], motion.qd[0])
    return motion.q[0]


def test_moment_arms_through_couplers_match_opensim(pose2sim) -> None:
    q = posed(pose2sim, 1, 0.03)
    ours = moment_arms(pose2sim, pose2sim.muscles, pose2sim.system_jacobian()) @ pose2sim.projection(q)
    coordinates = pose2sim.model.getCoordinateSet()
    names = pose2sim.names(*BALANCED)
    checked = range(80, len(pose2sim.muscles), 3)
    theirs = np.array(
        [
            [
                pose2sim.muscle_objects[pose2sim.muscles[k]].computeMomentArm(pose2sim.state, coordinates.get(name))
                for name in names
            ]
            for k in checked
        ]
    )
    assert np.abs(theirs).max() > 0.1  # the couplers multiply the abdominal arms
    assert np.abs(ours[list(checked)] - theirs).max() < 1e-9


def test_moment_arms_of_full402_match_opensim_at_all_84_coordinates(full402) -> None:
    posed(full402, 2, 0.02)
    index = full402.index(*BALANCED)
    ours = moment_arms(full402, full402.muscles, full402.system_jacobian())[:, index]
    coordinates = full402.model.getCoordinateSet()
    names = full402.names(*BALANCED)
    assert len(names) == 84
    checked = list(range(80, len(full402.muscles), 21))
    theirs = np.array(
        [
            [
                full402.muscle_objects[full402.muscles[k]].computeMomentArm(full402.state, coordinates.get(name))
                for name in names
            ]
            for k in checked
        ]
    )
    assert np.abs(ours[checked] - theirs).max() < 1e-9


@pytest.mark.parametrize("name", ["pose2sim", "full402"])
def test_lengths_and_lengthening_speeds_of_all_paths_match_opensim(name: str, request) -> None:
    """Straight paths are computed together, the others are asked of OpenSim."""
    model = request.getfixturevalue(name)
    q, qd = posed(model, 6, 0.02), 0.5 * np.random.default_rng(7).normal(size=len(model.rows))
    model.pose(q, qd)
    ours = MusclePaths(model, model.muscles).at(model.system_jacobian(), model.projection(q), qd)
    paths = [model.paths[muscle] for muscle in model.muscles]
    assert np.abs(ours.length_m - [path.getLength(model.state) for path in paths]).max() < 1e-12
    assert np.abs(ours.speed_m_s - [path.getLengtheningSpeed(model.state) for path in paths]).max() < 1e-10
    assert np.abs(ours.speed_m_s).max() > 0.1


def test_moment_arm_is_minus_length_change_of_the_abdomen_that_follows_the_spine(full402) -> None:
    """Obliques hang on the abdomen body, which moves by the sum of the lumbar joints."""
    motion = motion_of(full402, held({"L3_L4_FE": 0.02}, 1))
    muscles = ["IO1_r", "E0_R8_r", "IO3_l"]
    j = full402.names(*BALANCED).index("L3_L4_FE")
    full402.pose(motion.q[0], motion.qd[0])
    arms = (moment_arms(full402, muscles, full402.system_jacobian()) @ full402.projection(motion.q[0]))[:, j]
    step = 1e-5
    lengths = []
    for sign in (1, -1):
        moved = motion_of(full402, held({"L3_L4_FE": 0.02 + sign * step}, 1))
        full402.pose(moved.q[0], moved.qd[0])
        lengths.append(np.array([full402.muscle_objects[name].getLength(full402.state) for name in muscles]))
    assert arms == pytest.approx(-(lengths[0] - lengths[1]) / (2 * step), abs=1e-6)
    assert np.abs(arms).min() > 0.01


def test_cartilage_pushes_along_its_own_line(full402) -> None:
    """The power of a strut that pushes with 1 N is the rate of its length, at every coordinate."""
    import opensim

    q = posed(full402, 3, 0.02)
    struts = ["rib1Ract", "rib6Lact"]
    ours = strut_arms(full402, struts, full402.system_jacobian())
    step = 1e-6

    def length(name: str) -> float:
        strut = opensim.PointToPointActuator.safeDownCast(full402.model.getForceSet().get(name))
        bodies = full402.model.getBodySet()
        ends = [
            bodies.get(body).findStationLocationInGround(full402.state, point).to_numpy()
            for body, point in ((strut.get_bodyA(), strut.get_pointA()), (strut.get_bodyB(), strut.get_pointB()))
        ]
        return float(np.linalg.norm(ends[0] - ends[1]))

    for i in full402.index(*BALANCED):
        both = []
        for sign in (1, -1):
            moved = q.copy()
            moved[i] += sign * step
            full402.pose(moved, np.zeros_like(moved))
            both.append(np.array([length(name) for name in struts]))
        assert ours[:, i] == pytest.approx((both[0] - both[1]) / (2 * step), abs=1e-6)


def test_every_trunk_strand_of_full402_has_a_moment_arm(full402) -> None:
    from mint.core.tables import table

    rows = table("muscles_402")
    strands = list(rows.loc[rows["region"] == "trunk", "allaire_full_body_model"])
    q = posed(full402, 4, 0.01)
    arms = moment_arms(full402, strands, full402.system_jacobian()) @ full402.projection(q)
    assert len(strands) == 322
    assert np.abs(arms).max(axis=1).min() > 1e-3
