"""Polynomials of muscle-tendon lengths: L(q) = sum_t c_t prod_j q_j^e_tj, moment arm = -dL/dq."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.config.muscle_paths import MusclePathsConfig
from mint.core.status import Reason, StageError
from mint.kinematics.model.forward_kinematics import Array

# Tolerances of the successive fits in units of the configured ones.
_TRIM_FACTORS = (4.0, 2.0, 1.0, 1.0)
_CONTINUATION_DEGREE = 3
_CONTINUATION_WEIGHT = 0.1


@dataclass(frozen=True)
class PathFit:
    """Coefficients `(T,)` (m, rad) of `exponents (T, s)` and root mean square errors on poses not fitted."""

    exponents: Array
    coefficients: Array
    length_rmse_m: float
    moment_arm_rmse_m: float
    dropped: float


def exponents(variables: int, degree: int) -> Array:
    """All exponents `(T, variables)` of total degree up to `degree`, in a fixed order."""
    rows = [e for e in itertools.product(range(degree + 1), repeat=variables) if sum(e) <= degree]
    return np.array(rows, dtype=int).reshape(-1, variables)


def terms(powers: Array, q: Array) -> Array:
    """Monomials `(n, T)` of `powers (T, s)` at `q (n, s)`."""
    out = np.ones((len(q), len(powers)))
    for values, each in zip(q.T, powers.T, strict=True):
        out *= np.vander(values, int(each.max()) + 1, increasing=True)[:, each]
    return out


def term_derivatives(powers: Array, q: Array, variable: int) -> Array:
    """Derivatives `(n, T)` of the monomials by one variable."""
    e = powers[:, variable]
    lowered = powers.copy()
    lowered[:, variable] = np.maximum(e - 1, 0)
    return e * terms(lowered, q)


def evaluate_path(powers: Array, coefficients: Array, q: Array) -> tuple[Array, Array]:
    """Length `(n,)` m and moment arms `(n, s)` m at `q (n, s)` rad."""
    arms = [-term_derivatives(powers, q, j) @ coefficients for j in range(powers.shape[1])]
    return terms(powers, q) @ coefficients, np.stack(arms, axis=1)


def fit_path(
    powers: Array, q: Array, length: Array, arm: Array, usable: NDArray[np.bool_], config: MusclePathsConfig
) -> PathFit:
    """Least squares on lengths and moment arms together, in m and m/rad, judged on the last poses.

    A path that slips off a wrap object makes its length jump, which no polynomial follows and no muscle does.
    Such poses are dropped: first those not `usable (n,)` or with an impossible moment arm, then, with a tolerance that
    shrinks from fit to fit, those that lie off the branch of the majority. In their place the fit is held, weakly, to a
    cubic through the poses that are left, so that it continues the path smoothly instead of running away.
    `dropped` is the share of dropped poses, fitted and judging ones. Raises `StageError(MODEL_INCOMPLETE)` if
    fewer poses than terms are left.
    """
    possible = usable & np.all(np.abs(arm) < config.max_moment_arm_m, axis=1) & np.isfinite(length)
    held_out = np.arange(len(q)) >= round(len(q) * (1.0 - config.held_out_fraction))
    matrix, target = _equations(powers, q), np.vstack([length[None], arm.T])
    good = possible
    coefficients = _continued_fit(powers, matrix, target, good & ~held_out, ~good & ~held_out)
    for factor in _TRIM_FACTORS:
        error = np.abs(matrix @ coefficients - target)
        off = error[0] > factor * config.outlier_m
        off |= np.any(error[1:] > factor * config.outlier_arm_m, axis=0)
        if np.array_equal(possible & ~off, good):
            continue
        good = possible & ~off
        coefficients = _continued_fit(powers, matrix, target, good & ~held_out, ~good & ~held_out)
    judged = (matrix @ coefficients - target)[:, good & held_out]
    length_rmse, arm_rmse = (float(np.sqrt(np.mean(part**2))) for part in (judged[0], judged[1:]))
    return PathFit(powers, coefficients, length_rmse, arm_rmse, float(1.0 - good.mean()))


def _continued_fit(powers: Array, matrix: Array, target: Array, kept: Array, lost: Array) -> Array:
    """Coefficients `(T,)` of a fit to the poses `kept (n,)`, held weakly to their cubic at `lost (n,)`."""
    if kept.sum() < len(powers):
        raise StageError(Reason.MODEL_INCOMPLETE, f"{int(kept.sum())} smooth poses for {len(powers)} terms")
    rows, values, weights = matrix[:, kept], target[:, kept], np.ones(int(kept.sum()))
    if lost.any():
        cubic = powers.sum(axis=1) <= _CONTINUATION_DEGREE
        simple = _least_squares(rows[..., cubic], values, weights)
        rows = np.concatenate([rows, matrix[:, lost]], axis=1)
        values = np.concatenate([values, matrix[:, lost][..., cubic] @ simple], axis=1)
        weights = np.concatenate([weights, np.full(int(lost.sum()), _CONTINUATION_WEIGHT)])
    return _least_squares(rows, values, weights)


def _equations(powers: Array, q: Array) -> Array:
    """Rows `(1 + s, n, T)` of lengths and moment arms."""
    return np.stack([terms(powers, q)] + [-term_derivatives(powers, q, j) for j in range(powers.shape[1])])


def _least_squares(matrix: Array, target: Array, weights: Array) -> Array:
    """Solution `(T,)` of stacked equations `(1 + s, n, T)` with weights `(n,)`, columns scaled."""
    a = (weights[None, :, None] * matrix).reshape(-1, matrix.shape[-1])
    b = (weights[None] * target).reshape(-1)
    scale = np.linalg.norm(a, axis=0)
    a = a / scale
    # Normal equations: the scaled monomials of angles below 2.5 rad are well enough conditioned in double
    # precision, and twenty times faster than an orthogonal factorization of 10,000 rows.
    normal = a.T @ a
    normal[np.diag_indices_from(normal)] += 1e-12
    return np.asarray(np.linalg.solve(normal, a.T @ b) / scale)
