"""The trunk follows the torso of the leg solution."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.trunk.motion import trunk_motion
from tests.trunk.stance import held, synthetic_chunk

LUMBAR = ["lumbar_extension", "lumbar_bending", "lumbar_rotation"]


def torso_turn(model, q: np.ndarray, qd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotation of the body that carries the arms against the pelvis, and its angular velocity in ground."""
    model.pose(q, qd)
    bodies = model.model.getBodySet()
    torso, pelvis = (bodies.get(name) for name in ("torso" if bodies.contains("torso") else "thoracic1", "pelvis"))
    rotation = [
        np.array([[body.getTransformInGround(model.state).R().asMat33().get(i, j) for j in range(3)] for i in range(3)])
        for body in (pelvis, torso)
    ]
    return rotation[0].T @ rotation[1], torso.getAngularVelocityInGround(model.state).to_numpy()


def zxy(angles: np.ndarray) -> np.ndarray:
    (cz, cx, cy), (sz, sx, sy) = np.cos(angles), np.sin(angles)
    z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return z @ x @ y


@pytest.mark.parametrize("name", ["pose2sim", "full402"])
@pytest.mark.parametrize("axis", range(3))
def test_lumbar_joints_take_up_the_turn_of_the_leg_solutions_torso(
    name: str, axis: int, request, tmp_path: Path
) -> None:
    model, osim = request.getfixturevalue(name), request.getfixturevalue(f"{name}_osim")
    still = "L5_S1_Flex_Ext" if name == "pose2sim" else "L5_S1_FE"
    trajectory_path, ik_path = synthetic_chunk(tmp_path, osim, held({still: 0.0}, 1))
    trajectory, ik = Bundle.read(trajectory_path), Bundle.read(ik_path)
    before = trunk_motion(model, trajectory, ik)
    rest, speed = torso_turn(model, before.q[0], before.qd[0])
    assert np.abs(speed).max() < 1e-12
    column, angle, rate = trajectory.names("coordinates").index(LUMBAR[axis]), np.radians(6.0), 0.7
    trajectory["q"][0, column], trajectory["qd"][0, column], trajectory["qdd"][0, column] = angle, rate, 3.0
    after = trunk_motion(model, trajectory, ik)
    turned, speed = torso_turn(model, after.q[0], after.qd[0])
    error = turned @ rest.T @ zxy(np.eye(3)[axis] * angle).T
    assert np.abs(error - np.eye(3)).max() < 1e-4
    assert speed[[2, 0, 1]] == pytest.approx(rate * np.eye(3)[axis], abs=0.03)
    assert after.qdd[0] == pytest.approx(after.qd[0] * 3.0 / rate, abs=0.02)


@pytest.mark.parametrize("name", ["pose2sim", "full402"])
def test_turns_about_several_axes_at_once_are_followed_whole(name: str, request, tmp_path: Path) -> None:
    model, osim = request.getfixturevalue(name), request.getfixturevalue(f"{name}_osim")
    still = "L5_S1_Flex_Ext" if name == "pose2sim" else "L5_S1_FE"
    nodes = 21
    paths = synthetic_chunk(tmp_path, osim, held({still: 0.2}, nodes))
    trajectory, ik = (Bundle.read(path) for path in paths)
    rest, _ = torso_turn(
        model, *(values[0] for values in (trunk_motion(model, trajectory, ik).q, np.zeros((1, len(model.rows)))))
    )
    columns = [trajectory.names("coordinates").index(coordinate) for coordinate in LUMBAR]
    t, most = np.arange(nodes) / 50.0, np.array([0.5, -0.3, 0.4])
    for key, share in (("q", t**2), ("qd", 2 * t), ("qdd", np.full(nodes, 2.0))):
        trajectory[key][:, columns] = share[:, None] / t[-1] ** 2 * most
    motion = trunk_motion(model, trajectory, ik)
    turned, _ = torso_turn(model, motion.q[-1], motion.qd[-1])
    assert turned @ rest.T == pytest.approx(zxy(most), abs=2e-4)
    middle = nodes // 2
    turns = [torso_turn(model, motion.q[row], motion.qd[row]) for row in (middle - 1, middle, middle + 1)]
    rate = (turns[2][0] - turns[0][0]) @ turns[1][0].T * 25.0
    assert turns[1][1] == pytest.approx([rate[2, 1], rate[0, 2], rate[1, 0]], abs=0.01)


def test_a_leg_solution_without_lumbar_joint_is_refused(pose2sim, pose2sim_osim: Path, tmp_path: Path) -> None:
    paths = synthetic_chunk(tmp_path, pose2sim_osim, held({"L5_S1_Flex_Ext": 0.0}, 1))
    trajectory, ik = (Bundle.read(path) for path in paths)
    ik.arrays["leg_coordinates"] = np.array(["hip_flexion_r", *LUMBAR[1:]])
    with pytest.raises(StageError) as error:
        trunk_motion(pose2sim, trajectory, ik)
    assert error.value.reason is Reason.FIELD_MISSING and "lumbar_extension" in error.value.detail
