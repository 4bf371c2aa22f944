"""The skeleton of one subject over all nodes of a window: dynamics and its derivatives in spline coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.blocks import Blocks
from mint.trajectory.last_answers import LastAnswers
from mint.trajectory.spline import basis, nodes

Array = np.ndarray[Any, Any]


class Dynamics:
    """y = (tau (n), penetration (S)) at K nodes as a function of spline coefficients (K + 2, n)."""

    def __init__(self, blocks: Blocks, parameters: Array, step_s: float) -> None:
        s = blocks.structure
        if parameters.size != s.parameters:
            raise ValueError(f"{parameters.size} parameters for kernels of {s.parameters}")
        self.n, self.ny, self.step_s = s.coordinates, s.outputs, step_s
        self.spheres = s.spheres
        self._blocks, self._parameters, self._structure = blocks, parameters, s
        self._basis = basis(step_s)
        # x = E (c_k, c_k+1, c_k+2), both ordered by blocks of n
        self.expand = np.kron(self._basis, np.eye(self.n))
        self._last = LastAnswers()

    def states(self, coefficients: Array) -> Array:
        """x = (q, qd, qdd) as (3n, K)."""
        motion = nodes(coefficients, self.step_s)
        return np.ascontiguousarray(motion.reshape(len(motion), 3 * self.n).T)

    def value(self, coefficients: Array) -> Array:
        """y as (K, ny)."""
        return self._last.get("value", (coefficients,), lambda: self._blocks.evaluate(
            "value", self.states(coefficients), self._parameters).T)

    def value_and_jacobian(self, coefficients: Array) -> tuple[Array, Array]:
        """y (K, ny) and dy_k / d(c_k, c_k+1, c_k+2) as (K, ny, 3n)."""
        y, jacobian = self._last.get("jacobian", (coefficients,), lambda: self._value_and_jacobian(coefficients))
        return y, jacobian

    def depth_pattern(self) -> tuple[Array, Array]:
        """Which penetration depends on the position of which coordinate: indices of spheres and coordinates."""
        s = self._structure
        chosen = (s.jacobian_rows >= self.n) & (s.jacobian_cols < self.n)
        return s.jacobian_rows[chosen] - self.n, s.jacobian_cols[chosen]

    def _value_and_jacobian(self, coefficients: Array) -> tuple[Array, Array]:
        s = self._structure
        out = self._blocks.evaluate("jacobian", self.states(coefficients), self._parameters)
        count = out.shape[1]
        jacobian = np.zeros((count, self.ny, 3 * self.n))
        jacobian[:, s.jacobian_rows, s.jacobian_cols] = out[self.ny:].T
        return out[:self.ny].T, self._to_coefficients(jacobian)

    def _to_coefficients(self, by_state: Array) -> Array:
        n, b = self.n, self._basis
        parts = [by_state[..., i * n:(i + 1) * n] for i in range(3)]
        return np.concatenate([sum(b[d, j] * parts[d] for d in range(3) if b[d, j]) for j in range(3)], axis=-1)

    def curvature(self, coefficients: Array, multipliers: Array) -> Array:
        """Hessian of sum(multipliers * y) in (c_k, c_k+1, c_k+2): (K, 3n, 3n), for multipliers (K, ny)."""
        s = self._structure
        values = self._blocks.evaluate("hessian", self.states(coefficients), self._parameters,
                                       np.ascontiguousarray(multipliers.T)).T
        full = np.zeros((len(values), 3 * self.n, 3 * self.n))
        full[:, s.hessian_rows, s.hessian_cols] = values
        full[:, s.hessian_cols, s.hessian_rows] = values
        half = self._to_coefficients(full)
        return self._to_coefficients(np.swapaxes(half, 1, 2))

    def outputs(self, states: Array) -> tuple[Array, Array, Array]:
        """Sphere forces N and points m (K, S, 3) in ground, centre of mass (K, 3), from states (3n, K)."""
        out = self._blocks.evaluate("outputs", states, self._parameters).T
        size = 3 * self.spheres
        shape = (len(out), self.spheres, 3)
        return out[:, :size].reshape(shape), out[:, size:2 * size].reshape(shape), out[:, 2 * size:]


def banded_layout(n: int) -> tuple[Array, Array, Array]:
    """Of the lower triangle of a (3n, 3n) node matrix: row, column, and band index row - column."""
    row, col = np.tril_indices(3 * n)
    return row, col, row - col
