"""Functions of OpenSim joints as polynomials in ascending powers."""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim

from mint.core.status import Reason, StageError

SPLINE_DEGREE = 7
_SPLINE_SAMPLES = 400

Polynomial = dict[str, Any]


def evaluate(function: Any, x: float) -> float:
    """Value of an OpenSim function of one argument."""
    return float(function.calcValue(opensim.Vector(1, float(x))))


def polynomial_of(function: Any, lo: float, hi: float) -> Polynomial:
    """An OpenSim function as `{"type": "polynomial", "coefficients": [c0, c1, ...]}`.

    Constants, linear functions and polynomials are exact. Any other smooth function (natural cubic and other
    splines) is fitted by least squares of degree 7 over `[lo, hi]` and carries its root mean square error as
    `rms`. Multipliers are multiplied out. Raises `StageError(MODEL_INCOMPLETE)` if the range is not finite.
    """
    kind = function.getConcreteClassName()
    if kind == "Constant":
        return _polynomial([evaluate(function, 0.0)])
    if kind == "LinearFunction":
        coefficients = opensim.LinearFunction.safeDownCast(function).getCoefficients()
        return _polynomial([coefficients.get(1), coefficients.get(0)])
    if kind == "PolynomialFunction":
        coefficients = opensim.PolynomialFunction.safeDownCast(function).getCoefficients()
        return _polynomial([coefficients.get(i) for i in reversed(range(coefficients.size()))])
    if kind == "MultiplierFunction":
        multiplier = opensim.MultiplierFunction.safeDownCast(function)
        return scaled(polynomial_of(multiplier.getFunction(), lo, hi), float(multiplier.getScale()))
    return _fitted(function, lo, hi)


def scaled(polynomial: Polynomial, factor: float) -> Polynomial:
    """A polynomial times a factor."""
    out = {**polynomial, "coefficients": [factor * c for c in polynomial["coefficients"]]}
    if "rms" in out:
        out["rms"] = abs(factor) * float(out["rms"])
    return out


def _polynomial(coefficients: list[float]) -> Polynomial:
    return {"type": "polynomial", "coefficients": [float(c) for c in coefficients]}


def _fitted(function: Any, lo: float, hi: float) -> Polynomial:
    if not 0.0 < hi - lo < 20.0:
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"a {function.getConcreteClassName()} of a coordinate without a range ({lo} to {hi})",
        )
    # Chebyshev nodes and basis: an even error over the range instead of one that grows to its ends.
    x = 0.5 * (lo + hi) - 0.5 * (hi - lo) * np.cos(np.pi * (np.arange(_SPLINE_SAMPLES) + 0.5) / _SPLINE_SAMPLES)
    y = np.array([evaluate(function, value) for value in x])
    fit = np.polynomial.Chebyshev.fit(x, y, SPLINE_DEGREE, domain=[lo, hi])
    rms = float(np.sqrt(np.mean((fit(x) - y) ** 2)))
    return {**_polynomial(list(fit.convert(kind=np.polynomial.Polynomial).coef)), "rms": rms}
