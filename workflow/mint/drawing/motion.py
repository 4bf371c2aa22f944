"""The motion of the whole body: as it was solved, and where nothing was accepted, as inverse kinematics found it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.drawing.chunks import ChunkFiles
from mint.kinematics.leg_model.mapping import LegMapping
from mint.trunk.model import TrunkModel
from mint.trunk.motion import trunk_motion
from mint.trunk.table import Source

Floats = NDArray[np.float64]


def whole_body(
    model: TrunkModel, mapping: LegMapping, merged: Bundle, chunks: Sequence[ChunkFiles], frames: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Coordinates (n, u) in the order of the model's state, NaN where there is no pose, and which frames (n,) are
    solved.

    Solved frames have the motion that the trunk's muscles were solved with: legs, pelvis and arms of the leg solution,
    the lumbar joints bent so that they carry its torso. Raises StageError and KeyError for a bundle without a motion.
    """
    q = np.full((len(frames), len(model.rows)), np.nan)
    solved = np.isin(frames, merged["frames"])
    at = np.searchsorted(merged["frames"], frames[solved])
    if len(at):
        names, values = merged.names("trunk_coordinates"), np.asarray(merged["trunk_q"], dtype=float)[at]
        leg_names, leg_values = mapping.map(names, values)
        legs = _motion(frames[solved], merged.names("leg_coordinates"), np.asarray(merged["leg_q"], dtype=float)[at])
        measured = _motion(frames[solved], names, values)
        measured.arrays |= {
            "leg_coordinates": np.array(leg_names),
            "leg_q": leg_values,
            "leg_qd": np.zeros_like(leg_values),
            "leg_qdd": np.zeros_like(leg_values),
        }
        q[solved] = trunk_motion(model, legs, measured).q
    for chunk in chunks:
        rows = np.flatnonzero(~solved & chunk.holds(frames))
        if len(rows) and chunk.ik is not None:
            here = np.flatnonzero(np.isin(frames[rows], chunk.ik["frames"]))
            found = np.searchsorted(chunk.ik["frames"], frames[rows[here]])
            q[rows[here]] = measured_pose(model, chunk.ik.names("coordinates"), chunk.ik["q"][found])
    return q, solved


def measured_pose(model: TrunkModel, names: Sequence[str], values: Floats) -> Floats:
    """`values (n, m)` of inverse kinematics as coordinates (n, u) of the model; others have their default."""
    coordinates, column = model.model.getCoordinateSet(), {name: i for i, name in enumerate(names)}
    q = np.zeros((len(values), len(model.rows)))
    for i, row in enumerate(model.rows):
        known = row.name in column and row.source is not Source.LOCKED
        q[:, i] = values[:, column[row.name]] if known else coordinates.get(row.name).getDefaultValue()
    model.follow_couplers(q, np.zeros_like(q), np.zeros_like(q))
    return q


def _motion(frames: NDArray[np.int64], names: Sequence[str], q: Floats) -> Bundle:
    """A motion whose speeds nobody asks for."""
    return Bundle.of(
        "merge",
        {"frames": frames, "coordinates": np.array(names), "q": q, "qd": np.zeros_like(q), "qdd": np.zeros_like(q)},
    )
