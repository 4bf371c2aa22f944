"""Which coordinates the paths of leg muscles span, and the ranges in which they are sampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.kinematics.model.export import items
from mint.kinematics.model.forward_kinematics import Array


def sampled_ranges() -> tuple[tuple[str, ...], Array, Array]:
    """Coordinates without side and their bounds `(k,)` rad in resources/coordinate_ranges_paths.csv."""
    rows = table("coordinate_ranges_paths")
    return (
        tuple(str(c) for c in rows["coordinate"]),
        np.radians(rows["lo_deg"].to_numpy(dtype=float)),
        np.radians(rows["hi_deg"].to_numpy(dtype=float)),
    )


def spanned_coordinates(muscle: Any, record: Mapping[str, Any]) -> tuple[str, ...]:
    """Sampled coordinates (without side) of the joints between the bodies of a muscle's path points.

    A property of the topology, not of the numbers: the same for all subjects. Coupled coordinates count as
    the one they follow. Raises `StageError(MODEL_INCOMPLETE)` if the path crosses a joint that is not sampled.
    """
    coordinates, _, _ = sampled_ranges()
    follows = {c["dependent"]: c["independent"] for c in record["couplers"]}
    joints = {joint["child"]: joint for joint in record["joints"]}
    bodies = [p.getParentFrame().findBaseFrame().getName() for p in items(muscle.getGeometryPath().getPathPointSet())]
    chains = []
    for body in bodies:
        chain = []
        while body in joints:
            chain.append(body)
            body = joints[body]["parent"]
        chains.append(set(chain))
    crossed = {name for body in set.union(*chains) - set.intersection(*chains) for name in joints[body]["coordinates"]}
    plain = {follows.get(name, name)[:-2] for name in crossed}
    if not plain <= set(coordinates):
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"muscle {muscle.getName()} spans {sorted(plain - set(coordinates))}, "
            "which resources/coordinate_ranges_paths.csv does not list",
        )
    return tuple(name for name in coordinates if name in plain)
