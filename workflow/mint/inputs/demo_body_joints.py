"""A sparse joint regressor: joint centres as convex combinations of nearby vertices, for every shape."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from mint.inputs.demo_body_shape import ShapedBody
from mint.inputs.makehuman import FloatArray, IntArray
from mint.retarget.joints import JOINTS, mirrored, parents

_CANDIDATES = 900
_SUM_WEIGHT = 10.0  # m; makes the rows sum to one well below the accuracy of the joints
_DIRECTION_WEIGHT = 1.0  # a shape of one standard deviation counts like the mean body


def joint_regressor(body: ShapedBody, mirror: IntArray) -> FloatArray:
    """Regressor (52, V): non-negative, rows sum to one, exactly symmetric under `mirror` (V,).

    For each joint, non-negative least squares over the nearest vertices that move with the joint's segment or
    its neighbours, on the joint's place in the mean body and its displacement along each shape component.
    """
    count = len(body.vertices)
    out = np.zeros((len(JOINTS), count))
    partner = mirrored()
    for index, name in enumerate(JOINTS):
        if name.startswith("right_"):
            continue
        row = _row(body, index)
        if partner[index] == index:
            row = 0.5 * (row + row[mirror])
        out[index] = row
        out[partner[index]] = row[mirror]
    return out / out.sum(axis=1, keepdims=True)


def _row(body: ShapedBody, joint: int) -> FloatArray:
    candidates = _candidates(body, joint)
    offsets = body.vertices[candidates] - body.joints[joint]
    moves = body.vertex_directions[:, candidates] - body.joint_directions[:, joint][:, None]
    rows = np.concatenate(
        [
            offsets.T,
            _DIRECTION_WEIGHT * moves.transpose(0, 2, 1).reshape(-1, len(candidates)),
            np.full((1, len(candidates)), _SUM_WEIGHT),
        ]
    )
    goal = np.zeros(len(rows))
    goal[-1] = _SUM_WEIGHT
    solution, _ = nnls(rows, goal)
    row = np.zeros(len(body.vertices))
    row[candidates] = solution / solution.sum()
    return row


def _candidates(body: ShapedBody, joint: int) -> IntArray:
    """Nearest vertices, those that move with the joint's segment or its parent's before others."""
    parent = int(parents()[joint])
    own = body.weights[:, joint] + (body.weights[:, parent] if parent >= 0 else 0.0) > 0.02
    distance = np.linalg.norm(body.vertices - body.joints[joint], axis=1)
    order = np.argsort(distance + 0.02 * ~own, kind="stable")
    return order[:_CANDIDATES].astype(np.int64)
