"""Muscle-tendon lengths and moment arms from fitted polynomials (`muscle_paths.npz`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.finding import Finding
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
    """Paths from the bundle of stage muscle_paths. Raises StageError (FIELD_MISSING, FIELD_VALUE)."""
    try:
        paths = tuple(
            Path(
                name,
                tuple(bundle.names(f"span_{i}")),
                bundle[f"exponents_{i}"].astype(int),
                bundle[f"coefficients_{i}"].astype(float),
            )
            for i, name in enumerate(bundle.names("muscles"))
        )
        names = bundle.names("range_coordinates") if "range_coordinates" in bundle else []
        lower, upper = (
            dict(zip(names, map(float, bundle[end]), strict=True)) if names else {} for end in ("range_lo", "range_hi")
        )
    except KeyError as error:
        raise StageError(Reason.FIELD_MISSING, f"muscle_paths: {error}") from error
    except ValueError as error:
        raise StageError(Reason.FIELD_VALUE, f"muscle_paths: {error}") from error
    return PathSet(paths, lower, upper)


def reach(paths: PathSet, coordinates: Sequence[str], tolerance: float) -> tuple[Array, Array]:
    """Bounds (n,) rad that keep coordinates within the fitted range and a tolerance; infinite where no path spans."""
    keys = [name if name in paths.lower else name[:-2] for name in coordinates]
    lower = np.array([paths.lower.get(key, -np.inf) for key in keys]) - tolerance
    upper = np.array([paths.upper.get(key, np.inf) for key in keys]) + tolerance
    return lower, upper


def outside(q: Array, limits: tuple[Array, Array], coordinates: Sequence[str]) -> list[tuple[str, Finding]]:
    """Coordinates of `q (K, n)` that leave their limits (n,) rad, with their extremes and the first node."""
    lower, upper = limits
    beyond = (q < lower) | (q > upper)
    out = []
    for i in np.flatnonzero(beyond.any(axis=0)):
        name, node = coordinates[int(i)], int(beyond[:, i].argmax())
        text = (
            f"{name} {np.degrees(q[:, i].min()):.0f} to {np.degrees(q[:, i].max()):.0f} deg, limits "
            f"{np.degrees(lower[i]):.0f} to {np.degrees(upper[i]):.0f}, first at node {node}"
        )
        out.append((text, Finding("range of muscle paths", coordinate=name, node=node)))
    return out
