"""Stage 2: muscles of one leg on a given motion.

Variables per node: activations a, tendon states s (one more node before the first, so that every rate exists),
reserves r. Rates are backward differences, stable for stiff tendons.
min mean_k  sum_m wa v_m a_m^2 + wd |da/dt|^2 + ws |ds/dt|^2 + wr |r|^2     (v_m: relative volume of a muscle)
s.t.  fiber force = tendon force,  sum moment arm F_T + r = moment,
      0 <= a + t_deact da/dt,  a + t_act da/dt <= 1   (De Groote et al. 2016, equations 19 and 20).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.chunks import kept_nodes
from mint.trajectory.muscles.muscle import (
    STATE_LOWER,
    STATE_UPPER,
    Evaluator,
    MuscleFunctions,
    MuscleSet,
    rest_state,
)
from mint.trajectory.muscles.paths import Geometry
from mint.trajectory.solvers.nlp import Nlp, Triplets

Array = np.ndarray[Any, Any]
MOMENT_UNIT = 50.0  # N m, scale of the moment balance


@dataclass(frozen=True)
class MuscleSolution:
    """Over K nodes: activation, tendon force N, normalized fiber length (K, M); reserve N m (K, r)."""

    activation: Array
    force: Array
    fiber_length: Array
    reserve: Array


def peak_moment(moment: Array, config: TrajectoryConfig) -> Array:
    """N m (r,) that reserves are compared with: peak of moments (K, r) N m over the kept nodes, at least the base."""
    return np.maximum(np.abs(moment[kept_nodes(len(moment))]).max(axis=0), config.verified.reserve_base_Nm)


@dataclass(frozen=True)
class Placement:
    """Muscles on a motion: paths, the moment (K, r) N m that they and the reserves must supply, what
    `MuscleFunctions` takes beside the variables, and moment arms (K, M, r) times the largest forces in units of the
    moment balance."""

    geometry: Geometry
    moment: Array
    fixed: Array
    arm: Array


class MuscleProblem:
    """`moment` (K, r) N m is what muscles and reserves must supply at the coordinates of `geometry.moment_arm`; `acts`
    are indices of muscles and of coordinates at which they may have a moment arm, on this or another motion.

    Functions of a point take another placement than that of the motion given here.
    """

    def __init__(
        self,
        muscles: MuscleSet,
        acts: tuple[Array, Array],
        geometry: Geometry,
        moment: Array,
        step_s: float,
        config: TrajectoryConfig,
        evaluator: Evaluator,
        reserve_factor: float = 1.0,
    ) -> None:
        self.muscles, self._acts, self.config = muscles, acts, config
        self.nodes, self.count = geometry.length.shape
        self.reserves = moment.shape[1]
        self.step_s = step_s
        self.functions = MuscleFunctions(evaluator)
        k, m, r = self.nodes, self.count, self.reserves
        self.a = np.arange(k * m).reshape(k, m)
        self.s = k * m + np.arange((k + 1) * m).reshape(k + 1, m)
        self.r = k * m + (k + 1) * m + np.arange(k * r).reshape(k, r)
        self.size = int(self.r[-1, -1]) + 1
        # nodes in order: the linear solver's fill stays small
        self._weights = (
            np.array(
                [
                    1.0,  # the unit of cost: a squared activation
                    config.activation_rate_weight,
                    config.tendon_rate_weight,
                    config.reserve_weight * reserve_factor,
                ]
            )
            / k
        )
        # Squared activations cost by the volume of the muscle, relative to their mean.
        volume = (muscles.maximum_force * muscles.parameters[0]) ** config.activation_volume_power
        self._effort = self._weights[0] * volume / volume.mean()
        self.reserve_scale = config.verified.reserve_percent / 100 * peak_moment(moment, config)
        self._reserve_unit = self.reserve_scale / MOMENT_UNIT
        self.rows = k * (m + r) + 2 * (k - 1) * m
        self._constant_jacobian, self._constant_hessian = self._constants()
        self.placement = self.on(geometry, moment)

    def _constants(self) -> tuple[Array, Array]:
        """The last values of `jacobian`, and those of `hessian` per factor, which are the same at every z."""
        k, h = self.nodes, self.step_s
        down, up = self.config.deactivation_time_s / h, self.config.activation_time_s / h
        ones = np.ones((k - 1) * self.count)
        jacobian = [np.tile(self._reserve_unit, k), (1 + down) * ones, -down * ones, (1 + up) * ones, -up * ones]
        _, wd, ws, wr = self._weights
        d, e = wd / h**2 * ones, ws / h**2 * np.ones(k * self.count)
        hessian = [
            np.tile(self._effort, k),
            d,
            -d,
            d,
            e,
            -e,
            e,
            np.full(self.r.size, wr),
            np.full(self.s.size, self.config.proximal_weight),
        ]
        return np.concatenate(jacobian), np.concatenate(hessian)

    def on(self, geometry: Geometry, moment: Array) -> Placement:
        """The muscles on a motion."""
        fixed = np.vstack(
            [geometry.length.ravel(), geometry.speed.ravel(), np.tile(self.muscles.parameters, self.nodes)]
        )
        arm = geometry.moment_arm * self.muscles.maximum_force[None, :, None] / MOMENT_UNIT
        return Placement(geometry, moment, fixed, arm)

    def start(self, activation: float = 0.1) -> Array:
        """One activation for all, tendons in isometric balance."""
        z = np.zeros(self.size)
        z[self.a] = activation
        state = rest_state(self.functions, self.placement.fixed, activation).reshape(self.nodes, self.count)
        z[self.s[1:]], z[self.s[0]] = state, state[0]
        return z

    def points(self, z: Array) -> Array:
        """(3, K M): activation, tendon state and its rate, as `MuscleFunctions` takes them."""
        s = z[self.s]
        return np.vstack([z[self.a].ravel(), s[1:].ravel(), (np.diff(s, axis=0) / self.step_s).ravel()])

    def objective(self, z: Array) -> float:
        """Cost per node."""
        _, wd, ws, wr = self._weights
        a, s = z[self.a], z[self.s]
        da, ds = np.diff(a, axis=0) / self.step_s, np.diff(s, axis=0) / self.step_s
        return 0.5 * float(
            np.sum(self._effort * a**2) + wd * np.sum(da**2) + ws * np.sum(ds**2) + wr * np.sum(z[self.r] ** 2)
        )

    def gradient(self, z: Array) -> Array:
        """Gradient of the cost (N,)."""
        _, wd, ws, wr = self._weights
        a, s = z[self.a], z[self.s]
        out = np.zeros(self.size)
        out[self.a], out[self.r] = self._effort * a, wr * z[self.r]
        for index, values, weight in ((self.a, a, wd), (self.s, s, ws)):
            rate = weight * np.diff(values, axis=0) / self.step_s**2
            out[index[1:]] += rate
            out[index[:-1]] -= rate
        return out

    def constraints(self, z: Array, on: Placement | None = None) -> Array:
        """Force balance (K M), moment balance (K r), the two activation inequalities ((K - 1) M each)."""
        on = on or self.placement
        residual, tendon = self.functions.value(self.points(z), on.fixed)[:2]
        moment = np.einsum("kmr,km->kr", on.arm, tendon.reshape(self.nodes, self.count))
        moment += self._reserve_unit * z[self.r] - on.moment / MOMENT_UNIT
        a = z[self.a]
        da = np.diff(a, axis=0) / self.step_s
        return np.concatenate(
            [
                residual,
                moment.ravel(),
                (a[1:] + self.config.deactivation_time_s * da).ravel(),
                (a[1:] + self.config.activation_time_s * da).ravel(),
            ]
        )

    def parts(self, rows: Array) -> tuple[Array, Array, Array, Array]:
        """Values in the order of the constraints as force balance (K, M), moment balance (K, r), and the two activation
        inequalities (K - 1, M)."""
        k, m, r = self.nodes, self.count, self.reserves
        balance, moment, low, high = np.split(rows, np.cumsum([k * m, k * r, (k - 1) * m]))
        return balance.reshape(k, m), moment.reshape(k, r), low.reshape(k - 1, m), high.reshape(k - 1, m)

    def jacobian(self, z: Array, on: Placement | None = None) -> Array:
        """Values in the order of `jacobian_sparsity`."""
        on = on or self.placement
        first = self.functions.first(self.points(z), on.fixed)
        by_rate = first[2] / self.step_s
        slope = first[-1].reshape(self.nodes, self.count)
        muscle, coordinate = self._acts
        return np.concatenate(
            [
                first[0],
                first[1] + by_rate,
                -by_rate,
                (on.arm[:, muscle, coordinate] * slope[:, muscle]).ravel(),
                self._constant_jacobian,
            ]
        )

    def jacobian_sparsity(self) -> Triplets:
        """Places of the values of `jacobian`."""
        k, m, r = self.nodes, self.count, self.reserves
        balance, moment = np.arange(k * m), k * m + np.arange(k * r).reshape(k, r)
        low = k * m + k * r + np.arange((k - 1) * m)
        high = low + (k - 1) * m
        after, before = self.a[1:].ravel(), self.a[:-1].ravel()
        muscle, coordinate = self._acts
        rows = [balance, balance, balance, moment[:, coordinate].ravel(), moment.ravel(), low, low, high, high]
        cols = [
            self.a.ravel(),
            self.s[1:].ravel(),
            self.s[:-1].ravel(),
            self.s[1:, muscle].ravel(),
            self.r.ravel(),
            after,
            before,
            after,
            before,
        ]
        return Triplets(np.concatenate(rows), np.concatenate(cols), (int(high[-1]) + 1, self.size))

    def hessian(self, z: Array, factor: float, multipliers: Array, on: Placement | None = None) -> Array:
        """Lower triangle of the Lagrangian's Hessian, in the order of `hessian_sparsity`.

        A proximal term is added for tendon states: it shortens steps instead of changing the solution, and the
        linear systems have the right inertia at the first factorization far more often.
        """
        on = on or self.placement
        second = self.functions.second(self.points(z), on.fixed)
        balance, on_moment, *_ = self.parts(multipliers)
        lam = balance.ravel()
        (aa, sa, ss, ra, rs, rr), bend = second[:6], second[-1]
        moment = np.einsum("kmr,kr->km", on.arm, on_moment).ravel()
        h = self.step_s
        # s after the step enters by value and by rate, s before it by rate only
        after_after = lam * (ss + 2 * rs / h + rr / h**2) + moment * bend
        after_before = lam * (-rs / h - rr / h**2)
        return np.concatenate(
            [
                lam * aa,
                lam * (sa + ra / h),
                -lam * ra / h,
                after_after,
                after_before,
                lam * rr / h**2,
                factor * self._constant_hessian,
            ]
        )

    def hessian_sparsity(self) -> Triplets:
        """Places of the values of `hessian`, in the lower triangle."""
        a, after, before = self.a.ravel(), self.s[1:].ravel(), self.s[:-1].ravel()
        a1, a0 = self.a[1:].ravel(), self.a[:-1].ravel()
        r = self.r.ravel()
        tendon = self.s.ravel()
        rows = [a, after, before, after, after, before, a, a1, a1, a0, after, after, before, r, tendon]
        cols = [a, a, a, after, before, before, a, a1, a0, a0, after, before, before, r, tendon]
        return Triplets(np.concatenate(rows), np.concatenate(cols), (self.size, self.size))

    def bounds(self, reserve_limit: Array | None = None) -> tuple[Array, Array]:
        """Of the variables. `reserve_limit` (r,) N m: largest reserves at kept nodes."""
        lower, upper = np.full(self.size, -np.inf), np.full(self.size, np.inf)
        lower[self.a], upper[self.a] = self.config.activation_min, 1.0
        lower[self.s], upper[self.s] = STATE_LOWER, STATE_UPPER
        if reserve_limit is not None:
            kept = self.r[kept_nodes(self.nodes)]
            upper[kept] = reserve_limit / self.reserve_scale
            lower[kept] = -upper[kept]
        return lower, upper

    def constraint_bounds(self) -> tuple[Array, Array]:
        """In the order of the constraints."""
        equal, between = self.nodes * (self.count + self.reserves), (self.nodes - 1) * self.count
        lower = np.concatenate([np.zeros(equal), np.zeros(between), np.full(between, -np.inf)])
        upper = np.concatenate([np.zeros(equal), np.full(between, np.inf), np.ones(between)])
        return lower, upper

    def nlp(self) -> Nlp:
        """The problem for the solver."""
        return Nlp(
            self.objective,
            self.gradient,
            self.constraints,
            self.jacobian,
            self.hessian,
            self.jacobian_sparsity(),
            self.hessian_sparsity(),
            *self.bounds(),
            *self.constraint_bounds(),
        )

    def solution(self, z: Array, on: Placement | None = None) -> MuscleSolution:
        """What the variables mean."""
        _, tendon, fiber, _ = self.functions.value(self.points(z), (on or self.placement).fixed)
        shape = (self.nodes, self.count)
        return MuscleSolution(
            z[self.a],
            tendon.reshape(shape) * self.muscles.maximum_force,
            fiber.reshape(shape),
            self.reserve_scale * z[self.r],
        )
