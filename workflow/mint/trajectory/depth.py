"""How deep spheres may go into the floor: a constraint on every sphere at every kept node."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.core.chunks import kept_nodes
from mint.trajectory.dynamics import Dynamics

Array = np.ndarray[Any, Any]


class DepthLimits:
    """Penetrations in units of their limit, at most 1, as constraints on spline coefficients.

    Measured against a cost that is raised until the limit is met: one solution instead of two to four.
    """

    def __init__(self, dynamics: Dynamics, count: int, limit_m: float) -> None:
        """`count` nodes of the window."""
        self._dynamics, self._limit = dynamics, limit_m
        self.nodes = np.arange(count)[kept_nodes(count)]
        n, s = dynamics.n, dynamics.spheres
        sphere, coordinate = dynamics.depth_pattern()
        width = 3 * len(sphere)
        self._sphere = np.tile(sphere, 3)
        self._column = (np.arange(3)[:, None] * n + coordinate).ravel()
        row = np.arange(len(self.nodes))[:, None] * s + self._sphere
        self.rows = row.ravel()
        self.cols = (self.nodes[:, None] * n + self._column).reshape(-1, width).ravel()
        self.count = len(self.nodes) * s

    def value(self, coefficients: Array) -> Array:
        """(count,) from coefficients (K + 2, n)."""
        n = self._dynamics.n
        return np.asarray(self._dynamics.value(coefficients)[self.nodes, n:].ravel() / self._limit)

    def jacobian(self, coefficients: Array) -> Array:
        """Values at `rows`, `cols`."""
        by_coefficients = self._dynamics.value_and_jacobian(coefficients)[1][self.nodes]
        return (by_coefficients[:, self._dynamics.n + self._sphere, self._column] / self._limit).ravel()

    def add_weights(self, weights: Array, multipliers: Array) -> None:
        """Add what multipliers (count,) weigh to the outputs (K, ny) of the dynamics."""
        weights[self.nodes, self._dynamics.n:] += multipliers.reshape(len(self.nodes), -1) / self._limit
