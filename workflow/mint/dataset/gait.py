"""Gait events and steps of all sequences, as tables of the dataset."""

from __future__ import annotations

from typing import Any

from mint.core.bundle import Bundle
from mint.dataset.schema import Column, TableSchema
from mint.sequence.gait import OFF, STRIKE

_SIDE = Column("side", "text", "1", "side of the body", allowed=("r", "l"))

GAIT_EVENTS = TableSchema(
    "gait_events",
    "a foot meets the floor or leaves it",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column(
            "time_s",
            "float",
            "s",
            "when the vertical force of the foot, linear between frames, meets merge.contact_threshold_N",
            low=0,
        ),
        _SIDE,
        Column(
            "event",
            "text",
            "1",
            "foot_strike: it meets the floor (heel strike in walking); toe_off: it leaves it",
            allowed=(STRIKE, OFF),
        ),
        Column("heel_x_m", "float", "m", "place of the heel bone in the nearest frame in contact, forward"),
        Column("heel_z_m", "float", "m", "place of the heel bone in the nearest frame in contact, to the right"),
    ),
    ("sequence_id", "side", "time_s"),
)

STEPS = TableSchema(
    "steps",
    "from the strike of one foot to that of the other, while the pelvis goes on",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("start_s", "float", "s", "strike of the other foot", low=0),
        Column("stop_s", "float", "s", "strike of this foot", low=0),
        Column("side", "text", "1", "of the foot that is set down last", allowed=("r", "l")),
        Column("step_time_s", "float", "s", "stop_s - start_s", low=0),
        Column(
            "step_length_m",
            "float",
            "m",
            "between the heels at their strikes, along the way of the pelvis, relative "
            "to the belt; negative where the foot is set down behind the other",
        ),
        Column("step_width_m", "float", "m", "between the heels at their strikes, across the way of the pelvis", low=0),
        Column("speed_m_s", "float", "m/s", "mean horizontal speed of the pelvis, relative to the belt", low=0),
        Column("cadence_per_min", "float", "steps/min", "60 s / step_time_s", low=0),
        Column("stride_time_s", "float", "s", "from this foot's last strike", nullable=True, low=0),
        Column(
            "stride_length_m",
            "float",
            "m",
            "between the heel's places at these, relative to the belt",
            nullable=True,
            low=0,
        ),
        Column("stance_time_s", "float", "s", "from stop_s to this foot's toe off", nullable=True, low=0),
    ),
    ("sequence_id", "stop_s"),
)


def gait_rows(name: str, bundle: Bundle) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `gait_events` and of `steps` of a merged sequence."""
    events = [{"sequence_id": name, **row} for row in bundle.meta.get("gait_events", [])]
    steps = [
        {
            "sequence_id": name,
            "start_s": row["start_s"],
            "stop_s": row["stop_s"],
            "side": row["side"],
            "step_time_s": (time_s := row["stop_s"] - row["start_s"]),
            "step_length_m": row["length_m"],
            "step_width_m": row["width_m"],
            "speed_m_s": row["speed_m_s"],
            "cadence_per_min": 60.0 / time_s,
            "stride_time_s": row["stride_s"],
            "stride_length_m": row["stride_m"],
            "stance_time_s": row["stance_s"],
        }
        for row in bundle.meta.get("steps", [])
    ]
    return events, steps
