"""Which segments of the body the followed markers determine, and which are left to the model's default pose."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.marker_names import listed, spelling_hint, strangers
from mint.core.status import Reason, StageError
from mint.core.stretches import stretches
from mint.kinematics.inverse.filtering import Array
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics

# Segments by the bodies that are them in one model or the other: the first of these that the model has.
SEGMENTS: dict[str, tuple[str, ...]] = {
    "pelvis": ("pelvis",),
    "trunk": ("torso", "thoracic1"),
    "head": ("head", "head_neck", "skull"),
    **{
        f"{side} {name}": (f"{body}_{side[0]}",)
        for side in ("right", "left")
        for name, body in (
            ("thigh", "femur"),
            ("shank", "tibia"),
            ("foot", "calcn"),
            ("upper arm", "humerus"),
            ("forearm", "ulna"),
        )
    },
}
_FOREARM = ("radius", "hand")  # bodies whose markers follow the forearm, too
_CARRYING = ("pelvis", "trunk", "thigh", "shank", "foot")
# Where a segment is, as far as marker errors of a centimetre tell, starting from coordinates known to half their range
# and at least to a radian (or a metre): Gauss's propagation of errors through the Jacobian.
_MARKER_ERROR_M, _KNOWN_BEFORE, _LEAST_KNOWN = 0.01, 1.0, 1e-3
UNDETERMINED_RAD = 0.3  # 17 degrees: segments of full sets stay below 0.2, those without a marker are above 1


def carries(segment: str) -> bool:
    """Whether ground forces depend on the segment: legs, pelvis and trunk; arms and head may be left to the model."""
    return segment.endswith(_CARRYING)


def bodies_of(kinematics: MarkerKinematics) -> dict[str, str]:
    """Segment -> body of this model."""
    found = {name: [body for body in bodies if kinematics.has_body(body)] for name, bodies in SEGMENTS.items()}
    return {name: bodies[0] for name, bodies in found.items() if bodies}


def is_followed(segment: str, bodies: Collection[str]) -> bool:
    """Whether a set with markers on `bodies` means to follow the segment."""
    own = set(SEGMENTS[segment])
    if segment.endswith("forearm"):
        own |= {f"{body}_{segment[0]}" for body in _FOREARM}
    return bool(own & set(bodies))


def uncertainty(
    kinematics: MarkerKinematics, q: Array, known: Any, assumed: Mapping[str, float] | None = None
) -> tuple[list[str], Array]:
    """Segments and how far each may be turned unnoticed, (n, s) rad, for poses `q (n, m)` of all coordinates.

    `known (n, k)` says which markers of the kinematics are seen. Weights do not count, and neither do the tasks that
    pull coordinates towards their default: only what markers tell, and what is `assumed`: coordinates that are near
    their default, and how near [rad].
    """
    segments = bodies_of(kinematics)
    out = np.empty((len(q), len(segments)))
    before = np.clip((kinematics.upper - kinematics.lower) / 2, _LEAST_KNOWN, _KNOWN_BEFORE)
    for name, sd in (assumed or {}).items():
        if name in kinematics.names:
            before[kinematics.names.index(name)] = sd
    for row, (pose, seen) in enumerate(zip(q, known, strict=True)):
        kinematics.positions(pose[kinematics.independent])
        jacobian = kinematics.jacobian()[seen].reshape(-1, len(kinematics.names)) / _MARKER_ERROR_M
        information = jacobian.T @ jacobian + np.diag(before**-2)
        turning = kinematics.turning(list(segments.values()))
        spread = np.linalg.solve(information, np.swapaxes(turning, 1, 2))
        out[row] = np.sqrt(np.linalg.eigvalsh(turning @ spread)[:, -1])
    return list(segments), out


def undetermined(
    kinematics: MarkerKinematics, q: Array, known: Any, assumed: Mapping[str, float] | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Frames (n,) in which each segment is undetermined; see `uncertainty`."""
    segments, values = uncertainty(kinematics, q, known, assumed)
    return dict(zip(segments, (values > UNDETERMINED_RAD).T, strict=True))


def lost_segments(frames: Mapping[str, NDArray[np.bool_]], longest: int) -> list[str]:
    """Segments that are `undetermined` for more than `longest` frames on end."""
    return [name for name, there in frames.items() if stretches(there, longest + 1)]


def carried(frames: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Frames (n,) that tell where all segments are on which ground forces depend."""
    return ~np.any([there for name, there in frames.items() if carries(name)], axis=0)


def check_segments(
    lost: Sequence[str], file: str, names: Collection[str], seen: Collection[str], marker_bodies: Mapping[str, str]
) -> list[str]:
    """What to say about segments without enough markers.

    `names` are all of the file, `seen` those that follow the set (marker -> body). Returns warnings about arms and
    head. Raises StageError(MARKER_MISSING) that names pelvis, trunk or leg: their default pose would be solved as
    if it had been measured.
    """
    absent = [name for name in marker_bodies if name not in seen]
    carrying = [segment for segment in lost if carries(segment)]
    if carrying:
        hint = spelling_hint(absent, strangers(names, marker_bodies))
        lacking = (
            f"not there, or lost for too long: {listed(absent)}"
            if absent
            else (
                "each is seen at some time, but those of these segments are lost together for longer than a gap may be"
            )
        )
        raise StageError(
            Reason.MARKER_MISSING,
            f"{file}: {len(seen)} of {len(marker_bodies)} markers of the set are followed, too "
            f"few to tell where {_said(carrying)} is; {lacking}{'; ' if hint else ''}{hint}",
            remedy="rename or track the markers, or name the marker_set of this laboratory in the sequence table",
        )
    rest = [segment for segment in lost if is_followed(segment, marker_bodies.values())]
    if not rest:
        return []
    return [f"{file}: too few markers to tell where {_said(rest)} is: the default pose of the model stands for it"]


def _said(segments: Sequence[str]) -> str:
    return ", ".join(f"the {segment}" for segment in segments)
