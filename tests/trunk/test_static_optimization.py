"""Agreement with OpenSim's own StaticOptimization on the default model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.config.trunk import TrunkConfig
from mint.trunk.demand import GroundForces
from mint.trunk.motion import Motion
from mint.trunk.optimize import choose_actors, optimize
from mint.trunk.reference import as_the_tool_turns, static_optimization
from tests.trunk.stance import held, motion_of, raised_cosine


def test_objective_and_activations_match_opensims_static_optimization(
    pose2sim, pose2sim_osim: Path, tmp_path: Path, monkeypatch
) -> None:
    """A slow flexion with bending and rotation, two frames; OpenSim's tool leaves the cosine of pennation out."""
    monkeypatch.chdir(tmp_path)
    model = as_the_tool_turns(pose2sim)
    moves = raised_cosine({"L5_S1_Flex_Ext": -0.07, "L5_S1_Lat_Bending": 0.01, "L5_S1_axial_rotation": 0.03}, 50, 2.0)
    # Arms away from their singular default, where two shoulder axes are parallel.
    moves |= held(
        {
            "arm_add_r": -1.2,
            "arm_add_l": -1.2,
            "elbow_flex_r": 0.5,
            "elbow_flex_l": 0.5,
            "knee_angle_r": 0.2,
            "knee_angle_l": 0.2,
        },
        50,
    )
    motion, rows, config = motion_of(model, moves), range(30, 32), TrunkConfig(pennation=False)
    actors = choose_actors(model, motion.q[0], [])
    ours = optimize(
        model,
        Motion(motion.frames[rows], motion.q[rows], motion.qd[rows], motion.qdd[rows]),
        GroundForces([], np.zeros((2, 0, 3)), np.zeros((2, 0, 3))),
        actors,
        np.zeros((2, 0)),
        config,
    )
    theirs = static_optimization(tmp_path, pose2sim_osim, model, actors, motion, rows, config)
    objective = [
        np.sum(a**2, axis=1) + np.sum(r**2, axis=1)
        for a, r in ((ours.activation, ours.reserve), (theirs.activation, theirs.reserve))
    ]
    assert (objective[0] < objective[1] * 1.001).all()
    assert (objective[0] > objective[1] * 0.99).all()
    assert np.sqrt(np.mean((ours.activation - theirs.activation) ** 2)) < 0.002
    assert theirs.activation.max() > 0.15
