"""What joints do in a sequence, and its gait events and steps, as tables of the dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.dataset.schema import Column, TableSchema
from mint.sequence.gait import OFF, STRIKE

_LOAD_AXES = ("fx", "fy", "fz", "mx", "my", "mz")
COMPRESSION = "l5_s1_compression"
_SIDE = Column("side", "text", "1", "side of the body", allowed=("r", "l"))

GAIT_EVENTS = TableSchema("gait_events", "a foot meets the floor or leaves it", (
    Column("sequence_id", "text", "1", "name in the table of sequences"),
    Column("time_s", "float", "s", "when the vertical force of the foot, linear between frames, meets "
           "merge.contact_threshold_N", low=0),
    _SIDE,
    Column("event", "text", "1", "foot_strike: it meets the floor (heel strike in walking); toe_off: it leaves it",
           allowed=(STRIKE, OFF)),
    Column("heel_x_m", "float", "m", "place of the heel bone in the nearest frame in contact, forward"),
    Column("heel_z_m", "float", "m", "place of the heel bone in the nearest frame in contact, to the right"),
), ("sequence_id", "side", "time_s"))

STEPS = TableSchema("steps", "from the strike of one foot to that of the other, while the pelvis goes on", (
    Column("sequence_id", "text", "1", "name in the table of sequences"),
    Column("start_s", "float", "s", "strike of the other foot", low=0),
    Column("stop_s", "float", "s", "strike of this foot", low=0),
    Column("side", "text", "1", "of the foot that is set down last", allowed=("r", "l")),
    Column("step_time_s", "float", "s", "stop_s - start_s", low=0),
    Column("step_length_m", "float", "m", "between the heels at their strikes, along the way of the pelvis, relative "
           "to the belt; negative where the foot is set down behind the other"),
    Column("step_width_m", "float", "m", "between the heels at their strikes, across the way of the pelvis", low=0),
    Column("speed_m_s", "float", "m/s", "mean horizontal speed of the pelvis, relative to the belt", low=0),
    Column("cadence_per_min", "float", "steps/min", "60 s / step_time_s", low=0),
    Column("stride_time_s", "float", "s", "from this foot's last strike", nullable=True, low=0),
    Column("stride_length_m", "float", "m", "between the heel's places at these, relative to the belt", nullable=True,
           low=0),
    Column("stance_time_s", "float", "s", "from stop_s to this foot's toe off", nullable=True, low=0),
), ("sequence_id", "stop_s"))


def joint_tables(bundle: Bundle) -> Iterator[tuple[str, dict[str, NDArray[Any]], dict[str, str]]]:
    """Name, columns and their units of each table over time that a merged sequence has arrays for.

    `joint_moments` N m and `joint_powers` W by coordinate, both positive as the coordinate is (flexion of hip and knee,
    dorsiflexion of the ankle); `joint_loads`: force N and moment N m of hip, knee, ankle and L5/S1 on the bone beyond
    the joint, in its axes (x forward, y up, z right), so that pressure of the joint is a negative `fy`, of the spine a
    positive one; `l5_s1_compression` N is positive for pressure.
    """
    if "joint_moment_Nm" in bundle:
        names = bundle.names("moment_coordinates")
        for table, array, unit in (("joint_moments", "joint_moment_Nm", "N m"), ("joint_powers", "joint_power_W", "W")):
            yield table, dict(zip(names, bundle[array].T, strict=True)), dict.fromkeys(names, unit)
    loads: dict[str, NDArray[Any]] = {}
    if "reaction" in bundle:
        for i, joint in enumerate(bundle.names("reaction_joints")):
            loads |= _load(joint, bundle["reaction"][:, i])
    if "l5s1_reaction" in bundle:
        loads |= _load("l5_s1", bundle["l5s1_reaction"])
        loads[COMPRESSION] = bundle["l5s1_compression_N"]
    if loads:
        yield "joint_loads", loads, {name: "N m" if name[-2] == "m" else "N" for name in loads}


def gait_rows(name: str, bundle: Bundle) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `gait_events` and of `steps` of a merged sequence."""
    events = [{"sequence_id": name, **row} for row in bundle.meta.get("gait_events", [])]
    steps = [{"sequence_id": name, "start_s": row["start_s"], "stop_s": row["stop_s"], "side": row["side"],
              "step_time_s": (time_s := row["stop_s"] - row["start_s"]), "step_length_m": row["length_m"],
              "step_width_m": row["width_m"], "speed_m_s": row["speed_m_s"], "cadence_per_min": 60.0 / time_s,
              "stride_time_s": row["stride_s"], "stride_length_m": row["stride_m"], "stance_time_s": row["stance_s"]}
             for row in bundle.meta.get("steps", [])]
    return events, steps


def _load(joint: str, values: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    return {f"{joint}_{axis}": values[:, i] for i, axis in enumerate(_LOAD_AXES)}
