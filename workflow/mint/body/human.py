"""Is it the motion of a person? Asked of every motion before anything is solved, whatever recorded it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mint.body.declared import Declared, Size, check_declared, check_size, size_of_markers
from mint.body.events import Event
from mint.body.jumps import body_jumps, joint_jumps
from mint.body.knees import check_knees
from mint.body.landmarks import Landmarks, of_joints, of_markers
from mint.body.orientation import Frame, check_orientation
from mint.body.resample import resample_markers
from mint.body.sides import check_sides
from mint.body.stillness import (
    check_fixed_root,
    check_repeated,
    root_standstills,
    standstills,
    steps_of_markers,
    steps_of_poses,
)
from mint.body.upright import SETTING, axis_of
from mint.config.human import HumanConfig
from mint.core.bundle import Bundle

Floats = NDArray[np.float64]

_MANY = 5


@dataclass(frozen=True)
class Verdict:
    """Warnings for a person, and events with their times for the chunks that hold them."""

    warnings: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def texts(self) -> tuple[str, ...]:
        """Warnings, with the first few events."""
        more = len(self.events) - _MANY
        rest = [f"and {more} such times"] if more > 0 else []
        return (*self.warnings, *(event.text for event in self.events[:_MANY]), *rest)


def judge_poses(validated: Bundle, joints: Floats, size: Size, declared: Declared, config: HumanConfig) -> Verdict:
    """Judge body poses: `validated` at its native rate, `joints (K, 52, 3)` m at 50/s, y up. Raises StageError."""
    path, rate = str(validated.meta.get("path")), float(validated.meta["frame_rate_hz"])
    poses, trans = validated["poses"], validated["trans"]
    steps = steps_of_poses(poses, trans, rate)
    warnings = check_repeated(path, steps, rate, config)
    marks = of_joints(joints)
    frame = Frame(axis_of(validated.meta.get("up_axis", "z")))
    warnings += _judge(path, marks, frame, size, declared, config, optical=False)
    check_fixed_root(path, "field trans", marks, config)
    events = [
        *body_jumps(trans, rate, config),
        *joint_jumps(poses, rate, config),
        *standstills(steps, rate, config),
        *root_standstills(poses, trans, rate, config),
    ]
    return Verdict(warnings, sorted(events, key=lambda event: event.start_s))


def judge_markers(
    validated: Bundle, declared: Declared, config: HumanConfig, static: tuple[str, list[str], Floats] | None = None
) -> Verdict:
    """Judge optical markers of `validated` at their native rate, y up. Raises StageError.

    `static` are path, marker names and markers `(n, m, 3)` m, y up, of the static trial; the body is measured there, if
    its markers tell.
    """
    path, rate = str(validated.meta.get("path")), float(validated.meta["frame_rate_hz"])
    names, markers = validated.names("marker_names"), validated["markers"]
    steps = steps_of_markers(markers, rate)
    warnings = check_repeated(path, steps, rate, config)
    marks = of_markers(names, resample_markers(markers, rate))
    frame = Frame(axis_of(validated.meta.get("up_axis", "y")), SETTING)
    size = size_of_markers(marks)
    if static is not None:
        standing = of_markers(*static[1:])
        measured = size_of_markers(standing)
        warnings += _judge(static[0], standing, frame, measured, Declared(), config, optical=True)
        size = measured if measured.stature_m is not None else size
    warnings += _judge(path, marks, frame, size, declared, config, optical=True)
    check_fixed_root(path, "markers of the pelvis", marks, config)
    events = [*body_jumps(markers, rate, config), *standstills(steps, rate, config)]
    return Verdict(warnings, sorted(events, key=lambda event: event.start_s))


def _judge(
    path: str, marks: Landmarks, frame: Frame, size: Size, declared: Declared, config: HumanConfig, *, optical: bool
) -> list[str]:
    """What does not depend on where landmarks `(n, 3)` m, y up, come from; without its landmarks a check is skipped."""
    warnings = check_orientation(path, marks, frame, config)
    check_sides(path, marks, optical, config)
    warnings += check_knees(path, marks, config)
    check_size(path, size, config)
    return warnings + check_declared(path, size, declared.mass_kg, declared.height_m, config)
