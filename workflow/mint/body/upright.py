"""A motion in its own axes becomes y up (markers) or z up (body poses): what is up is found, said, and turned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.landmarks import of_joints, of_markers
from mint.body.stick import rest_joints, stick_joints
from mint.body.vertical import RESTS, UPRIGHT, Vertical, find_vertical, signed
from mint.config.human import HumanConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable
from mint.core.status import StageError
from mint.formats.ground_frame import UP_AXES, UpAxis, in_ground_frame, turn_to_ground
from mint.formats.static import static_trial

Floats = NDArray[np.float64]

AUTO = "auto"
SETTING = "validate_input.trc_up_axis"
DEFAULT: UpAxis = "y"
# As many frames tell the vertical as all of them do.
_FRAMES = 500


@dataclass(frozen=True)
class Up:
    """The axis of a file that is up, what said so (`body`, `floor`, `subject`, `setting`, `default`), facts, doubts."""

    axis: UpAxis
    by: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def meta(self) -> dict[str, object]:
        """For the record of the validated motion."""
        return {"up_axis": self.axis, "up_axis_by": self.by, "notes": list(self.notes)}


def up_of_markers(
    path: str,
    names: Sequence[str],
    markers: Floats,
    setting: str,
    human: HumanConfig,
    others: Iterable[str | Path] = (),
    subject: str | None = None,
) -> Up:
    """What is up in a marker file whose `markers (n, m, 3)` m are in its own axes; `setting` wins if it is not `auto`.

    A file that stands on a floor of its own tells for itself. Where it does not, the `others` of the same person, the
    static trial first, are asked: a laboratory has one vertical.
    """
    if setting != AUTO:
        return Up(axis_of(setting), "setting", _fact(path, axis_of(setting), f"{SETTING} says so"))
    found = vertical_of_markers(names, markers, human)
    if found is not None and found.sure:
        return Up(found.up, "body", _fact(path, found.up, found.evidence))
    for other in others:
        theirs = _vertical_of_file(other, subject, human)
        if theirs is not None and theirs.sure:
            return Up(theirs.up, "subject", _fact(path, theirs.up, f"in {Path(other).name} {theirs.evidence}"))
    return _unsure(path, found)


def _unsure(path: str, found: Vertical | None) -> Up:
    """What is taken for up where other readings are left, with a warning unless it is what files mostly have."""
    if found is None:
        text = f"{path}: neither posture nor floor tell which axis is up: +{DEFAULT} is taken (else set {SETTING})"
        return Up(DEFAULT, "default", warnings=(text,))
    by = {UPRIGHT: "body", RESTS: "floor"}[found.by]
    if found.up == DEFAULT:
        return Up(found.up, by)
    text = (
        f"{path}: {found.evidence}: {signed(found.up)} is taken for up, though the body may as well lie, or be "
        f"upside down, in a file whose vertical is another axis (then set {SETTING})"
    )
    return Up(found.up, by, warnings=(text,))


@dataclass(frozen=True)
class StaticTrial:
    """A static trial alone: `path`, vertical `up_axis` by the setting, `subject` in the file, limits of `human`."""

    path: str | Path | None
    up_axis: str
    subject: str | None
    human: HumanConfig

    def y_up(self) -> MarkerTable:
        """Its markers, y up; in the axes of the file where these do not tell. Raises StageError."""
        table = static_trial(str(self.path), self.subject)
        found = vertical_of_markers(table.names, table.positions, self.human)
        axis = axis_of(self.up_axis) if self.up_axis != AUTO else found.up if found is not None else DEFAULT
        return replace(table, positions=in_ground_frame(table.positions, axis))


def static_y_up(
    path: str | Path, names: Sequence[str], markers: Floats, trial: Bundle, human: HumanConfig
) -> tuple[Floats, list[str]]:
    """Static `markers (n, m, 3)` m in their own axes, y up, and a doubt where they and the trial have other axes.

    A body that stands tells for itself, in a single frame too; else the vertical of the validated `trial` holds.
    """
    axis = axis_of(str(trial.meta.get("up_axis", DEFAULT)))
    found = vertical_of_markers(names, markers, human) if trial.meta.get("up_axis_by") != "setting" else None
    if found is None or not found.sure or found.up == axis:
        return in_ground_frame(markers, axis), []
    return in_ground_frame(markers, found.up), [
        f"static trial {path}: {signed(found.up)} is up ({found.evidence}), in {trial.meta.get('path')} "
        f"{signed(axis)}: each is turned by its own"
    ]


def vertical_of_markers(names: Sequence[str], markers: Floats, human: HumanConfig) -> Vertical | None:
    """The vertical of `markers (n, m, 3)` m, NaN where lost, in the axes of their file."""
    some = markers[np.any(np.isfinite(markers[:, :, 0]), axis=1)]
    if not len(some):
        return None
    some = some[np.unique(np.linspace(0, len(some) - 1, min(len(some), _FRAMES)).astype(int))]
    return find_vertical(of_markers(list(names), some), some, human)


def _vertical_of_file(path: str | Path, subject: str | None, human: HumanConfig) -> Vertical | None:
    """The vertical of another trial of the person; one that cannot be read says nothing here: its own row tells."""
    try:
        table = static_trial(path, subject)
    except StageError:
        return None
    return vertical_of_markers(table.names, table.positions, human)


def up_of_poses(path: str, poses: Floats, trans: Floats, human: HumanConfig) -> Up:
    """What is up in `poses (n, >= 66)` rad with `trans (n, 3)` m: z, as in AMASS, or y where the body surely stands.

    Other axes, and a body that may as well lie, are left to the check of the body stage.
    """
    frames = np.unique(np.linspace(0, len(poses) - 1, min(len(poses), _FRAMES)).astype(int))
    joints = stick_joints(poses[frames], trans[frames])
    found = find_vertical(of_joints(joints), joints, human)
    if found is not None and found.by == RESTS and found.up == "y":
        return Up(
            "z",
            "default",
            warnings=(
                f"{path}: {found.evidence}, not along +z, which is taken for up: turn the file to z up if it is not",
            ),
        )
    if found is None or found.up != "y" or not found.sure:
        return Up("z", "default")
    return Up("y", "body", _fact(path, "y", found.evidence, "z"))


def turned_poses(poses: Floats, trans: Floats, up: UpAxis) -> tuple[Floats, Floats]:
    """`poses (n, 3 j)` rad and `trans (n, 3)` m of a file whose `up` is up, z up as in AMASS.

    The turn is about the origin of the file. Where the pelvis of the rest pose is depends on the shape: it is taken
    from average proportions, so that the whole motion may be shifted by some centimetres; its ground is found later.
    """
    if up == "z":
        return poses, trans
    turn = turn_to_ground("z").T @ turn_to_ground(up)
    pelvis = rest_joints()[0]
    poses = poses.copy()
    poses[:, :3] = (Rotation.from_matrix(turn) * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    return poses, (trans + pelvis) @ turn.T - pelvis


def axis_of(word: object) -> UpAxis:
    """The axis that a setting or a record names."""
    return next((axis for axis in UP_AXES if axis == word), DEFAULT)


def _fact(path: str, up: UpAxis, why: str, wanted: UpAxis = DEFAULT) -> tuple[str, ...]:
    return () if up == wanted else (f"{path}: {signed(up)} is up ({why}): turned to +{wanted}",)
