"""Muscle-tendon lengths and moment arms from fitted polynomials (`muscle_paths.npz`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Path:
    """Polynomial of one muscle: length (m) = sum_t coefficient_t prod_j q_j^exponent_tj over `span`."""

    muscle: str
    span: tuple[str, ...]
    exponents: Array
    coefficients: Array


@dataclass(frozen=True)
class Geometry:
    """Of M muscles over K nodes: length m, lengthening speed m/s, moment arms m for coordinates (r)."""

    length: Array
    speed: Array
    moment_arm: Array


@dataclass(frozen=True)
class PathSet:
    """Paths of all muscles and the range of coordinates on which they were fitted."""

    paths: tuple[Path, ...]
    lower: dict[str, float]
    upper: dict[str, float]

    @property
    def muscles(self) -> list[str]:
        """Names in table order."""
        return [path.muscle for path in self.paths]


def read_paths(bundle: Bundle) -> PathSet:
    """Paths from the bundle of stage muscle_paths. Raises `StageError(FIELD_MISSING)`."""
    try:
        paths = tuple(Path(name, tuple(bundle.names(f"span_{i}")), bundle[f"exponents_{i}"].astype(int),
                           bundle[f"coefficients_{i}"].astype(float))
                      for i, name in enumerate(bundle.names("muscles")))
        names = bundle.names("range_coordinates") if "range_coordinates" in bundle else []
        lower = dict(zip(names, map(float, bundle["range_lo"]), strict=False)) if names else {}
        upper = dict(zip(names, map(float, bundle["range_hi"]), strict=False)) if names else {}
    except KeyError as error:
        raise StageError(Reason.FIELD_MISSING, f"muscle_paths: {error}") from error
    return PathSet(paths, lower, upper)


def outside(paths: PathSet, coordinates: Sequence[str], q: Array, tolerance: float) -> list[str]:
    """Coordinates of `q (K, n)` that leave the fitted range by more than a tolerance (rad), with their extremes."""
    out = []
    for i, name in enumerate(coordinates):
        key = name if name in paths.lower else name[:-2]
        if key in paths.lower:
            low, high = float(q[:, i].min()), float(q[:, i].max())
            if low < paths.lower[key] - tolerance or high > paths.upper[key] + tolerance:
                out.append(f"{name} {np.degrees(low):.0f}..{np.degrees(high):.0f} deg outside "
                           f"{np.degrees(paths.lower[key]):.0f}..{np.degrees(paths.upper[key]):.0f}")
    return out


def geometry(paths: Sequence[Path], coordinates: Sequence[str], q: Array, qd: Array,
             moment_coordinates: Sequence[str]) -> Geometry:
    """Lengths (K, M), speeds (K, M) and moment arms (K, M, r) of paths at positions and speeds (K, n).

    The moment arm is minus the derivative of length by coordinate (An et al. 1984, tendon excursion).
    """
    count = len(q)
    length, speed = np.zeros((count, len(paths))), np.zeros((count, len(paths)))
    arm = np.zeros((count, len(paths), len(moment_coordinates)))
    column = {name: i for i, name in enumerate(coordinates)}
    row = {name: i for i, name in enumerate(moment_coordinates)}
    for m, path in enumerate(paths):
        index = [column[name] for name in path.span]
        length[:, m], slopes = _evaluate(path, q[:, index])
        speed[:, m] = np.sum(slopes * qd[:, index], axis=1)
        for j, name in enumerate(path.span):
            if name in row:
                arm[:, m, row[name]] = -slopes[:, j]
    return Geometry(length, speed, arm)


def _evaluate(path: Path, x: Array) -> tuple[Array, Array]:
    """Length (K,) and its derivatives (K, s) at x (K, s)."""
    exponents = path.exponents
    powers = x[:, None, :] ** np.arange(exponents.max() + 1)[None, :, None]  # (K, degree + 1, s)
    span = np.arange(x.shape[1])
    factors = powers[:, exponents, span]  # (K, T, s)
    length = np.prod(factors, axis=2) @ path.coefficients
    slopes = np.zeros_like(x)
    for j in span:
        lowered = powers[:, np.maximum(exponents[:, j] - 1, 0), j] * exponents[:, j]
        others = np.prod(np.delete(factors, j, axis=2), axis=2)
        slopes[:, j] = (lowered * others) @ path.coefficients
    return length, slopes
