"""Stage 3: motion, contact and the muscles of both legs in one program, deviations from the tracked motion limited.

Variables: spline coefficients of the motion, then per leg those of `problems.muscles`. Cost and constraints are the
sums of both stages; the moment that muscles must supply is now the one of the motion that is being solved for, and
muscle lengths, speeds and moment arms follow it. Joint moments that muscles supply carry no cost of their own.
All second derivatives are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Generic, ParamSpec

import numpy as np

from mint.core.finding import Finding
from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.mesh.spline import basis
from mint.trajectory.model.tree import Tree
from mint.trajectory.muscles.path_derivatives import PathDerivatives
from mint.trajectory.problems.assemble import element_places, equality_places
from mint.trajectory.problems.depth import DepthLimits
from mint.trajectory.problems.leg import Leg
from mint.trajectory.problems.muscles import MOMENT_UNIT, MuscleProblem, Placement, peak_moment
from mint.trajectory.problems.skeleton import SkeletonProblem
from mint.trajectory.solvers.nlp import Nlp, Triplets

Array = np.ndarray[Any, Any]
Given = ParamSpec("Given")
_PAIRS = {(i, j): i * (i + 1) // 2 + j for i in range(5) for j in range(i + 1)}  # in a packed lower triangle
_A, _S, _RATE, _LENGTH, _SPEED = range(5)


@dataclass(frozen=True)
class MovingLeg:
    """A leg of the joint problem and its muscles."""

    leg: Leg
    problem: MuscleProblem


@dataclass(frozen=True)
class LegAt:
    """A leg on the motion of a point: its muscles there, paths, speeds of their coordinates (K, s), and how the slopes
    change with them, curve qd (K, M, s)."""

    moving: MovingLeg
    on: Placement
    shape: PathDerivatives
    qd: Array
    bend: Array

    def value(self, points: Array) -> Array:
        """`MuscleFunctions.value` of points (3, K M) as (4, K, M)."""
        return self._shaped(self.moving.problem.functions.value(points, self.on.fixed))

    def first(self, points: Array) -> Array:
        """`MuscleFunctions.first` as (6, K, M)."""
        return self._shaped(self.moving.problem.functions.first(points, self.on.fixed))

    def second(self, points: Array) -> Array:
        """`MuscleFunctions.second` as (16, K, M)."""
        return self._shaped(self.moving.problem.functions.second(points, self.on.fixed))

    def tendon(self, points: Array) -> Array:
        """Tendon forces (K, M) in units of the moment balance."""
        return np.asarray(self.value(points)[1] * self.moving.problem.muscles.maximum_force / MOMENT_UNIT)

    def _shaped(self, values: Array) -> Array:
        return values.reshape(len(values), *self.bend.shape[:2])


@dataclass(frozen=True)
class Point:
    """z as raveled coefficients and the muscles' variables of each leg, and the legs on that motion."""

    motion: Array
    muscles: tuple[Array, ...]
    legs: tuple[LegAt, ...]


@dataclass(frozen=True)
class _Block(Generic[Given]):
    """Entries of a sparse matrix that are made together: their places, and their values where they are asked for."""

    rows: Array
    cols: Array
    values: Callable[Given, Array]


@dataclass(frozen=True)
class _Rows:
    """Constraints that are made together: which they are, their values at a point, and their bounds."""

    place: slice
    values: Callable[[Point], Array]
    lower: Array
    upper: Array


