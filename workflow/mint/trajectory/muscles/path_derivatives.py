"""Muscle paths of one leg with their derivatives up to the third, for problems in which the motion moves too.

The derivative of a polynomial is a polynomial: muscles that span the same coordinates share one table of
monomials, and every derivative is one matrix product with coefficients that are worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from mint.trajectory.muscles.paths import Path

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class PathDerivatives:
    """Of M muscles over K nodes in the s coordinates of the leg: `length (K, M)`, `slope (K, M, s)` and
    `curve (K, M, s, s)`, in m and rad; `values` of all derivatives by group of muscles, as `LegPaths.curvature` reads
    them."""

    length: Array
    slope: Array
    curve: Array
    values: list[Array]


class LegPaths:
    """Polynomials of the muscles of a leg; `coordinates` are those that any of them spans, in table order.

    `spans (M, s)` tells which muscle spans which of them.
    """

    def __init__(self, paths: Sequence[Path], order: Sequence[str]) -> None:
        spanned = {name for path in paths for name in path.span}
        self.coordinates = tuple(name for name in order if name in spanned)
        column = {name: i for i, name in enumerate(self.coordinates)}
        self.spans = np.zeros((len(paths), len(self.coordinates)), dtype=bool)
        self._groups = []
        for span in sorted({path.span for path in paths}):
            members = np.array([m for m, path in enumerate(paths) if path.span == span])
            index = np.array([column[name] for name in span])
            self.spans[np.ix_(members, index)] = True
            self._groups.append(_Group(index, members, [paths[m] for m in members]))

    def evaluate(self, q: Array) -> PathDerivatives:
        """All derivatives at positions `q (K, s)`, rad."""
        shape = (len(q), *self.spans.shape)
        length, slope, curve = np.zeros(shape[:2]), np.zeros(shape), np.zeros((*shape, shape[2]))
        values = []
        for group in self._groups:
            values.append(group.evaluate(q))
            group.fill(values[-1], length, slope, curve)
        return PathDerivatives(length, slope, curve, values)

    def curvature(self, shape: PathDerivatives, by_length: Array, direction: Array) -> Array:
        """Second derivatives (K, s, s) of sum_m by_length_m length_m + sum_mj direction_mj d length_m / dq_j,
        for weights `by_length (K, M)` and `direction (K, M, s)`."""
        size = self.spans.shape[1]
        out = np.zeros((len(by_length), size, size))
        for group, values in zip(self._groups, shape.values, strict=True):
            group.add_curvature(values, by_length, direction, out)
        return out


class _Group:
    """Muscles over the same coordinates."""

    def __init__(self, index: Array, members: Array, paths: Sequence[Path]) -> None:
        self._index, self._members = index, members
        size = len(index)
        orders = [order for n in range(4) for order in combinations_with_replacement(range(size), n)]
        self._at = {order: o for o, order in enumerate(orders)}
        # Pairs of coordinates, and for each the third derivatives with every coordinate.
        self._pairs = list(combinations_with_replacement(range(size), 2))
        self._thirds = np.array([[self._at[_sorted(i, j, u)] for i, j in self._pairs] for u in range(size)])
        terms: dict[tuple[int, ...], int] = {}
        entries: list[tuple[int, int, int, float]] = []  # term, derivative, muscle, coefficient
        for m, path in enumerate(paths):
            for powers, coefficient in zip(path.exponents.tolist(), path.coefficients.tolist(), strict=True):
                for order, o in self._at.items():
                    derived, factor = list(powers), float(coefficient)
                    for j in order:
                        factor *= derived[j]
                        derived[j] -= 1
                    if factor:
                        entries.append((terms.setdefault(tuple(derived), len(terms)), o, m, factor))
        self._exponents = np.array(list(terms), dtype=int).reshape(len(terms), size)
        table = np.zeros((len(terms), len(orders), len(paths)))
        for term, o, m, factor in entries:
            table[term, o, m] += factor
        self._table = table.reshape(len(terms), -1)

    def evaluate(self, q: Array) -> Array:
        """Every derivative up to the third: (derivative, K, members)."""
        x = q[:, self._index]
        powers = x[:, None, :] ** np.arange(self._exponents.max() + 1)[None, :, None]
        monomials = np.ones((len(q), len(self._exponents)))
        for j in range(len(self._index)):
            monomials *= powers[:, self._exponents[:, j], j]
        values = (monomials @ self._table).reshape(len(q), len(self._at), len(self._members))
        return np.ascontiguousarray(np.swapaxes(values, 0, 1))

    def fill(self, values: Array, length: Array, slope: Array, curve: Array) -> None:
        """Put the first derivatives where they belong among all muscles of the leg."""
        size, members = len(self._index), self._members[:, None]
        length[:, self._members] = values[0]
        slope[:, members, self._index] = np.moveaxis(values[1 : 1 + size], 0, -1)
        first, second = self._index[np.array(self._pairs).T]
        pairs = np.moveaxis(values[self._second_derivatives], 0, -1)
        curve[:, members, first, second] = pairs
        curve[:, members, second, first] = pairs

    def add_curvature(self, values: Array, by_length: Array, direction: Array, out: Array) -> None:
        """The share of these muscles in `LegPaths.curvature`."""
        along = direction[:, self._members][:, :, self._index]
        total = by_length[:, self._members] * values[self._second_derivatives]
        for u, third in enumerate(self._thirds):
            total += along[..., u] * values[third]
        for (i, j), sums in zip(self._pairs, total.sum(axis=2), strict=True):
            out[:, self._index[i], self._index[j]] += sums
            if i != j:
                out[:, self._index[j], self._index[i]] += sums

    @property
    def _second_derivatives(self) -> slice:
        start = 1 + len(self._index)
        return slice(start, start + len(self._pairs))


def _sorted(*order: int) -> tuple[int, ...]:
    return tuple(sorted(order))
