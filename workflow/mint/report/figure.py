"""What the 3-D view draws of a sequence and of its subject's body, packed for the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.drawing.places import body_path, drawing_path
from mint.report.quantise import packed, packed_codes, packed_columns, packed_share


def add_drawings(
    sequences: list[dict[str, Any]], plan: Mapping[str, Any], results_dir: str | Path
) -> list[dict[str, Any]]:
    """Put its `drawing` into the payload of each sequence that has one; returns the bodies they refer to by number.

    A sequence whose drawing, or whose subject's, is missing or damaged stays as it is: the page then shows its joints.
    """
    numbers: dict[str, int] = {}
    bodies: list[dict[str, Any]] = []
    for sequence in sequences:
        subject = plan["sequences"][sequence["id"]]["subject_id"]
        try:
            drawing = Bundle.read(drawing_path(results_dir, sequence["id"]))
            if subject not in numbers:
                bodies.append(body_payload(Bundle.read(body_path(results_dir, subject))))
                numbers[subject] = len(bodies) - 1
            sequence["drawing"] = drawing_payload(drawing, numbers[subject])
        except (StageError, KeyError, ValueError) as error:
            print(f"{sequence['id']} is shown without its drawing: {error}")
    return bodies


def drawing_payload(drawing: Bundle, body: int) -> dict[str, Any]:
    """A drawing (`mint.drawing.subject.draw`) of a subject whose body has that number in the page; JSON-able."""
    frames = drawing["frames"]
    return {
        "body": body,
        "stride": int(frames[1] - frames[0]) if len(frames) > 1 else 1,
        "solved": packed_codes(drawing["solved"]),
        "position": packed(drawing["body_position"]),
        "turn": packed(drawing["body_turn"]),
        "muscles": drawing.names("muscles"),
        "leg_muscle": packed_codes(drawing["leg_muscle"]),
        "strength": packed(drawing["strength_N"]),
        "activation": packed_share(drawing["activation"]),
        "valued": packed_codes(np.asarray(np.isfinite(drawing["activation"]).any(axis=0))),
        "point_muscle": packed_codes(drawing["point_muscle"]),
        "point_body": packed_codes(drawing["point_body"]),
        "point_place": packed(drawing["point_place"]),
        "moving_point": packed_codes(drawing["moving_point"]),
        "moving_place": packed_columns(drawing["moving_place"]),
        "marker_names": drawing.names("marker_names"),
        "marker": packed(drawing["marker_position"]),
    }


def body_payload(body: Bundle) -> dict[str, Any]:
    """A subject's body (`mint.drawing.bones.body_arrays`); JSON-able."""
    places = ("bone_vertex", "stick_end", "marker_place", "sphere_place", "sphere_radius")
    owners = ("bone_body", "bone_triangle", "stick_body", "marker_body", "sphere_body")
    return {
        "bodies": body.names("bodies"),
        "marker_names": body.names("marker_names"),
        **{name: packed(body[name]) for name in places},
        **{name: packed_codes(body[name]) for name in owners},
    }
