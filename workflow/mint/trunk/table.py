"""Which coordinate plays which part: the tables `resources/trunk_coordinates_*.csv`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mint.core.status import Reason, StageError
from mint.core.tables import table

TABLES = ("trunk_coordinates_pose2sim", "trunk_coordinates_full402")


class Role(StrEnum):
    """Part of a coordinate in the equilibrium."""

    RESIDUAL = "residual"  # pelvis in space: what is left over is reported as residual
    GIVEN = "given"  # lower limb: balanced in the leg solution
    MUSCLES = "muscles"  # equation with muscles and reserve
    SUPPORTED = "supported"  # the same; its reserve stands for ligaments the model lacks, not judged
    COUPLED = "coupled"  # follows others; its moments act on them
    IDEAL = "ideal"  # ideal actuator, reported apart from reserves
    LOCKED = "locked"  # fixed: no equation


BALANCED = (Role.MUSCLES, Role.SUPPORTED)  # coordinates with an equation


class Source(StrEnum):
    """Where a coordinate's motion comes from."""

    SOLUTION = "solution"  # trajectory solution of the leg model
    IK = "ik"  # inverse kinematics of the whole model
    COUPLED = "coupled"
    LOCKED = "locked"


@dataclass(frozen=True)
class CoordinateRow:
    """One row: `coupling` is `model` (the model's own coupler) or shares of independent coordinates, `muscle_share` the
    part of the coordinate that lengthens muscles (`mint.trunk.motion.seen_by_muscles`)."""

    name: str
    source: Source
    role: Role
    coupling: str
    muscle_share: float = 1.0

    @property
    def shares(self) -> dict[str, float]:
        """Independent coordinate -> share, of a coupling written as `a*1.5 + b`."""
        out = {}
        for term in self.coupling.split("+"):
            name, _, share = term.strip().partition("*")
            out[name.strip()] = float(share) if share else 1.0
        return out


def choose_table(requested: str, coordinates: Collection[str]) -> str:
    """Name of the table; `auto` takes the first whose coordinates the model has.

    Raises StageError(MODEL_INCOMPLETE) when none fits or the requested one does not.
    """
    candidates = TABLES if requested == "auto" else (requested,)
    missing = {}
    for name in candidates:
        missing[name] = sorted(set(table(name)["coordinate"]) - set(coordinates))
        if not missing[name]:
            return name
    detail = "; ".join(f"{name}: model lacks coordinates {', '.join(m[:5])}" for name, m in missing.items())
    raise StageError(Reason.MODEL_INCOMPLETE, detail)


def coordinate_rows(name: str) -> dict[str, CoordinateRow]:
    """Rows of a coordinate table by coordinate."""
    frame = table(name).fillna({"coupling": "", "muscle_share": 1.0})
    return {
        str(row.coordinate): CoordinateRow(
            str(row.coordinate),
            Source(str(row.kinematics)),
            Role(str(row.equilibrium)),
            str(row.coupling),
            float(str(row.muscle_share)),
        )
        for row in frame.itertuples()
    }
