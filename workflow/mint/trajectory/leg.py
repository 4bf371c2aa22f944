"""A leg: its muscles, their paths, and how large its reserves may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError
from mint.trajectory.ladder import SkeletonCase, kept_nodes
from mint.trajectory.muscle import MuscleSet, muscle_set
from mint.trajectory.paths import Path, PathSet

Array = np.ndarray[Any, Any]
SIDES = ("r", "l")


@dataclass(frozen=True)
class Leg:
    """Muscles of a side, their paths, and the muscled coordinates (passive ones are left to their springs)."""

    side: str
    muscles: MuscleSet
    paths: tuple[Path, ...]
    coordinates: tuple[str, ...]


def make_legs(record: Mapping[str, Any], paths: PathSet, case: SkeletonCase) -> list[Leg]:
    """Both legs. Raises `StageError` if paths and leg model do not belong together."""
    tree, config = case.tree, case.config
    passive = {tree.coordinates[i] for i in case.scales.passive}
    legs = []
    for side in SIDES:
        chosen = tuple(path for path in paths.paths if path.muscle.endswith(f"_{side}"))
        spanned = {name for path in chosen for name in path.span}
        if unknown := spanned - set(tree.coordinates):
            raise StageError(Reason.FIELD_MISSING, f"muscle_paths spans {sorted(unknown)}, not free in the leg model")
        try:
            muscles = muscle_set(record["muscles"], [p.muscle for p in chosen], config.muscle_damping,
                                 config.tendon_strain)
        except KeyError as error:
            raise StageError(Reason.MODEL_INCOMPLETE, f"leg model has no muscle {error}") from error
        coordinates = tuple(name for name in tree.coordinates if name in spanned and name not in passive)
        legs.append(Leg(side, muscles, chosen, coordinates))
    return legs


def reserve_share(reserve: Array, moment: Array, config: TrajectoryConfig) -> Array:
    """Peak reserve (r,) as a share of the peak moment of its coordinate, moments (K, r) N m, kept nodes."""
    kept = kept_nodes(len(reserve))
    peak = np.maximum(np.abs(moment[kept]).max(axis=0), config.reserve_base_Nm)
    return np.asarray(np.abs(reserve[kept]).max(axis=0) / peak)
