"""Forward kinematics of a tree of joints."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def chain(offsets: Array, parents: Array, local: Array, root: Array) -> tuple[Array, Array]:
    """Ground positions (n,J,3) and orientations (n,J,3,3) of all joints of a tree, parents before children.

    `offsets (J,3)` or (n,J,3) of each joint in its parent's frame, `parents (J,)`, `local (n,J,3,3)` rotations in the
    parent's frame (root: ground), `root (n,3)` its position.
    """
    turns = np.empty_like(local)
    points = np.empty((*local.shape[:2], 3))
    turns[:, 0], points[:, 0] = local[:, 0], root
    for joint in range(1, local.shape[1]):
        parent = int(parents[joint])
        turns[:, joint] = turns[:, parent] @ local[:, joint]
        offset = np.broadcast_to(offsets[..., joint, :], root.shape)
        points[:, joint] = points[:, parent] + (turns[:, parent] @ offset[..., None])[..., 0]
    return points, turns
