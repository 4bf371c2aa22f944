"""A nonlinear program given by NumPy functions and fixed sparsity, solved by IPOPT through CasADi."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import casadi as ca
import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Triplets:
    """Sparsity of a matrix whose values are given in this order; repeated entries add up."""

    rows: Array
    cols: Array
    shape: tuple[int, int]


@dataclass(frozen=True)
class Nlp:
    """min f(z), lower_g <= g(z) <= upper_g, lower <= z <= upper.

    `objective` -> f; `gradient` -> (N,); `constraints` -> (G,); `jacobian` -> values in the order of
    `jacobian_sparsity`; `hessian(z, factor, multipliers)` -> values of the lower triangle of the Hessian of
    factor f + multipliers g, in the order of `hessian_sparsity`. The solver sees variables in their `unit (N,)`: what
    it adds to the Hessian where that is not positive definite is per unit.
    """

    objective: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    constraints: Callable[[Array], Array]
    jacobian: Callable[[Array], Array]
    hessian: Callable[[Array, float, Array], Array]
    jacobian_sparsity: Triplets
    hessian_sparsity: Triplets
    lower: Array
    upper: Array
    lower_g: Array
    upper_g: Array
    unit: Array | None = None


@dataclass(frozen=True)
class NlpResult:
    """Solution with constraint multipliers, IPOPT's own status text, iterations, objective, violation, time."""

    z: Array
    multipliers: Array
    status: str
    success: bool
    iterations: int
    objective: float
    violation: float
    wall_s: float

    def meets(self, tolerance: float) -> bool:
        """Whether IPOPT is content and the unscaled constraints hold to `tolerance`."""
        return self.success and self.violation <= tolerance


@dataclass(frozen=True)
class Grace:
    """More `iterations` at the end for an attempt that is near: within the last ten iterations constraints and the
    gradient of the Lagrangian, both scaled, were below `near` together."""

    iterations: int
    near: float


class _Assembler:
    """Adds repeated triplets into CasADi's column-compressed order."""

    def __init__(self, triplets: Triplets, *, upper: bool = False) -> None:
        rows, cols = (triplets.cols, triplets.rows) if upper else (triplets.rows, triplets.cols)
        key = cols.astype(np.int64) * triplets.shape[0] + rows
        unique, self._inverse = np.unique(key, return_inverse=True)
        row, col = unique % triplets.shape[0], unique // triplets.shape[0]
        pointers = np.searchsorted(col, np.arange(triplets.shape[1] + 1))
        self.sparsity = ca.Sparsity(*triplets.shape, pointers.tolist(), row.tolist())
        self._size = len(unique)

    def __call__(self, values: Array) -> Array:
        return np.bincount(self._inverse, weights=values, minlength=self._size)


class _Callback(ca.Callback):
    """NumPy functions as one CasADi function: a function per output, of all inputs, giving its nonzeros.

    Values pass through CasADi's own memory: matrices of this size would take as long to convert as to compute.
    """

    def __init__(
        self,
        name: str,
        inputs: list[Any],
        names: tuple[list[str], list[str]],
        outputs: list[Any],
        functions: list[Callable[..., Array | float]],
    ) -> None:
        ca.Callback.__init__(self)
        self._inputs, self._outputs, self._names, self._functions = inputs, outputs, names, functions
        self.construct(name, {})

    def get_n_in(self) -> int:
        return len(self._inputs)

    def get_n_out(self) -> int:
        return len(self._outputs)

    def get_name_in(self, i: int) -> str:
        return self._names[0][i]

    def get_name_out(self, i: int) -> str:
        return self._names[1][i]

    def get_sparsity_in(self, i: int) -> Any:
        return self._inputs[i]

    def get_sparsity_out(self, i: int) -> Any:
        return self._outputs[i]

    def has_eval_buffer(self) -> bool:
        return True

    def eval_buffer(self, arguments: Any, results: Any) -> int:
        # a copy: CasADi's memory changes under what a function may keep
        values = [
            np.array(np.frombuffer(view)) if view is not None and view.nbytes else np.zeros(0) for view in arguments
        ]
        for view, function in zip(results, self._functions, strict=True):
            if view is not None and view.nbytes:
                np.frombuffer(view)[:] = function(*values)
        return 0


class _Watch(ca.Callback):
    """Ends IPOPT after `limit` iterations unless it is near, by its own history."""

    def __init__(self, limit: int, near: float, sizes: dict[str, int]) -> None:
        ca.Callback.__init__(self)
        self._limit, self._near, self._sizes = limit, near, sizes
        self.solver: Any = None
        self.construct("watch", {})

    def get_n_in(self) -> int:
        return int(ca.nlpsol_n_out())

    def get_n_out(self) -> int:
        return 1

    def get_sparsity_in(self, i: int) -> Any:
        return ca.Sparsity.dense(self._sizes[ca.nlpsol_out(i)], 1)

    def has_eval_buffer(self) -> bool:
        return True

    def eval_buffer(self, arguments: Any, results: Any) -> int:
        history = self.solver.stats()["iterations"]
        errors = np.maximum(history["inf_pr"], history["inf_du"])
        np.frombuffer(results[0])[:] = len(errors) > self._limit and errors[-10:].min() > self._near
        return 0