class JointProblem:
    """The program over `skeleton` and `legs`; z = (coefficients, muscles of each leg)."""

    def __init__(self, skeleton: SkeletonProblem, legs: Sequence[MovingLeg]) -> None:
        self.skeleton, self.legs = skeleton, tuple(legs)
        self.nodes, self.n = skeleton.nodes, skeleton.n
        self._basis = basis(skeleton.dynamics.step_s)
        edges = np.cumsum([skeleton.size, *(leg.problem.size for leg in legs)])
        self.size = int(edges[-1])
        self._own = [slice(int(a), int(b)) for a, b in pairwise(edges)]
        self._last: tuple[bytes, tuple[LegAt, ...]] = b"", ()
        self.limits = skeleton.rms_limits()
        meeting = skeleton.meeting()
        for moving in self.legs:
            meeting[np.ix_(moving.leg.spanned, moving.leg.spanned)] = True
        self.layout = NodeHessian(meeting, self.nodes, skeleton.dynamics.step_s)
        rows = skeleton.dynamics.rows
        self._moments = [np.flatnonzero(np.isin(rows, moving.leg.muscled)) for moving in self.legs]  # of its slopes
        self.depths = DepthLimits(skeleton.dynamics, self.nodes, skeleton.config.penetration_max_m)
        self._rows = list(self._constraint_rows())
        self._jacobian = list(self._jacobian_blocks())
        self._hessian = list(self._hessian_blocks())

    def at(self, z: Array) -> Point:
        """Split z, and put the muscles of all legs on its motion; the legs of the last motion are kept."""
        motion, muscles = self._split(z)
        key = motion.tobytes()
        if key != self._last[0]:
            self._last = key, tuple(self._on(motion.reshape(-1, self.n)))
        return Point(motion, muscles, self._last[1])

    def _split(self, z: Array) -> tuple[Array, tuple[Array, ...]]:
        return z[: self.skeleton.size], tuple(z[own] for own in self._own)

    def _on(self, coefficients: Array) -> Iterator[LegAt]:
        dynamics = self.skeleton.dynamics
        states = dynamics.states(coefficients)
        q, qd = states[: self.n].T, states[self.n : 2 * self.n].T
        moment = dynamics.value(coefficients)[:, : self.n]
        for moving in self.legs:
            shape, geometry = moving.leg.place(q, qd)
            speeds = qd[:, moving.leg.spanned]
            bend = np.einsum("kmst,kt->kms", shape.curve, speeds)
            yield LegAt(moving, moving.problem.on(geometry, moment[:, moving.leg.muscled]), shape, speeds, bend)

    def objective(self, z: Array) -> float:
        """Cost per node."""
        motion, muscles = self._split(z)
        return self.skeleton.cost(motion) + sum(
            leg.problem.objective(own) for leg, own in zip(self.legs, muscles, strict=True)
        )

    def gradient(self, z: Array) -> Array:
        """Gradient of the cost (N,)."""
        motion, muscles = self._split(z)
        parts = (leg.problem.gradient(own) for leg, own in zip(self.legs, muscles, strict=True))
        return np.concatenate([self.skeleton.cost_gradient(motion), *parts])

    def constraints(self, z: Array) -> Array:
        """Constraints of the skeleton, of each leg, limits of deviations, and of penetrations."""
        at = self.at(z)
        return np.concatenate([rows.values(at) for rows in self._rows])

    def jacobian(self, z: Array) -> Array:
        """Values in the order of the sparsity of `nlp`."""
        at = self.at(z)
        return np.concatenate([block.values(at) for block in self._jacobian])

    def hessian(self, z: Array, factor: float, multipliers: Array) -> Array:
        """Lower triangle of the Lagrangian's Hessian, in the order of the sparsity of `nlp`."""
        at = self.at(z)
        parts = [multipliers[rows.place] for rows in self._rows]
        return np.concatenate([block.values(at, factor, parts) for block in self._hessian])

    def _constraint_rows(self) -> Iterator[_Rows]:
        """All constraints in their order."""
        start = 0

        def rows(values: Callable[[Point], Array], lower: Array, upper: Array) -> _Rows:
            nonlocal start
            start += len(lower)
            return _Rows(slice(start - len(lower), start), values, lower, upper)

        zeros = np.zeros(self.nodes * len(self.skeleton.equality_rows))
        yield rows(lambda at: self.skeleton.constraints(at.motion).ravel(), zeros, zeros)
        for i, moving in enumerate(self.legs):
            yield rows(partial(_constraints, i), *moving.problem.constraint_bounds())
        for limits, values in (
            (self.limits, lambda at: self.limits.value(at.motion)),
            (self.depths, lambda at: self.depths.value(at.motion.reshape(-1, self.n))),
        ):
            yield rows(values, np.full(limits.count, -np.inf), np.ones(limits.count))

    def _jacobian_blocks(self) -> Iterator[_Block[[Point]]]:
        """All blocks of the Jacobian in their order."""
        dynamics, skeleton = self.skeleton.dynamics, self.skeleton

        def slopes(at: Point) -> Array:
            return dynamics.slopes(at.motion.reshape(-1, self.n))[1]

        yield _Block(*equality_places(skeleton), lambda at: skeleton.equality_slopes(slopes(at)).ravel())
        for i, moving in enumerate(self.legs):
            yield from self._leg_blocks(i, moving, slopes)
        deviations, depths = self._rows[-2].place.start, self._rows[-1].place.start
        yield _Block(deviations + self.limits.rows, self.limits.cols, lambda at: self.limits.jacobian(at.motion))
        yield _Block(
            depths + self.depths.rows,
            self.depths.cols,
            lambda at: self.depths.jacobian(at.motion.reshape(-1, self.n)),
        )

    def _leg_blocks(self, i: int, moving: MovingLeg, slopes: Callable[[Point], Array]) -> Iterator[_Block[[Point]]]:
        """Of a leg's constraints by its own variables, and by the coefficients: force balance through the paths, moment
        balance through the moment arms and through the moments that the motion asks for."""
        leg, problem, b = moving.leg, moving.problem, self._basis
        k, m, r = problem.nodes, problem.count, problem.reserves
        start = self._rows[1 + i].place.start
        muscle, coordinate = leg.pairs
        own = problem.jacobian_sparsity()
        yield _Block(
            own.rows + start, own.cols + self._own[i].start, lambda at: problem.jacobian(at.muscles[i], at.legs[i].on)
        )

        def by_paths(at: Point) -> Array:
            placed = at.legs[i]
            first = placed.first(problem.points(at.muscles[i]))
            slope = placed.shape.slope[:, muscle, coordinate]
            by_q = first[_LENGTH][:, muscle] * slope + first[_SPEED][:, muscle] * placed.bend[:, muscle, coordinate]
            return self._in_coefficients(by_q, first[_SPEED][:, muscle] * slope)

        columns = self._columns(leg.spanned[coordinate])  # (3, K, pairs)
        balance = start + np.arange(k)[:, None] * m + muscle
        yield _Block(_like(balance, columns), columns.ravel(), by_paths)

        def by_arms(at: Point) -> Array:
            placed = at.legs[i]
            force = placed.tendon(problem.points(at.muscles[i]))
            arms = -np.einsum("kmrs,km->krs", placed.shape.curve[:, :, leg.rows], force)
            return np.concatenate([(arms * share).ravel() for share in b[0]])

        moment = start + k * m + np.arange(k * r).reshape(k, r, 1)
        wide = self._columns(leg.spanned)[:, :, None]  # (3, K, 1, s)
        shape = (len(wide), k, r, wide.shape[-1])
        yield _Block(np.broadcast_to(moment, shape).ravel(), np.broadcast_to(wide, shape).ravel(), by_arms)

        dynamics, elements = self.skeleton.dynamics, self._moments[i]
        rows, cols = element_places(
            self.skeleton, np.searchsorted(leg.muscled, dynamics.rows[elements]), dynamics.coordinates[elements], r
        )
        yield _Block(
            start + k * m + rows,
            cols,
            lambda at: (-dynamics.to_coefficients(slopes(at)[:, elements]) / MOMENT_UNIT).ravel(),
        )

    def _hessian_blocks(self) -> Iterator[_Block[[Point, float, list[Array]]]]:
        """All blocks of the Lagrangian's Hessian in their order; values by factor of the cost and the multipliers of
        each of the constraints."""
        yield _Block(self.layout.rows, self.layout.cols, self._by_coefficients)
        for i, moving in enumerate(self.legs):
            problem, start = moving.problem, self._own[i].start
            own = problem.hessian_sparsity()
            yield _Block(own.rows + start, own.cols + start, partial(_curvature, i))
            muscle, coordinate = moving.leg.pairs
            columns = self._columns(moving.leg.spanned[coordinate])
            variables = (problem.a, problem.s[1:], problem.s[:-1])
            yield _Block(
                np.concatenate([_like(start + variable[:, muscle], columns) for variable in variables]),
                np.tile(columns.ravel(), len(variables)),
                partial(self._cross, i),
            )

    def _by_coefficients(self, at: Point, factor: float, parts: list[Array]) -> Array:
        """Values of the layout: second derivatives by coefficients."""
        on_outputs = np.zeros((self.nodes, self.skeleton.dynamics.ny))
        total = self.layout.zeros()
        equalities, *of_legs, deviations, depths = parts
        for placed, own, lam in zip(at.legs, at.muscles, of_legs, strict=True):
            moment = placed.moving.problem.parts(lam)[1]
            on_outputs[:, placed.moving.leg.muscled] -= moment / MOMENT_UNIT
            self._add_leg(total, placed, own, lam)
        self.depths.add_weights(on_outputs, depths)
        self.limits.add_hessian(total, self.layout, deviations)
        self.skeleton.add_hessian(total, self.layout, at.motion, factor, equalities.reshape(self.nodes, -1), on_outputs)
        return self.layout.values(total)

    def _add_leg(self, total: Array, placed: LegAt, own: Array, multipliers: Array) -> None:
        """Curvature of a leg's constraints in positions and speeds, added to a sum of the layout."""
        leg, problem, shape, bend = placed.moving.leg, placed.moving.problem, placed.shape, placed.bend
        points = problem.points(own)
        balance, moment, *_ = problem.parts(multipliers)
        first, second = placed.first(points), placed.second(points)
        ll, lv, vv = (balance * second[_PAIRS[p]] for p in ((_LENGTH, _LENGTH), (_SPEED, _LENGTH), (_SPEED, _SPEED)))
        by_l, by_v = balance * first[_LENGTH], balance * first[_SPEED]
        slope = shape.slope
        mixed = _outer(lv, slope, bend)
        direction = by_v[..., None] * placed.qd[:, None, :]
        direction[:, :, leg.rows] -= moment[:, None, :] * placed.tendon(points)[..., None]
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

    def _cross(self, i: int, at: Point, _factor: float, parts: list[Array]) -> Array:
        """Mixed derivatives of a leg's constraints in (a, s after, s before) and coefficients."""
        placed, own, multipliers = at.legs[i], at.muscles[i], parts[1 + i]
        leg, problem, shape = placed.moving.leg, placed.moving.problem, placed.shape
        h, points = problem.step_s, problem.points(own)
        balance, moment, *_ = problem.parts(multipliers)
        second, slope_of_tendon = placed.second(points), placed.first(points)[-1]
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
            out.append(self._in_coefficients(by_q, by_v * slope))
        return np.concatenate(out)

    def worst(self, z: Array, tree: Tree) -> Violation:
        """The constraint that is violated most: what it is, by how much of its unit, and at which node."""
        names, spheres = tree.coordinates, [sphere.name for sphere in tree.spheres]
        g = self.constraints(z)
        equalities, *of_legs, deviations, depths = (g[rows.place] for rows in self._rows)
        found = [
            Violation(
                np.abs(equalities).reshape(self.nodes, -1),
                "equation of motion",
                "coordinate",
                [names[i] for i in self.skeleton.equality_rows],
            )
        ]
        for moving, own in zip(self.legs, of_legs, strict=True):
            muscles = moving.leg.muscles.names
            balance, moment, low, high = moving.problem.parts(own)
            found += [
                Violation(np.abs(balance), "force balance", "muscle", muscles),
                Violation(np.abs(moment), "moment of muscles", "coordinate", moving.leg.coordinates),
                Violation(-low, "deactivation", "muscle", muscles),
                Violation(high - 1.0, "activation", "muscle", muscles),
            ]
        found += [
            Violation(deviations - 1.0, "tracking limit", "coordinate", [names[i] for i in self.limits.tracked]),
            Violation(
                depths.reshape(-1, len(spheres)) - 1.0, "penetration", "part", spheres, int(self.depths.nodes[0])
            ),
        ]
        return max(found, key=lambda each: float(each.values.max()))

    def _columns(self, coordinates: Array) -> Array:
        """The three coefficients of coordinates at each node (3, K, len)."""
        node = np.arange(self.nodes)[:, None]
        return np.asarray((node + np.arange(3)[:, None, None]) * self.n + np.asarray(coordinates))

    def _in_coefficients(self, by_q: Array, by_qd: Array) -> Array:
        """Derivatives (K, len) by positions and speeds as those by coefficients, raveled in the order of `_columns`."""
        return np.concatenate([(by_q * at + by_qd * along).ravel() for at, along in zip(*self._basis[:2], strict=True)])

    def peak_moments(self, z: Array) -> list[Array]:
        """Of each leg, the peaks (r,) N m that its reserves are compared with on the motion of z."""
        return [peak_moment(each.on.moment, each.moving.problem.config) for each in self.at(z).legs]

    def nlp(self, lower: Array, upper: Array, reserve_limits: Sequence[Array] | None = None) -> Nlp:
        """The program for the solver, with bounds of the coefficients and, if they have some, of the reserves of each
        leg (r,) N m.

        Coefficients are in units of the deviation from the tracked motion. Negative curvature sits in a few contact
        events. What IPOPT adds to the Hessian because of it should hold back the motion there: in radians and metres it
        is the muscles of all nodes that it stops, whose own curvature is a hundredth of it.
        """
        reserves: Sequence[Array | None] = reserve_limits or [None] * len(self.legs)
        bounds = [leg.problem.bounds(reserve) for leg, reserve in zip(self.legs, reserves, strict=True)]
        count = self._rows[-1].place.stop
        return Nlp(
            self.objective,
            self.gradient,
            self.constraints,
            self.jacobian,
            self.hessian,
            _triplets(self._jacobian, (count, self.size)),
            _triplets(self._hessian, (self.size, self.size)),
            np.concatenate([lower, *(low for low, _ in bounds)]),
            np.concatenate([upper, *(high for _, high in bounds)]),
            np.concatenate([rows.lower for rows in self._rows]),
            np.concatenate([rows.upper for rows in self._rows]),
            unit=np.concatenate(
                [np.tile(self.skeleton.scales.deviation[0], self.nodes + 2), np.ones(self.size - self.skeleton.size)]
            ),
        )


