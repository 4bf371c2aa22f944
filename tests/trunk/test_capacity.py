"""Muscle force with rigid tendons against OpenSim's own muscle in rigid-tendon mode."""

from __future__ import annotations

import numpy as np
import opensim
import pytest

from mint.trunk.capacity import active_force, passive_force
from tests.trunk.stance import held, motion_of, raised_cosine

CURVES = {
    "pose2sim": ["IL_L1_r", "rect_abd_r", "Ps_L1_VB_r", "soleus_r", "vaslat_l"],
    "full402": ["soleus_r", "vasint_l"],
}


def rigid_reference(model, path, muscles, q, qd, activation):
    """Active and passive force along the tendon of rigid-tendon muscles at a fixed activation."""
    reference = opensim.Model(str(path))
    for name in muscles:
        opensim.Muscle.safeDownCast(reference.getForceSet().get(name)).set_ignore_tendon_compliance(True)
    state = reference.initSystem()
    state.setQ(opensim.Vector.createFromMat(q))
    state.setU(opensim.Vector.createFromMat(qd))
    out = []
    for name in muscles:
        muscle = opensim.Muscle.safeDownCast(reference.getForceSet().get(name))
        muscle.setActivation(state, activation)
        reference.realizeDynamics(state)
        out.append((muscle.getActiveFiberForceAlongTendon(state), muscle.getPassiveFiberForceAlongTendon(state)))
    return np.array(out)


@pytest.mark.parametrize("name", ["pose2sim", "full402"])
def test_active_and_passive_force_equal_the_rigid_tendon_muscle_of_opensim(name: str, request) -> None:
    model, path = request.getfixturevalue(name), request.getfixturevalue(f"{name}_osim")
    spine = {"pose2sim": {"L5_S1_Flex_Ext": -0.06}, "full402": {"L5_S1_FE": -0.06}}[name]
    moves = raised_cosine({**spine, "hip_flexion_r": 0.5, "knee_angle_l": 0.6, "ankle_angle_r": 0.4}, 12, 1.0)
    motion = motion_of(model, moves)
    q, qd = motion.q[10], motion.qd[10]
    model.pose(q, qd)
    expected = rigid_reference(model, path, CURVES[name], q, qd, 1.0)
    active, passive = active_force(model, CURVES[name]), passive_force(model, CURVES[name])
    assert active == pytest.approx(expected[:, 0], rel=1e-3)
    # DeGroote's reference adds a term of fiber damping (0.01) to the passive force.
    assert passive == pytest.approx(expected[:, 1], rel=1e-3, abs=0.01 * expected[:, 0].max())
    # The muscles of pose2sim are set to carry no passive force.
    assert passive.max() > 1.0 if name == "full402" else passive.max() == 0.0


def test_tables_of_the_curves_leave_a_millionth_of_the_isometric_force(pose2sim) -> None:
    """At random poses and speeds, against OpenSim's call for each muscle; fibers at all lengths and both directions."""
    rng = np.random.default_rng(5)
    default = motion_of(pose2sim, held({"L5_S1_Flex_Ext": 0.0}, 1)).q[0]
    normalized = []
    for _ in range(4):
        pose2sim.pose(default + 0.1 * rng.normal(size=len(default)), 2.0 * rng.normal(size=len(default)))
        ours = active_force(pose2sim, pose2sim.muscles, along_tendon=False)
        muscles = list(pose2sim.muscle_objects.values())
        theirs = np.array([m.calcInextensibleTendonActiveFiberForce(pose2sim.state, 1.0) for m in muscles])
        isometric = np.array([m.get_max_isometric_force() for m in muscles])
        assert np.abs((ours - theirs) / isometric).max() < 2e-6
        normalized.append(theirs / isometric)
    assert np.min(normalized) < 0.1
    assert np.max(normalized) > 1.2


def test_thelen_passive_curve_has_its_published_values() -> None:
    """Maximum isometric force at the strain named for it, nothing below optimal length (Thelen 2003, equation 3)."""
    muscle = opensim.Thelen2003Muscle("curve", 1000.0, 0.1, 0.2, 0.0)
    from mint.trunk.capacity import _passive_multiplier

    strain, shape = muscle.get_FmaxMuscleStrain(), muscle.get_KshapePassive()
    assert _passive_multiplier(muscle, 1.0 + strain) == pytest.approx(1.0)
    assert _passive_multiplier(muscle, 0.9) == 0.0
    half = (np.exp(shape / 2) - 1) / (np.exp(shape) - 1)
    assert _passive_multiplier(muscle, 1.0 + strain / 2) == pytest.approx(half)
    above, below = (_passive_multiplier(muscle, 1.0 + strain + h) for h in (1e-6, -1e-6))
    far = _passive_multiplier(muscle, 1.0 + 3 * strain)
    assert far == pytest.approx(1.0 + 2 * strain * (above - below) / 2e-6, rel=1e-4)  # straight from there on


def test_isometric_force_at_optimal_length_is_maximum_isometric_force(pose2sim) -> None:
    motion = motion_of(pose2sim, held({"L5_S1_Flex_Ext": 0.0}, 1))
    pose2sim.pose(motion.q[0], motion.qd[0])
    ratio = []
    for name in pose2sim.muscles[80:]:
        muscle = pose2sim.muscle_objects[name]
        along = muscle.getLength(pose2sim.state) - muscle.get_tendon_slack_length()
        if abs(along / muscle.get_optimal_fiber_length() - 1) < 0.02 and muscle.get_pennation_angle_at_optimal() == 0:
            ratio.append(active_force(pose2sim, [name])[0] / muscle.get_max_isometric_force())
    assert len(ratio) > 3
    assert np.array(ratio) == pytest.approx(1.0, abs=0.02)