def _flat(value: Any) -> Array:
    return np.asarray(value, dtype=float).ravel()


def in_units(nlp: Nlp) -> tuple[Nlp, Array]:
    """The program in variables of unit 1, and those units (N,)."""
    if nlp.unit is None:
        return nlp, np.ones(len(nlp.lower))
    unit, jacobian, hessian = nlp.unit, nlp.jacobian_sparsity, nlp.hessian_sparsity
    by_jacobian, by_hessian = unit[jacobian.cols], unit[hessian.rows] * unit[hessian.cols]
    return replace(
        nlp,
        objective=lambda x: nlp.objective(unit * x),
        gradient=lambda x: unit * nlp.gradient(unit * x),
        constraints=lambda x: nlp.constraints(unit * x),
        jacobian=lambda x: by_jacobian * nlp.jacobian(unit * x),
        hessian=lambda x, factor, multipliers: by_hessian * nlp.hessian(unit * x, factor, multipliers),
        lower=nlp.lower / unit,
        upper=nlp.upper / unit,
        unit=None,
    ), unit


def solve(
    nlp: Nlp,
    start: Array,
    *,
    tolerance: float,
    max_iterations: int,
    options: dict[str, Any],
    grace: Grace | None = None,
) -> NlpResult:
    """Solve from `start` with IPOPT. `options` are IPOPT options without their prefix."""
    nlp, unit = in_units(nlp)
    count, constraints = len(nlp.lower), len(nlp.lower_g)
    jacobian, hessian = _Assembler(nlp.jacobian_sparsity), _Assembler(nlp.hessian_sparsity, upper=True)
    z_shape, g_shape = ca.Sparsity.dense(count, 1), ca.Sparsity.dense(constraints, 1)
    scalar, none = ca.Sparsity.dense(1, 1), ca.Sparsity(0, 0)
    callbacks = {
        "f": _Callback("f_cb", [z_shape], (["x"], ["f"]), [scalar], [nlp.objective]),
        "g": _Callback("g_cb", [z_shape], (["x"], ["g"]), [g_shape], [nlp.constraints]),
        "grad_f": _Callback(
            "grad_f",
            [z_shape, none],
            (["x", "p"], ["f", "grad_f_x"]),
            [scalar, z_shape],
            [lambda z, p: nlp.objective(z), lambda z, p: nlp.gradient(z)],
        ),
        "jac_g": _Callback(
            "jac_g",
            [z_shape, none],
            (["x", "p"], ["g", "jac_g_x"]),
            [g_shape, jacobian.sparsity],
            [lambda z, p: nlp.constraints(z), lambda z, p: jacobian(nlp.jacobian(z))],
        ),
        "hess_lag": _Callback(
            "hess_lag",
            [z_shape, none, scalar, g_shape],
            (["x", "p", "lam_f", "lam_g"], ["triu_hess_gamma_x_x"]),
            [hessian.sparsity],
            [lambda z, p, factor, lam: hessian(nlp.hessian(z, float(factor[0]), lam))],
        ),
    }
    z = ca.MX.sym("z", count)
    settings: Any = {
        "print_time": False,
        "no_nlp_grad": True,
        "calc_lam_p": False,
        "calc_multipliers": False,
        "grad_f": callbacks["grad_f"],
        "jac_g": callbacks["jac_g"],
        "hess_lag": callbacks["hess_lag"],
        "error_on_fail": False,
        "ipopt": {
            "print_level": 0,
            "sb": "yes",
            "tol": tolerance,
            "constr_viol_tol": tolerance,
            "max_iter": max_iterations,
            "linear_solver": "mumps",
            **options,
        },
    }
    watch = None
    if grace is not None:
        watch = _Watch(
            max_iterations,
            grace.near,
            {"x": count, "f": 1, "g": constraints, "lam_x": count, "lam_g": constraints, "lam_p": 0},
        )
        settings["iteration_callback"] = watch
        settings["ipopt"]["max_iter"] = max_iterations + grace.iterations
    program: Any = {"x": z, "f": callbacks["f"](z), "g": callbacks["g"](z)}
    solver = ca.nlpsol("solver", "ipopt", program, settings)
    if watch is not None:
        watch.solver = solver
    started = time.monotonic()
    solution = solver(x0=start / unit, lbx=nlp.lower, ubx=nlp.upper, lbg=nlp.lower_g, ubg=nlp.upper_g)
    wall_s = time.monotonic() - started
    if watch is not None:
        watch.solver = None  # else they keep each other, and the solver its memory
    stats = solver.stats()
    g = _flat(solution["g"])
    violation = float(np.maximum(nlp.lower_g - g, g - nlp.upper_g).max(initial=0.0))
    status = str(stats["return_status"])
    return NlpResult(
        unit * _flat(solution["x"]),
        _flat(solution["lam_g"]),
        "Maximum_Iterations_Exceeded" if status == "User_Requested_Stop" else status,
        bool(stats["success"]),
        int(stats["iter_count"]),
        float(solution["f"]),
        violation,
        wall_s,
    )