def _constraints(i: int, at: Point) -> Array:
    """Those of the muscles of a leg."""
    placed = at.legs[i]
    return placed.moving.problem.constraints(at.muscles[i], placed.on)


def _curvature(i: int, at: Point, factor: float, parts: list[Array]) -> Array:
    """Second derivatives by the variables of the muscles of a leg."""
    placed = at.legs[i]
    return placed.moving.problem.hessian(at.muscles[i], factor, parts[1 + i], placed.on)


def _triplets(blocks: Sequence[_Block[Any]], shape: tuple[int, int]) -> Triplets:
    return Triplets(
        np.concatenate([block.rows for block in blocks]), np.concatenate([block.cols for block in blocks]), shape
    )


@dataclass(frozen=True)
class Violation:
    """Violations of one kind of constraint, (nodes, names), or (names,) where there is one for all nodes.

    `about` is the field of a finding that has the name.
    """

    values: Array
    constraint: str
    about: str
    names: Sequence[str]
    first: int = 0  # node

    def __str__(self) -> str:
        name, node = self._largest()
        where = "" if node is None else f" at node {node}"
        return f"{self.constraint} of {name} is off by {self.values.max():.2g}{where}"

    def finding(self, factor: int) -> Finding:
        """The largest of them; the mesh has `factor` nodes for each of a finding."""
        name, node = self._largest()
        return Finding(self.constraint, node=None if node is None else node // factor, **{self.about: name})

    def _largest(self) -> tuple[str, int | None]:
        node, i = divmod(int(self.values.argmax()), len(self.names))
        return self.names[i], self.first + node if self.values.ndim == 2 else None


def _outer(weight: Array, first: Array, second: Array) -> Array:
    """sum over muscles of weight (K, M) first (K, M, s) second (K, M, t): (K, s, t)."""
    return np.matmul(np.swapaxes(weight[..., None] * first, 1, 2), second)


def _like(values: Array, shape: Array) -> Array:
    return np.broadcast_to(values, shape.shape).ravel()
