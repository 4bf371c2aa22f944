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
