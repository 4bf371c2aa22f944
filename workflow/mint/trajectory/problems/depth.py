"""How deep spheres may go into the floor: a constraint on every sphere at every kept node."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.core.chunks import kept_nodes
from mint.trajectory.mesh.dynamics import Dynamics

Array = np.ndarray[Any, Any]


class DepthLimits:
    """Penetrations in units of their limit, at most 1, as constraints on spline coefficients.

    Measured against a cost that is raised until the limit is met: one solution instead of two to four.
    """

    def __init__(self, dynamics: Dynamics, count: int, limit_m: float) -> None:
        """`count` nodes of the window."""
        self._dynamics, self._limit = dynamics, limit_m
        self.nodes = np.arange(count)[kept_nodes(count)]
        depth = dynamics.depth
        # by positions only
        self._elements = np.flatnonzero((dynamics.rows >= depth.start) & (dynamics.rows < depth.stop))
        sphere, coordinate = dynamics.rows[self._elements] - dynamics.n, dynamics.coordinates[self._elements]
        kept = np.arange(len(self.nodes))
        shape = (3, len(sphere), len(kept))
        self.rows = np.broadcast_to(kept * dynamics.spheres + sphere[:, None], shape).ravel()
        self.cols = ((self.nodes + np.arange(3)[:, None, None]) * dynamics.n + coordinate[:, None]).ravel()
        self.count = len(kept) * dynamics.spheres

    def value(self, coefficients: Array) -> Array:
        """(count,) from coefficients (K + 2, n)."""
        return np.asarray(self._dynamics.value(coefficients)[self.nodes, self._dynamics.depth].ravel() / self._limit)

    def jacobian(self, coefficients: Array) -> Array:
        """Values at `rows`, `cols`."""
        slopes = self._dynamics.slopes(coefficients)[1][:, self._elements][..., self.nodes]
        return (self._dynamics.to_coefficients(slopes) / self._limit).ravel()

    def add_weights(self, weights: Array, multipliers: Array) -> None:
        """Add what multipliers (count,) weigh to the outputs (K, ny) of the dynamics."""
        weights[self.nodes, self._dynamics.depth] += multipliers.reshape(len(self.nodes), -1) / self._limit
