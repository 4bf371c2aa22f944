"""Kernels of a topology whose outputs are quadratic in states and floor: all their derivatives can be written down."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.mesh.blocks import Structure

STEP = 0.02
N, SPHERES, FEET = 3, 2, 12
NY = N + SPHERES + FEET
# Which coordinates each row of y depends on. Coordinates 0 and 1 meet in moments and forces, 2 stands alone but in feet.
DEPENDS = np.zeros((NY, N), dtype=bool)
DEPENDS[0, [0, 1]] = DEPENDS[1, [0, 1]] = DEPENDS[2, 2] = True
DEPENDS[3, 0] = DEPENDS[4, 1] = True
DEPENDS[5:9, 2] = DEPENDS[9:11, [0]] = True


class Quadratic:
    """y_r = p (a_r + b_r x + x' H_r x / 2) + c_r floor, of which penetrations depend on positions only."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        by_state = np.tile(DEPENDS, 3)  # (NY, 3n): order of derivative major
        by_state[N : N + SPHERES, N:] = False
        self.slope = rng.normal(size=(NY, 3 * N)) * by_state
        self.curve = rng.normal(size=(NY, 3 * N, 3 * N))
        self.curve = (self.curve + self.curve.transpose(0, 2, 1)) * by_state[:, :, None] * by_state[:, None, :]
        self.constant = rng.normal(size=NY)
        self.by_floor = rng.normal(size=(NY, 4)) * (np.arange(NY) >= N + SPHERES)[:, None]
        # Nonzeros in an order of their own, as CasADi's, which goes by columns.
        cols, rows = np.nonzero(by_state.T)
        meets = np.abs(self.curve).sum(axis=0) > 0
        second, first = np.nonzero(np.triu(meets).T)
        self.structure = Structure(N, SPHERES, 1, rows, cols, first, second)

    def y(self, x: np.ndarray, floor: np.ndarray, p: float = 1.0) -> np.ndarray:
        """At one node: x (3n,), floor (4,)."""
        return p * (self.constant + self.slope @ x + 0.5 * (self.curve @ x) @ x) + self.by_floor @ floor

    def by_x(self, x: np.ndarray, p: float = 1.0) -> np.ndarray:
        return p * (self.slope + self.curve @ x)

    def evaluate(self, kernel: str, x: Any, p: Any, multipliers: Any = None) -> np.ndarray:
        states, floor = x[: 3 * N], x[3 * N :]
        assert floor.shape == (4, x.shape[1]) and x.flags.c_contiguous
        s, k = self.structure, range(x.shape[1])
        y = np.stack([self.y(states[:, i], floor[:, i], p[0]) for i in k], axis=1)
        if kernel == "value":
            return y
        if kernel == "jacobian":
            slopes = np.stack([self.by_x(states[:, i], p[0])[s.jacobian_rows, s.jacobian_cols] for i in k], axis=1)
            return np.concatenate([y, slopes])
        if kernel == "hessian":
            assert multipliers.shape == (NY, x.shape[1]) and multipliers.flags.c_contiguous
            curves = p[0] * np.einsum("rk,rij->kij", multipliers, self.curve)
            return curves[:, s.hessian_rows, s.hessian_cols].T
        assert kernel == "outputs"
        # forces and points of two spheres, centre of mass: numbered so that each place can be told
        return np.arange(6 * SPHERES + 3)[:, None] + 100.0 * states[:1]
