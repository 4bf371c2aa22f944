"""A leg: its muscles, their paths, and how large its reserves may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig, strain_of
from mint.core.chunks import kept_nodes
from mint.core.status import Reason, StageError
from mint.trajectory.model.tree import Tree
from mint.trajectory.muscles.muscle import MuscleSet, muscle_set
from mint.trajectory.muscles.path_derivatives import LegPaths, PathDerivatives
from mint.trajectory.muscles.paths import Geometry, Path, PathSet
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.muscles import peak_moment

Array = np.ndarray[Any, Any]
SIDES = ("r", "l")


@dataclass(frozen=True)
class Leg:
    """Muscles of a side, their paths, and the muscled coordinates (passive ones are left to their springs).

    `spanned (s,)` and `muscled (r,)`: coordinates of the paths, and muscled ones, in the tree's numbering.
    """

    side: str
    muscles: MuscleSet
    paths: LegPaths
    coordinates: tuple[str, ...]
    spanned: Array
    muscled: Array

    @cached_property
    def rows(self) -> Array:
        """Positions of the muscled coordinates among the spanned ones."""
        return np.array([int(np.flatnonzero(self.spanned == i)[0]) for i in self.muscled])

    @cached_property
    def pairs(self) -> tuple[Array, Array]:
        """Which muscle spans which coordinate: indices of muscles, and of spanned coordinates."""
        muscle, coordinate = np.nonzero(self.paths.spans)
        return muscle, coordinate

    @cached_property
    def acts(self) -> tuple[Array, Array]:
        """Which muscle acts on which muscled coordinate: indices of muscles, and of muscled coordinates."""
        muscle, coordinate = np.nonzero(self.paths.spans[:, self.rows])
        return muscle, coordinate

    def place(self, q: Array, qd: Array) -> tuple[PathDerivatives, Geometry]:
        """Paths and muscles at positions and speeds (K, n) of the tree's coordinates.

        The moment arm is minus the derivative of length by coordinate (An et al. 1984, tendon excursion).
        """
        shape = self.paths.evaluate(q[:, self.spanned])
        speed = np.einsum("kms,ks->km", shape.slope, qd[:, self.spanned])
        return shape, Geometry(shape.length, speed, -shape.slope[:, :, self.rows])


def paths_of_legs(paths: PathSet, tree: Tree) -> dict[str, LegPaths]:
    """Paths of the muscles of each side with their derivatives."""
    return {side: LegPaths(_of_side(paths, side), tree.coordinates) for side in SIDES}


def _of_side(paths: PathSet, side: str) -> tuple[Path, ...]:
    return tuple(path for path in paths.paths if path.muscle.endswith(f"_{side}"))


def make_legs(
    record: Mapping[str, Any], paths: PathSet, case: SkeletonCase, leg_paths: Mapping[str, LegPaths]
) -> list[Leg]:
    """Both legs; `leg_paths` are `paths_of_legs`. Raises `StageError` if paths and leg model do not belong together."""
    tree, config = case.tree, case.config
    passive = {tree.coordinates[i] for i in case.scales.passive}
    legs = []
    for side in SIDES:
        chosen = _of_side(paths, side)
        spanned = {name for path in chosen for name in path.span}
        if unknown := spanned - set(tree.coordinates):
            raise StageError(Reason.FIELD_MISSING, f"muscle_paths spans {sorted(unknown)}, not free in the leg model")
        try:
            names = [path.muscle for path in chosen]
            strains = [strain_of(name, config.tendon_strain, config.achilles_strain) for name in names]
            muscles = muscle_set(record["muscles"], names, config.muscle_damping, strains)
        except KeyError as error:
            raise StageError(Reason.MODEL_INCOMPLETE, f"leg model has no muscle {error}") from error
        coordinates = tuple(name for name in tree.coordinates if name in spanned and name not in passive)
        legs.append(
            Leg(
                side,
                muscles,
                leg_paths[side],
                coordinates,
                np.array(tree.index(leg_paths[side].coordinates)),
                np.array(tree.index(coordinates)),
            )
        )
    return legs


def reserve_share(reserve: Array, moment: Array, config: TrajectoryConfig) -> Array:
    """Peak reserve (r,) as a share of the peak moment of its coordinate, moments (K, r) N m, kept nodes."""
    return np.asarray(np.abs(reserve[kept_nodes(len(reserve))]).max(axis=0) / peak_moment(moment, config))
