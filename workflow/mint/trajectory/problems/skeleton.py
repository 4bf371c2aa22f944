"""Stage 1: torque-driven skeleton on sphere contact that tracks a motion with zero pelvis residual.

min sum_k  wp |q - q*|^2 + wv |qd - qd*|^2 + wa |qdd - qdd*|^2 (each in units of its deviation)
         + wt |tau / its unit|^2 + excess penetration^2 + what is known of the forces on the feet (`guide`)
s.t.     pelvis forces and moments = 0,  passive joints: tau + k q + d qd = 0,  |c - c*| within bounds.

Coefficients of a cubic B-spline are the variables. Bounds on them bound the motion at the nodes, because the
basis functions are positive and sum to one. With the Gauss-Newton matrix only first derivatives of the dynamics
are needed; the exact Hessian adds the curvature of dynamics weighted by multipliers and torques.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.rungs import Rung
from mint.config.trajectory import TrajectoryConfig
from mint.core.tables import table
from mint.trajectory.feet.guide import ForceGuide
from mint.trajectory.mesh.dynamics import Dynamics, banded_layout
from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.mesh.spline import basis, bounds_around, interpolate, nodes
from mint.trajectory.model.tree import Tree
from mint.trajectory.problems.deviation import RmsLimits, accepted_rms

Array = np.ndarray[Any, Any]
# Units of the residuals of what must vanish, so that a tolerance means about as much for each of them.
_MOMENT_UNIT_Nm, _FORCE_UNIT_BW = 50.0, 0.25  # at the pelvis: N m, body weights
_PASSIVE_UNIT_Nm = 10.0  # at passive joints
_PENETRATION_UNIT_M = 0.001  # excess penetration that costs one unit
# Pelvis translations may deviate so far, as in Muscles in Time (2024), appendix A.3; their root mean square has a much
# smaller limit.
_PELVIS_RANGE_M = 0.1


@dataclass(frozen=True)
class Scales:
    """Units of deviations (3, n), of equality constraints (ne,), of driven torques; and which rows of y they are."""

    deviation: Array
    constraint: Array
    torque: Array
    pelvis: list[int]
    passive: list[int]
    driven: list[int]


def make_scales(tree: Tree, config: TrajectoryConfig) -> Scales:
    """Units from `resources/trajectory_weights.csv` and the configuration; pelvis: coordinates of the root joint."""
    rows = table("trajectory_weights")
    columns = ("position_deviation_rad_or_m", "speed_deviation_rad_s_or_m_s", "acceleration_deviation_rad_s2_or_m_s2")
    deviation, torque = np.zeros((3, len(tree.coordinates))), np.zeros(len(tree.coordinates))
    for i, name in enumerate(tree.coordinates):
        match = next(row for _, row in rows.iterrows() if fnmatch.fnmatch(name, row["coordinate_pattern"]))
        deviation[:, i] = [float(match[c]) for c in columns]
        torque[i] = float(match["torque_unit_Nm"])
    root = {axis.coordinate for axis in tree.joints[0].axes}
    pelvis = [i for i, name in enumerate(tree.coordinates) if name in root]
    passive = [i for i, name in enumerate(tree.coordinates) if fnmatch.fnmatch(name, config.mtp_pattern)]
    driven = [i for i in range(len(tree.coordinates)) if i not in pelvis and i not in passive]
    weight = tree.mass * float(np.linalg.norm(tree.gravity))
    units = [_MOMENT_UNIT_Nm if tree.rotational[i] else _FORCE_UNIT_BW * weight for i in pelvis]
    units += [_PASSIVE_UNIT_Nm] * len(passive)
    return Scales(deviation, np.array(units), torque[driven], pelvis, passive, driven)


class SkeletonProblem:
    """The problem for one window. `target` (K, 3, n) is the motion to track; z are the coefficients, raveled.

    `free` (driven,), bool: moments that cost nothing, because muscles supply them.
    """

    def __init__(
        self,
        dynamics: Dynamics,
        tree: Tree,
        scales: Scales,
        target: Array,
        rung: Rung,
        config: TrajectoryConfig,
        guide: ForceGuide,
        free: Array | None = None,
    ) -> None:
        self.dynamics, self.scales, self.target, self.config, self.guide = dynamics, scales, target, config, guide
        self.nodes, _, self.n = target.shape
        self.size = (self.nodes + 2) * self.n
        weights = np.sqrt(np.array([rung.position, rung.speed, rung.acceleration]))
        self._track = (weights[:, None] / scales.deviation) ** 2  # (3, n)
        self._torque = rung.torque / scales.torque**2  # (driven,)
        if free is not None:
            self._torque = np.where(free, 0.0, self._torque)
        self._basis = basis(dynamics.step_s)
        self._accepted = accepted_rms(tree, config)
        row, col, diagonal = banded_layout(self.n)
        # Places of node matrices' lower triangles: in a matrix, and in banded storage, node by node.
        self._lower = row * 3 * self.n + col
        self._band = (diagonal * self.size + col + np.arange(self.nodes)[:, None] * self.n).ravel()
        self._tracking_matrix = self._node_tracking()
        self.equality_rows = [*scales.pelvis, *scales.passive]
        self._paid = np.flatnonzero(self._torque)  # driven moments that cost something
        self._driven = np.array(scales.driven, dtype=int)
        self._spheres = np.arange(dynamics.depth.start, dynamics.depth.stop)
        guided = np.flatnonzero(guide.weight.any(axis=0))
        self._guided, self._guide_weight = dynamics.feet.start + guided, guide.weight[:, guided]
        self._guide_target = guide.target[:, guided]
        # elements of the constraints' Jacobian: constraint and coordinate
        order = np.full(dynamics.ny, -1)
        order[self.equality_rows] = np.arange(len(self.equality_rows))
        self._equal = np.flatnonzero(order[dynamics.rows] >= 0)
        self.equality, self.equality_coordinate = order[dynamics.rows[self._equal]], dynamics.coordinates[self._equal]
        self._springs = np.flatnonzero(
            (dynamics.rows[self._equal] == self.equality_coordinate) & np.isin(self.equality_coordinate, scales.passive)
        )

    def start(self) -> Array:
        """Coefficients of the tracked motion."""
        return interpolate(self.target[:, 0]).ravel()

    def bounds(self, tree: Tree, reach: tuple[Array, Array]) -> tuple[Array, Array]:
        """Lower and upper bounds of z around the tracked motion and within `reach (n,)`; passive joints within a fixed
        range."""
        width = np.where(tree.rotational, np.radians(self.config.max_deviation_deg), _PELVIS_RANGE_M)
        lower, upper = bounds_around(interpolate(self.target[:, 0]), width, reach)
        lower[:, self.scales.passive], upper[:, self.scales.passive] = -0.8, 1.0
        return lower.ravel(), upper.ravel()

    def rms_limits(self) -> RmsLimits:
        """Limits of the deviations of tracked coordinates."""
        tracked = np.setdiff1d(np.arange(self.n), self.scales.passive)
        return RmsLimits(self.target[:, 0], self._accepted, tracked, self._basis[0])

    def _shape(self, z: Array) -> Array:
        return z.reshape(self.nodes + 2, self.n)

    def _node_tracking(self) -> Array:
        """Constant Hessian of the tracking cost of one node in its three coefficients (3n, 3n)."""
        out = np.zeros((3 * self.n, 3 * self.n))
        index = np.arange(self.n)
        for i in range(3):
            for j in range(3):
                out[i * self.n + index, j * self.n + index] = np.einsum(
                    "d,dn->n", self._basis[:, i] * self._basis[:, j], self._track
                )
        return out

    def equalities(self, z: Array, y: Array) -> Array:
        """Scaled equality constraints (K, ne) from y (K, ny)."""
        motion = nodes(self._shape(z), self.dynamics.step_s)
        passive = self.scales.passive
        g = y[:, self.equality_rows].copy()
        g[:, len(self.scales.pelvis) :] += (
            self.config.mtp_stiffness * motion[:, 0, passive] + self.config.mtp_damping * motion[:, 1, passive]
        )
        return np.asarray(g / self.scales.constraint)

    def equality_slopes(self, slopes: Array) -> Array:
        """Derivatives of the equalities by (c_k, c_k+1, c_k+2) from those of y (3, Q, K): (3, elements, K), elements as
        `equality`, `equality_coordinate`."""
        out = slopes[:, self._equal]
        out[0, self._springs] += self.config.mtp_stiffness
        out[1, self._springs] += self.config.mtp_damping
        return self.dynamics.to_coefficients(out / self.scales.constraint[self.equality, None])

    def _penetration(self, y: Array) -> tuple[Array, Array, Array]:
        """Cost of penetration beyond the soft limit (K, S), its first and second derivative by penetration.

        u^3 / (u + 1) with u in units: quadratic far away, but without the jump in curvature of a squared excess,
        between whose two sides Newton steps go back and forth.
        """
        u = np.maximum(y[:, self._spheres] - self.config.penetration_soft_m, 0.0) / _PENETRATION_UNIT_M
        slope = u**2 * (2 * u + 3) / (u + 1) ** 2
        bend = 2 * u * (u**2 + 3 * u + 3) / (u + 1) ** 3
        return u**3 / (u + 1), slope / _PENETRATION_UNIT_M, bend / _PENETRATION_UNIT_M**2

    def _cost_terms(self, z: Array, y: Array) -> tuple[float, Array, Array]:
        """Cost; deviation (K, 3, n); driven torques."""
        error = nodes(self._shape(z), self.dynamics.step_s) - self.target
        torque = y[:, self.scales.driven]
        cost = 0.5 * (
            np.sum(self._track * error**2)
            + np.sum(self._torque * torque**2)
            + np.sum(self._guide_weight * self._off_guide(y) ** 2)
            + np.sum(self._penetration(y)[0])
        )
        return float(cost), error, torque

    def _off_guide(self, y: Array) -> Array:
        """How far forces and moments of the feet are from the guide (K, guided rows)."""
        return np.asarray(y[:, self._guided] - self._guide_target)

    def cost(self, z: Array) -> float:
        """Cost per node."""
        return self._cost_terms(z, self.dynamics.value(self._shape(z)))[0] / self.nodes

    def constraints(self, z: Array) -> Array:
        """Scaled equality constraints (K, ne)."""
        return self.equalities(z, self.dynamics.value(self._shape(z)))

    def merit(self, z: Array, multipliers: Array, penalty: float) -> float:
        """Augmented Lagrangian (not per node)."""
        y = self.dynamics.value(self._shape(z))
        if not np.isfinite(y).all():
            return np.inf
        g = self.equalities(z, y)
        return self._cost_terms(z, y)[0] + float(np.sum(multipliers * g) + 0.5 * penalty * np.sum(g**2))

    def model(self, z: Array, multipliers: Array, penalty: float) -> tuple[float, Array, Array]:
        """Merit, its gradient (N,) and its Gauss-Newton matrix in lower banded form (3n, N)."""
        dynamics = self.dynamics
        y, slopes = dynamics.slopes(self._shape(z))
        cost, error, torque = self._cost_terms(z, y)
        g = self.equalities(z, y)
        gj = dynamics.dense(self.equality_slopes(slopes), self.equality, self.equality_coordinate, g.shape[1])
        gradient = self._node_gradient(y, slopes, error, torque)
        gradient += np.einsum("ke,kec->kc", multipliers + penalty * g, gj)
        jacobian = dynamics.dense(dynamics.to_coefficients(slopes), dynamics.rows, dynamics.coordinates, dynamics.ny)
        bend = self._penetration(y)[2]
        rows = np.concatenate(
            [
                np.sqrt(self._torque)[:, None] * jacobian[:, self.scales.driven],
                np.sqrt(self._guide_weight)[..., None] * jacobian[:, self._guided],
                np.sqrt(0.5 * bend)[..., None] * jacobian[:, self._spheres],
                np.sqrt(penalty) * gj,
            ],
            axis=1,
        )
        matrix = self._tracking_matrix + np.matmul(np.swapaxes(rows, 1, 2), rows)
        merit = cost + float(np.sum(multipliers * g) + 0.5 * penalty * np.sum(g**2))
        return merit, self.gather(gradient), self._banded(matrix)

    def _node_gradient(self, y: Array, slopes: Array, error: Array, torque: Array) -> Array:
        """Gradient of the cost by the coefficients of each node (K, 3n)."""
        weights = np.zeros_like(y)
        weights[:, self.scales.driven] = self._torque * torque
        weights[:, self._guided] = self._guide_weight * self._off_guide(y)
        weights[:, self._spheres] = 0.5 * self._penetration(y)[1]
        tracking = np.einsum("dj,kdn->kjn", self._basis, self._track * error).reshape(self.nodes, 3 * self.n)
        return np.asarray(tracking + self.dynamics.pull_back(slopes, weights))

    def gather(self, per_node: Array) -> Array:
        """Add node gradients (K, 3n) into the gradient of z (N,)."""
        out = np.zeros((self.nodes + 2, self.n))
        for j in range(3):
            out[j : j + self.nodes] += per_node[:, j * self.n : (j + 1) * self.n]
        return out.ravel()

    def _banded(self, per_node: Array) -> Array:
        """Add node matrices (K, 3n, 3n) into lower banded storage (3n, N)."""
        values = np.take(per_node.reshape(self.nodes, -1), self._lower, axis=1)
        band = np.bincount(self._band, weights=values.ravel(), minlength=3 * self.n * self.size)
        return np.asarray(band.reshape(3 * self.n, self.size))

    def cost_gradient(self, z: Array) -> Array:
        """Gradient of the cost per node (N,)."""
        y, slopes = self.dynamics.slopes(self._shape(z))
        _, error, torque = self._cost_terms(z, y)
        return self.gather(self._node_gradient(y, slopes, error, torque)) / self.nodes

    def meeting(self) -> Array:
        """Which pairs of coordinates (n, n) meet in second derivatives of cost and constraints."""
        return self.dynamics.meeting(np.concatenate([self._driven[self._paid], self._spheres, self._guided]))

    def add_hessian(
        self,
        total: Array,
        layout: NodeHessian,
        z: Array,
        factor: float,
        multipliers: Array,
        on_outputs: Array | None = None,
    ) -> None:
        """Add second derivatives of factor cost + multipliers (K, ne) constraints + on_outputs (K, ny) y to a sum of
        `layout`."""
        y, slopes = self.dynamics.slopes(self._shape(z))
        _, deeper, bend = self._penetration(y)
        factor = factor / self.nodes
        own = layout.place(np.arange(self.n), np.arange(self.n))
        for d in range(3):
            total[d, d, own] += factor * self._track[d][:, None]
        paid = np.tile(factor * self._torque[self._paid, None], self.nodes)
        self.dynamics.add_squares(total, layout, slopes, self._driven[self._paid], paid)
        self.dynamics.add_squares(total, layout, slopes, self._spheres, factor * 0.5 * bend.T)
        if len(self._guided):
            self.dynamics.add_squares(total, layout, slopes, self._guided, factor * self._guide_weight.T)
        weights = np.zeros_like(y)
        weights[:, self.equality_rows] = multipliers / self.scales.constraint
        weights[:, self._driven] = factor * self._torque * y[:, self._driven]
        weights[:, self._guided] = factor * self._guide_weight * self._off_guide(y)
        weights[:, self._spheres] = factor * 0.5 * deeper
        if on_outputs is not None:
            weights += on_outputs
        self.dynamics.add_curvature(total, layout, self._shape(z), weights)
