"""Joint positions of an AMASS file by a plain forward pass, independent of the code under test."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from tests.demo_motion import synthetic_body


def joint_positions(poses: np.ndarray, trans: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """(n,52,3) m, z up, for `poses (n,156)`, `trans (n,3)` and the rest joints (52,3) in SMPL-H's frame."""
    turns = Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix().reshape(len(poses), 52, 3, 3)
    out = np.empty((len(poses), 52, 3))
    world = turns.copy()
    out[:, 0] = rest[0] + trans
    for joint, parent in enumerate(synthetic_body.PARENTS):
        if parent < 0:
            continue
        world[:, joint] = world[:, parent] @ turns[:, joint]
        out[:, joint] = out[:, parent] + world[:, parent] @ (rest[joint] - rest[parent])
    return out
