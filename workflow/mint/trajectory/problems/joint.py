"""Stage 3: motion, contact and the muscles of both legs in one program, deviations from the tracked motion limited.

Variables: spline coefficients of the motion, then per leg those of `problems.muscles`. Cost and constraints are the
sums of both stages; the moment that muscles must supply is now the one of the motion that is being solved for, and
muscle lengths, speeds and moment arms follow it. Joint moments that muscles supply carry no cost of their own.
All second derivatives are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.mesh.spline import basis
from mint.trajectory.model.tree import Tree
from mint.trajectory.muscles.path_derivatives import PathDerivatives
from mint.trajectory.problems.assemble import element_places, equality_places
from mint.trajectory.problems.depth import DepthLimits
from mint.trajectory.problems.leg import Leg
from mint.trajectory.problems.muscles import MOMENT_UNIT, MuscleProblem, peak_moment
from mint.trajectory.problems.skeleton import SkeletonProblem
from mint.trajectory.solvers.nlp import Nlp, Triplets

Array = np.ndarray[Any, Any]
_PAIRS = {(i, j): i * (i + 1) // 2 + j for i in range(5) for j in range(i + 1)}  # in a packed lower triangle
_A, _S, _RATE, _LENGTH, _SPEED = range(5)


@dataclass(frozen=True)
class MovingLeg:
    """A leg of the joint problem and its muscles."""

    leg: Leg
    problem: MuscleProblem


@dataclass(frozen=True)
class _Placed:
    """A leg on the motion: paths, speeds of their coordinates (K, s), and how the slopes change with them, curve qd
    (K, M, s)."""

    shape: PathDerivatives
    qd: Array
    bend: Array


class JointProblem:
    """The program over `skeleton` and `legs`; z = (coefficients, muscles of each leg).

    Muscles are put on the motion of each z: on copies of its own, so that no other program over the same legs is moved.
    """

    def __init__(self, skeleton: SkeletonProblem, legs: Sequence[MovingLeg]) -> None:
        self.skeleton = skeleton
        self.legs = tuple(replace(leg, problem=copy(leg.problem)) for leg in legs)
        self.nodes, self.n = skeleton.nodes, skeleton.n
        self._basis = basis(skeleton.dynamics.step_s)
        edges = np.cumsum([skeleton.size, *(leg.problem.size for leg in legs)])
        self.size = int(edges[-1])
        self._own = [slice(int(a), int(b)) for a, b in pairwise(edges)]
        self._placed: list[_Placed] = []
        self._placed_at: bytes = b""
        self.limits = skeleton.rms_limits()
        meeting = skeleton.meeting()
        for moving in self.legs:
            meeting[np.ix_(moving.leg.spanned, moving.leg.spanned)] = True
        self.layout = NodeHessian(meeting, self.nodes, skeleton.dynamics.step_s)
        rows = skeleton.dynamics.rows
        self._moments = [np.flatnonzero(np.isin(rows, moving.leg.muscled)) for moving in self.legs]  # of its slopes
        self.depths = DepthLimits(skeleton.dynamics, self.nodes, skeleton.config.penetration_max_m)

    def split(self, z: Array) -> tuple[Array, list[Array]]:
        """Raveled coefficients, and the muscles' variables of each leg."""
        return z[: self.skeleton.size], [z[own] for own in self._own]

    def placed(self, z: Array) -> tuple[Array, list[Array]]:
        """Split z, and put the muscles of all legs on its motion."""
        motion, muscles = self.split(z)
        key = motion.tobytes()
        if key != self._placed_at:
            coefficients = motion.reshape(-1, self.n)
            states = self.skeleton.dynamics.states(coefficients)
            q, qd = states[: self.n].T, states[self.n : 2 * self.n].T
            moment = self.skeleton.dynamics.value(coefficients)[:, : self.n]
            self._placed = []
            for moving in self.legs:
                shape, geometry = moving.leg.place(q, qd)
                moving.problem.place(geometry, moment[:, moving.leg.muscled])
                speeds = qd[:, moving.leg.spanned]
                self._placed.append(_Placed(shape, speeds, np.einsum("kmst,kt->kms", shape.curve, speeds)))
            self._placed_at = key
        return motion, muscles

    def objective(self, z: Array) -> float:
        """Cost per node."""
        motion, muscles = self.split(z)
        return self.skeleton.cost(motion) + sum(
            leg.problem.objective(own) for leg, own in zip(self.legs, muscles, strict=True)
        )

    def gradient(self, z: Array) -> Array:
        """Gradient of the cost (N,)."""
        motion, muscles = self.split(z)
        return np.concatenate(
            [
                self.skeleton.cost_gradient(motion),
                *(leg.problem.gradient(own) for leg, own in zip(self.legs, muscles, strict=True)),
            ]
        )

    def constraints(self, z: Array) -> Array:
        """Constraints of the skeleton, of each leg, limits of deviations, and of penetrations."""
        motion, muscles = self.placed(z)
        return np.concatenate(
            [
                self.skeleton.constraints(motion).ravel(),
                *(leg.problem.constraints(own) for leg, own in zip(self.legs, muscles, strict=True)),
                self.limits.value(motion),
                self.depths.value(motion.reshape(-1, self.n)),
            ]
        )

    def jacobian(self, z: Array) -> Array:
        """Values in the order of the sparsity of `nlp`."""
        motion, muscles = self.placed(z)
        dynamics, b = self.skeleton.dynamics, self._basis
        slopes = dynamics.slopes(motion.reshape(-1, self.n))[1]
        out = [self.skeleton.equality_slopes(slopes).ravel()]
        for moving, own, placed, elements in zip(self.legs, muscles, self._placed, self._moments, strict=True):
            leg, problem, shape = moving.leg, moving.problem, placed.shape
            out.append(problem.jacobian(own))
            points = problem.points(own)
            first = problem.functions.first(points, problem.fixed).reshape(6, self.nodes, -1)
            muscle, coordinate = leg.pairs
            slope = shape.slope[:, muscle, coordinate]
            by_q = first[_LENGTH][:, muscle] * slope + first[_SPEED][:, muscle] * placed.bend[:, muscle, coordinate]
            by_qd = first[_SPEED][:, muscle] * slope
            out.append((by_q[..., None] * b[0] + by_qd[..., None] * b[1]).ravel())  # (K, pairs, 3)
            force = self._tendon(problem, points)
            arms = -np.einsum("kmrs,km->krs", shape.curve[:, :, leg.rows], force)
            out += [
                (arms[..., None] * b[0]).ravel(),
                (-dynamics.to_coefficients(slopes[:, elements]) / MOMENT_UNIT).ravel(),
            ]
        out += [self.limits.jacobian(motion), self.depths.jacobian(motion.reshape(-1, self.n))]
        return np.concatenate(out)

    def _tendon(self, problem: MuscleProblem, points: Array) -> Array:
        """Tendon forces (K, M) in units of the moment balance."""
        tendon = problem.functions.value(points, problem.fixed)[1].reshape(self.nodes, -1)
        return np.asarray(tendon * problem.muscles.maximum_force / MOMENT_UNIT)

    def hessian(self, z: Array, factor: float, multipliers: Array) -> Array:
        """Lower triangle of the Lagrangian's Hessian, in the order of the sparsity of `nlp`."""
        motion, muscles = self.placed(z)
        rows = self.nodes * len(self.skeleton.scales.constraint)
        on_outputs = np.zeros((self.nodes, self.skeleton.dynamics.ny))
        total = self.layout.zeros()
        out, start = [], rows
        for moving, own, placed in zip(self.legs, muscles, self._placed, strict=True):
            problem = moving.problem
            lam = multipliers[start : start + problem.rows]
            start += problem.rows
            balance, moment, *_ = problem.parts(lam)
            on_outputs[:, moving.leg.muscled] -= moment / MOMENT_UNIT
            out.append(problem.hessian(own, factor, lam))
            self._add_leg(total, moving, placed, problem.points(own), balance, moment)
            out.append(self._cross(moving, placed, problem.points(own), balance, moment))
        deep = start + self.limits.count
        self.depths.add_weights(on_outputs, multipliers[deep:])
        self.limits.add_hessian(total, self.layout, multipliers[start:deep])
        self.skeleton.add_hessian(
            total, self.layout, motion, factor, multipliers[:rows].reshape(self.nodes, -1), on_outputs
        )
        return np.concatenate([self.layout.values(total), *out])

    def _add_leg(
        self, total: Array, moving: MovingLeg, placed: _Placed, points: Array, balance: Array, moment: Array
    ) -> None:
        """Curvature of a leg's constraints in positions and speeds, added to a sum of the layout."""
        leg, problem, shape, bend = moving.leg, moving.problem, placed.shape, placed.bend
        first = problem.functions.first(points, problem.fixed).reshape(6, *balance.shape)
        second = problem.functions.second(points, problem.fixed).reshape(16, *balance.shape)
        ll, lv, vv = (balance * second[_PAIRS[p]] for p in ((_LENGTH, _LENGTH), (_SPEED, _LENGTH), (_SPEED, _SPEED)))
        by_l, by_v = balance * first[_LENGTH], balance * first[_SPEED]
        slope = shape.slope
        mixed = _outer(lv, slope, bend)
        direction = by_v[..., None] * placed.qd[:, None, :]
        direction[:, :, leg.rows] -= moment[:, None, :] * self._tendon(problem, points)[..., None]
        qq = (
            _outer(ll, slope, slope)
            + mixed
            + np.swapaxes(mixed, 1, 2)
            + _outer(vv, bend, bend)
            + leg.paths.curvature(shape, by_l, direction)
        )
        qv = _outer(lv, slope, slope) + _outer(vv, bend, slope) + np.einsum("km,kmst->kst", by_v, shape.curve)
        speeds = _outer(vv, slope, slope)
        place = self.layout.place(leg.spanned[:, None], leg.spanned)
        for d, e, part in ((0, 0, qq), (0, 1, qv), (1, 0, np.swapaxes(qv, 1, 2)), (1, 1, speeds)):
            total[d, e, place] += np.moveaxis(part, 0, -1)

    def _cross(self, moving: MovingLeg, placed: _Placed, points: Array, balance: Array, moment: Array) -> Array:
        """Mixed derivatives of a leg's constraints in (a, s after, s before) and coefficients."""
        leg, problem, shape, h = moving.leg, moving.problem, placed.shape, moving.problem.step_s
        second = problem.functions.second(points, problem.fixed).reshape(16, *balance.shape)
        slope_of_tendon = problem.functions.first(points, problem.fixed)[-1].reshape(balance.shape)
        muscle, coordinate = leg.pairs
        slope, bend = shape.slope[:, muscle, coordinate], placed.bend[:, muscle, coordinate]
        by_rate = {p: second[_PAIRS[p, _RATE]] / h for p in (_LENGTH, _SPEED)}
        pull = slope_of_tendon * problem.muscles.maximum_force / MOMENT_UNIT
        turned = np.einsum("kr,kmrs->kms", moment, shape.curve[:, :, leg.rows])[:, muscle, coordinate]
        out = []
        for variable in range(3):
            if variable == 0:
                by_l, by_v = second[_PAIRS[_LENGTH, _A]], second[_PAIRS[_SPEED, _A]]
            elif variable == 1:
                by_l = second[_PAIRS[_LENGTH, _S]] + by_rate[_LENGTH]
                by_v = second[_PAIRS[_SPEED, _S]] + by_rate[_SPEED]
            else:
                by_l, by_v = -by_rate[_LENGTH], -by_rate[_SPEED]
            by_l, by_v = (balance * by_l)[:, muscle], (balance * by_v)[:, muscle]
            by_q = by_l * slope + by_v * bend
            if variable == 1:
                by_q -= pull[:, muscle] * turned
            out.append((by_q[..., None] * self._basis[0] + (by_v * slope)[..., None] * self._basis[1]).ravel())
        return np.concatenate(out)

    def worst(self, z: Array, tree: Tree) -> str:
        """The constraint that is violated most: what it is, by how much of its unit, and at which node."""
        names, spheres = tree.coordinates, [sphere.name for sphere in tree.spheres]
        g = self.constraints(z)
        equalities = self.nodes * len(self.skeleton.equality_rows)
        found = [
            _Violation(
                np.abs(g[:equalities]).reshape(self.nodes, -1),
                "equation of motion of",
                [names[i] for i in self.skeleton.equality_rows],
            )
        ]
        start = equalities
        for moving in self.legs:
            problem, muscles = moving.problem, moving.leg.muscles.names
            balance, moment, low, high = problem.parts(g[start : start + problem.rows])
            start += problem.rows
            found += [
                _Violation(np.abs(balance), "force balance of", muscles),
                _Violation(np.abs(moment), "moments of muscles at", moving.leg.coordinates),
                _Violation(-low, "deactivation of", muscles),
                _Violation(high - 1.0, "activation of", muscles),
            ]
        deep = start + self.limits.count
        found += [
            _Violation(g[start:deep] - 1.0, "tracking limit of", [names[i] for i in self.limits.tracked]),
            _Violation(g[deep:].reshape(-1, len(spheres)) - 1.0, "penetration of", spheres, int(self.depths.nodes[0])),
        ]
        return str(max(found, key=lambda each: float(each.values.max())))

    def _columns(self, coordinates: Array) -> Array:
        """Coefficients (K, len, 3) of coordinates at each node."""
        node = np.arange(self.nodes)[:, None, None]
        return np.asarray((node + np.arange(3)) * self.n + np.asarray(coordinates)[None, :, None])

    def peak_moments(self, z: Array) -> list[Array]:
        """Of each leg, the peaks (r,) N m that its reserves are compared with on the motion of z."""
        self.placed(z)
        return [peak_moment(each.problem.moment, each.problem.config) for each in self.legs]

    def nlp(self, lower: Array, upper: Array, reserve_limits: Sequence[Array] | None = None) -> Nlp:
        """The program for the solver, with bounds of the coefficients and, if they have some, of the reserves of each
        leg (r,) N m.

        Coefficients are in units of the deviation from the tracked motion. Negative curvature sits in a few contact
        events. What IPOPT adds to the Hessian because of it should hold back the motion there: in radians and metres it
        is the muscles of all nodes that it stops, whose own curvature is a hundredth of it.
        """
        rows, cols = equality_places(self.skeleton)
        jr, jc, hr, hc = [rows], [cols], [self.layout.rows], [self.layout.cols]
        start = self.nodes * len(self.skeleton.equality_rows)
        lows, highs, low_g, high_g = [lower], [upper], [np.zeros(start)], [np.zeros(start)]
        dynamics = self.skeleton.dynamics
        reserves: Sequence[Array | None] = reserve_limits or [None] * len(self.legs)
        for moving, own, elements, reserve in zip(self.legs, self._own, self._moments, reserves, strict=True):
            leg, problem, at = moving.leg, moving.problem, own.start
            part = problem.nlp(reserve)
            k, m, r = problem.nodes, problem.count, problem.reserves
            jr.append(part.jacobian_sparsity.rows + start)
            jc.append(part.jacobian_sparsity.cols + at)
            muscle, coordinate = leg.pairs
            columns = self._columns(leg.spanned[coordinate])  # (K, pairs, 3)
            balance = start + np.arange(k)[:, None, None] * m + muscle[None, :, None]
            moment = start + k * m + np.arange(k * r).reshape(k, r, 1, 1)
            wide = self._columns(leg.spanned)[:, None]  # (K, 1, s, 3)
            jr += [_like(balance, columns), np.broadcast_to(moment, (k, r, *wide.shape[2:])).ravel()]
            jc += [columns.ravel(), np.broadcast_to(wide, (k, r, *wide.shape[2:])).ravel()]
            rows, cols = element_places(
                self.skeleton, np.searchsorted(leg.muscled, dynamics.rows[elements]), dynamics.coordinates[elements], r
            )
            jr.append(start + k * m + rows)
            jc.append(cols)
            hr.append(part.hessian_sparsity.rows + at)
            hc.append(part.hessian_sparsity.cols + at)
            for variable in (problem.a, problem.s[1:], problem.s[:-1]):
                hr.append(_like(at + variable[:, muscle, None], columns))
                hc.append(columns.ravel())
            lows.append(part.lower)
            highs.append(part.upper)
            low_g.append(part.lower_g)
            high_g.append(part.upper_g)
            start += problem.rows
        for limits in (self.limits, self.depths):
            jr.append(start + limits.rows)
            jc.append(limits.cols)
            low_g.append(np.full(limits.count, -np.inf))
            high_g.append(np.ones(limits.count))
            start += limits.count
        return Nlp(
            self.objective,
            self.gradient,
            self.constraints,
            self.jacobian,
            self.hessian,
            Triplets(np.concatenate(jr), np.concatenate(jc), (start, self.size)),
            Triplets(np.concatenate(hr), np.concatenate(hc), (self.size, self.size)),
            np.concatenate(lows),
            np.concatenate(highs),
            np.concatenate(low_g),
            np.concatenate(high_g),
            unit=np.concatenate(
                [np.tile(self.skeleton.scales.deviation[0], self.nodes + 2), np.ones(self.size - self.skeleton.size)]
            ),
        )


@dataclass(frozen=True)
class _Violation:
    """Violations of one kind of constraint, (nodes, names), or (names,) where there is one for all nodes."""

    values: Array
    kind: str
    names: Sequence[str]
    first: int = 0  # node

    def __str__(self) -> str:
        node, i = divmod(int(self.values.argmax()), len(self.names))
        where = f" at node {self.first + node}" if self.values.ndim == 2 else ""
        return f"{self.kind} {self.names[i]} is off by {self.values.max():.2g}{where}"


def _outer(weight: Array, first: Array, second: Array) -> Array:
    """sum over muscles of weight (K, M) first (K, M, s) second (K, M, t): (K, s, t)."""
    return np.matmul(np.swapaxes(weight[..., None] * first, 1, 2), second)


def _like(values: Array, shape: Array) -> Array:
    return np.broadcast_to(values, shape.shape).ravel()
