"""The skeleton of one subject over all nodes of a window: dynamics and its derivatives in spline coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.compiled.last_answers import LastAnswers
from mint.trajectory.mesh.blocks import Blocks
from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.mesh.spline import basis, nodes

Array = np.ndarray[Any, Any]
_BLOCK = 512  # columns


class Dynamics:
    """y = (tau (n), penetration (S), feet (12)) at K nodes as a function of spline coefficients (K + 2, n).

    `depth` and `feet` are the columns of the last two. `floor (K, 2, 2)` m are x and z of the point of the floor about
    which moments of each foot are taken; without, it is the origin.

    `rows`, `coordinates` (Q,): which element of y depends on which coordinate, its speed or its acceleration; rows
    ascend.
    """

    def __init__(self, blocks: Blocks, parameters: Array, step_s: float, floor: Array | None = None) -> None:
        s = blocks.structure
        if parameters.size != s.parameters:
            raise ValueError(f"{parameters.size} parameters for kernels of {s.parameters}")
        self.n, self.ny, self.step_s = s.coordinates, s.outputs, step_s
        self.spheres = s.spheres
        self.depth, self.feet = slice(self.n, self.n + s.spheres), slice(self.n + s.spheres, s.outputs)
        self._floor = None if floor is None else floor.reshape(len(floor), 4).T
        self._blocks, self._parameters, self._structure = blocks, parameters, s
        self._basis = basis(step_s)
        depends = np.zeros((self.ny, self.n), dtype=bool)
        depends[s.jacobian_rows, s.jacobian_cols % self.n] = True
        self.rows, self.coordinates = np.nonzero(depends)
        at = np.full(depends.shape, -1)
        at[self.rows, self.coordinates] = np.arange(len(self.rows))
        self._slope_at = (s.jacobian_cols // self.n) * len(self.rows) + at[s.jacobian_rows, s.jacobian_cols % self.n]
        self._sum_by_coordinate = (self.coordinates == np.arange(self.n)[:, None]).astype(float)
        self._last = LastAnswers()

    def states(self, coefficients: Array) -> Array:
        """x = (q, qd, qdd) as (3n, K)."""
        motion = nodes(coefficients, self.step_s)
        return np.ascontiguousarray(motion.reshape(len(motion), 3 * self.n).T)

    def _inputs(self, states: Array) -> Array:
        """Inputs of the kernels (3n + 4, K)."""
        floor = np.zeros((4, states.shape[1])) if self._floor is None else self._floor
        return np.concatenate([states, floor])

    def value(self, coefficients: Array) -> Array:
        """y as (K, ny)."""
        return self._last.get(
            "value",
            (coefficients,),
            lambda: self._blocks.evaluate("value", self._inputs(self.states(coefficients)), self._parameters).T,
        )

    def slopes(self, coefficients: Array) -> tuple[Array, Array]:
        """y (K, ny), and by (q, qd, qdd) of each dependence (3, Q, K)."""
        y, slopes = self._last.get("slopes", (coefficients,), lambda: self._slopes(coefficients))
        return y, slopes

    def _slopes(self, coefficients: Array) -> tuple[Array, Array]:
        out = self._blocks.evaluate("jacobian", self._inputs(self.states(coefficients)), self._parameters)
        slopes = np.zeros((3 * len(self.rows), out.shape[1]))
        slopes[self._slope_at] = out[self.ny :]
        return out[: self.ny].T, slopes.reshape(3, len(self.rows), -1)

    def to_coefficients(self, slopes: Array) -> Array:
        """Derivatives by (q, qd, qdd) along the first axis as derivatives by (c_k, c_k+1, c_k+2)."""
        return np.asarray((self._basis.T @ slopes.reshape(3, -1)).reshape(slopes.shape))

    def dense(self, by_coefficients: Array, rows: Array, coordinates: Array, height: int) -> Array:
        """Derivatives (3, Q, K) of the elements `rows (Q,)` by `coordinates (Q,)` as matrices (K, height, 3n)."""
        out = np.zeros((by_coefficients.shape[-1], height, 3, self.n))
        out[:, rows, :, coordinates] = by_coefficients.transpose(1, 2, 0)
        return out.reshape(len(out), height, 3 * self.n)

    def pull_back(self, slopes: Array, weights: Array) -> Array:
        """Derivatives of sum(weights * y), weights (K, ny), by (c_k, c_k+1, c_k+2): (K, 3n)."""
        by_state = self._sum_by_coordinate @ (slopes * weights.T[self.rows])  # (3, n, K)
        return self.to_coefficients(by_state).reshape(3 * self.n, -1).T

    def meeting(self, rows: Array) -> Array:
        """Which pairs of coordinates (n, n) meet in second derivatives of y, or in products of slopes of `rows`."""
        s = self._structure
        out = np.eye(self.n, dtype=bool)
        out[s.hessian_rows % self.n, s.hessian_cols % self.n] = True
        for row in rows:
            together = self.coordinates[self.rows == row]
            out[np.ix_(together, together)] = True
        return np.asarray(out | out.T)

    def add_squares(self, total: Array, layout: NodeHessian, slopes: Array, rows: Array, weights: Array) -> None:
        """Add sum_r weights_r slope_r slope_r' to a sum of `layout`, for `rows` of y with weights (len, K) >= 0."""
        chosen = np.flatnonzero(np.isin(self.rows, rows))
        used, column = np.unique(self.coordinates[chosen], return_inverse=True)
        row = np.searchsorted(rows, self.rows[chosen])
        scaled = slopes[:, chosen] * np.sqrt(weights)[row]  # (3, chosen, K)
        orders = [d for d in range(3) if scaled[d].any()]
        if not orders:
            return
        by_order = np.zeros((scaled.shape[-1], len(rows), len(orders), len(used)))
        by_order[:, row, :, column] = np.moveaxis(scaled[orders], 1, 0).swapaxes(1, 2)
        roots = by_order.reshape(len(by_order), len(rows), -1)
        squares = _nodes_last(np.matmul(roots.swapaxes(1, 2), roots).reshape(len(roots), -1))
        squares = squares.reshape(len(orders), len(used), len(orders), len(used), -1)
        place = layout.place(used[:, None], used)
        meet = place >= 0
        for i, d in enumerate(orders):
            for j, e in enumerate(orders):
                total[d, e, place[meet]] += squares[i, :, j][meet]

    def add_curvature(self, total: Array, layout: NodeHessian, coefficients: Array, multipliers: Array) -> None:
        """Add second derivatives of sum(multipliers * y), multipliers (K, ny), to a sum of `layout`."""
        s, n = self._structure, self.n
        values = self._blocks.evaluate(
            "hessian", self._inputs(self.states(coefficients)), self._parameters, np.ascontiguousarray(multipliers.T)
        )
        d, a, e, b = s.hessian_rows // n, s.hessian_rows % n, s.hessian_cols // n, s.hessian_cols % n
        total[d, e, layout.place(a, b)] += values
        mirrored = s.hessian_rows != s.hessian_cols
        total[e[mirrored], d[mirrored], layout.place(b, a)[mirrored]] += values[mirrored]

    def outputs(self, states: Array) -> tuple[Array, Array, Array]:
        """Sphere forces N and points m (K, S, 3) in ground, centre of mass (K, 3), from states (3n, K)."""
        out = self._blocks.evaluate("outputs", self._inputs(states), self._parameters).T
        size = 3 * self.spheres
        shape = (len(out), self.spheres, 3)
        return out[:, :size].reshape(shape), out[:, size : 2 * size].reshape(shape), out[:, 2 * size :]


def _nodes_last(values: Array) -> Array:
    """The transpose (m, K) of values (K, m), laid out anew by blocks, which caches hold."""
    out = np.empty(values.shape[::-1])
    for start in range(0, len(out), _BLOCK):
        out[start : start + _BLOCK] = values[:, start : start + _BLOCK].T
    return out


def banded_layout(n: int) -> tuple[Array, Array, Array]:
    """Of the lower triangle of a (3n, 3n) node matrix: row, column, and band index row - column."""
    row, col = np.tril_indices(3 * n)
    return row, col, row - col
