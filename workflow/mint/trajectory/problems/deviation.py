"""How far a motion may be from the tracked one: root mean square over the kept nodes, as the verification takes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.chunks import kept_nodes
from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.model.tree import Tree

Array = np.ndarray[Any, Any]


def accepted_rms(tree: Tree, config: TrajectoryConfig) -> Array:
    """Accepted root mean square deviation of each coordinate (n,), rad or m."""
    return np.where(tree.rotational, np.radians(config.accept_rms_deg), config.accept_rms_m)


class RmsLimits:
    """Mean squares of deviations in units of their limits, as constraints on spline coefficients: at most 1 each.

    A row couples all nodes, but its Hessian is diagonal in the nodes' positions. Measured against raising the weights
    of coordinates beyond their limit until they meet it: one solution instead of two to four.
    """

    def __init__(self, target: Array, limit: Array, tracked: Array, position: Array) -> None:
        """`target` (K, n) positions, `limit` (n,), `tracked` indices of limited coordinates, `position` (3,) weights of
        three coefficients in the position at a node."""
        kept = kept_nodes(len(target))
        self._nodes = np.arange(len(target))[kept]
        self._target, self.tracked, self._position = target[kept][:, tracked], tracked, position
        self.n, self.count = target.shape[1], len(tracked)
        self._scale = 1.0 / (len(self._nodes) * limit[tracked] ** 2)
        self.rows = np.tile(np.arange(self.count), 3 * len(self._nodes))
        self.cols = ((self._nodes[:, None] + np.arange(3)[:, None, None]) * self.n + tracked).ravel()

    def _error(self, z: Array) -> Array:
        """Deviations (kept nodes, count)."""
        c = z.reshape(-1, self.n)[:, self.tracked]
        return np.asarray(sum(self._position[j] * c[self._nodes + j] for j in range(3)) - self._target)

    def value(self, z: Array) -> Array:
        """(count,)."""
        return np.asarray(self._scale * np.sum(self._error(z) ** 2, axis=0))

    def jacobian(self, z: Array) -> Array:
        """Values at `rows`, `cols`."""
        return (2 * self._position[:, None, None] * self._scale * self._error(z)).ravel()

    def add_hessian(self, total: Array, layout: NodeHessian, multipliers: Array) -> None:
        """Add the curvature to a sum of `layout`."""
        own = layout.place(self.tracked, self.tracked)
        total[0, 0, own[:, None], self._nodes] += (2 * self._scale * multipliers)[:, None]
