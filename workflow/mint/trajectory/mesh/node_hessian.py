"""Second derivatives of functions of single nodes: summed in (q, qd, qdd), then turned into spline coefficients.

Coordinates of different limbs do not meet in any function of a node, so only some pairs of coordinates are kept: a
smaller matrix for the linear solver, and less to add up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.mesh.spline import basis

Array = np.ndarray[Any, Any]


class NodeHessian:
    """Layout for K nodes of n coordinates of which `pairs (n, n)`, symmetric and bool, meet.

    A sum is an array (3, 3, P, K): by derivative order of the first and of the second coordinate of each of P ordered
    pairs, and by node. `rows`, `cols` are places in the lower triangle of the Hessian in coefficients (K + 2, n).
    """

    def __init__(self, pairs: Array, nodes: int, step_s: float) -> None:
        self.n, self.nodes = len(pairs), nodes
        self.first, self.second = np.nonzero(pairs)
        self._place = np.full(pairs.shape, -1)
        self._place[self.first, self.second] = np.arange(len(self.first))
        lower, everything = np.flatnonzero(self.first >= self.second), np.arange(len(self.first))
        # blocks of coefficients (c_k+i, c_k+j) below the diagonal, and which pairs of each
        self._blocks = [
            (0, 0, lower),
            (1, 1, lower),
            (2, 2, lower),
            (1, 0, everything),
            (2, 0, everything),
            (2, 1, everything),
        ]
        b = basis(step_s)
        self._turn = np.stack([np.outer(b[:, i], b[:, j]).ravel() for i, j, _ in self._blocks])
        k = np.arange(nodes)
        self.rows = np.concatenate(
            [((k + i) * self.n + self.first[chosen, None]).ravel() for i, _, chosen in self._blocks]
        )
        self.cols = np.concatenate(
            [((k + j) * self.n + self.second[chosen, None]).ravel() for _, j, chosen in self._blocks]
        )

    def place(self, first: Array, second: Array) -> Array:
        """Indices of pairs; arrays are broadcast."""
        return np.asarray(self._place[first, second])

    def zeros(self) -> Array:
        """An empty sum."""
        return np.zeros((3, 3, len(self.first), self.nodes))

    def values(self, total: Array) -> Array:
        """Of a sum, the values at `rows` and `cols`."""
        turned = (self._turn @ total.reshape(9, -1)).reshape(len(self._blocks), -1, self.nodes)
        return np.concatenate([block[chosen].ravel() for block, (*_, chosen) in zip(turned, self._blocks, strict=True)])
