"""The motion in a pickle of a video method: fields of one person, or a table of persons with such fields each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.formats.pose_layout import (
    BODY_FIELDS,
    HAND_FIELDS,
    LEFT_FIELDS,
    RATE_FIELDS,
    RIGHT_FIELDS,
    ROOT_FIELDS,
    TRANS_FIELDS,
    WHOLE_FIELDS,
    WORLD_FIELDS,
)

_POSES = {*WHOLE_FIELDS, *BODY_FIELDS, *WORLD_FIELDS}
_KEPT = (
    *WORLD_FIELDS,
    *WHOLE_FIELDS,
    *ROOT_FIELDS,
    *BODY_FIELDS,
    *HAND_FIELDS,
    *LEFT_FIELDS,
    *RIGHT_FIELDS,
    *TRANS_FIELDS,
    *RATE_FIELDS,
    "betas",
)
_DEPTH = 3


def motion_fields(record: Mapping[str, Any], source: Path, person: str | None = None) -> dict[str, Any]:
    """Arrays of one person's motion by field. Raises StageError(BODY_MODEL) if there is none, or several."""
    people = _people(record, _DEPTH)
    if person is not None:
        people = {name: fields for name, fields in people.items() if name == person}
    if len(people) != 1:
        names = ", ".join(sorted(map(str, people)))[:300]
        raise StageError(
            Reason.BODY_MODEL,
            f"{source}: holds neither a body model nor one motion; "
            + (f"motions are {names}" if people else f"its fields are {', '.join(map(str, record))[:300] or 'none'}"),
            remedy="choose one with --person" if people else "name the .pkl of a body model or of a motion",
        )
    (fields,) = people.values()
    return {name: np.asarray(fields[name]) for name in _KEPT if name in fields and _is_array(fields[name])}


def _people(record: Mapping[str, Any], depth: int) -> dict[str, Mapping[str, Any]]:
    if _POSES & {key for key, value in record.items() if _is_array(value)}:
        return {"motion": record}
    out: dict[str, Mapping[str, Any]] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth:
            inner = _people({str(key): each for key, each in value.items()}, depth - 1)
            out |= {str(name) if key == "motion" else f"{name}.{key}": fields for key, fields in inner.items()}
    return out


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic, int, float)) and np.asarray(value).dtype.kind in "fiu"
