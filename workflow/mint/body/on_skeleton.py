"""A recorded skeleton as poses in SMPL-H format: unit and vertical told by the body, shape by its bones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.fit_shape import Known, Pair, fit_known
from mint.body.shape_model import ShapeModel
from mint.body.skeleton_size import unit_m
from mint.body.smplh import PARENTS
from mint.body.source_shape import Person, target_model
from mint.body.up_axis import turn_upright
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import UP_AXES
from mint.formats.trials import PoseTrial, SkeletonTrial
from mint.retarget.chain import chain
from mint.retarget.pose import BodyMotion, to_smpl
from mint.retarget.rate import doubtful_rate
from mint.retarget.skeleton_body import Skeleton, skeleton_on
from mint.retarget.skeleton_feet import Feet, stand
from mint.retarget.skeleton_names import find_joints
from mint.retarget.subject import Subject, shaped_subject

Floats = NDArray[np.float64]

_REFUSED = {axis: ("", "export the motion with y or z up") for axis in UP_AXES if axis not in ("y", "z")}
# Bones of a skeleton are those of its actor to a centimetre: 6 mm count as much as one standard deviation of a shape.
_PRIOR = 3.0
_BONES: dict[Pair, tuple[str, str]] = {
    (1, 4): ("left_hip", "left_knee"),
    (2, 5): ("right_hip", "right_knee"),
    (4, 7): ("left_knee", "left_ankle"),
    (5, 8): ("right_knee", "right_ankle"),
    (16, 18): ("left_shoulder", "left_elbow"),
    (17, 19): ("right_shoulder", "right_elbow"),
    (18, 20): ("left_elbow", "left_wrist"),
    (19, 21): ("right_elbow", "right_wrist"),
}
_LEVELS = "the feet stand on different levels: they are left as recorded"
_DOUBTFUL_M = 0.05
# A joint turns so far from frame 0 to frame 1, and so many times as far as between others: frame 0 is a rest pose.
_REST_POSE_RAD, _REST_POSE_TIMES = np.radians(45.0), 5.0


def on_skeleton(path: str | Path, trial: SkeletonTrial, person: Person) -> PoseTrial:
    """The motion on an SMPL-H body with the skeleton's bones, z up, floor at z = 0. Raises StageError."""
    warnings = [*trial.warnings]
    skeleton = skeleton_of(str(path), trial, person, warnings)
    target = target_model(person, warnings)
    betas = _shape(str(path), target, skeleton, person, warnings)
    subject = subject_of(target, betas)
    placed = put_on(subject, skeleton)
    warnings += _told(str(path), placed.feet) + _rate(str(path), placed.body, subject, placed.feet)
    return PoseTrial(placed.poses, placed.trans, betas, trial.gender, trial.header, tuple(warnings))


@dataclass(frozen=True)
class Placed:
    """The motion of a skeleton on a body, floor at z = 0: `poses (n,156)` rad and `trans (n,3)` m of SMPL-H, z up; the
    same before it became poses, and how its feet stand."""

    poses: Floats
    trans: Floats
    body: BodyMotion
    feet: Feet


def put_on(subject: Subject, skeleton: Skeleton) -> Placed:
    """A skeleton's motion on a body of any shape, lengths scaled by the legs."""
    body = skeleton_on(subject, skeleton)
    feet = stand(body, subject)
    poses, trans = to_smpl(body, subject)
    trans[:, 2] -= feet.floor_m
    return Placed(poses, trans, body, feet)


def subject_of(model: ShapeModel, betas: Floats) -> Subject:
    """The shaped body for retargeting, hands open."""
    vertices = model.vertices(betas)
    hands = {side: np.zeros(45) for side in "lr"}
    return shaped_subject(vertices, model.regressor @ vertices, model.weights, np.array(PARENTS), hands)


def skeleton_of(path: str, trial: SkeletonTrial, person: Person, warnings: list[str]) -> Skeleton:
    """The skeleton of a file in metres, y up; doubts are added to `warnings`. Raises StageError."""
    joints = find_joints(path, trial.names, trial.parents)
    offsets, local = without_rest_pose(path, joints, trial, warnings)
    points, turns = chain(offsets, trial.parents, local, offsets[:, 0])
    up = turn_upright(path, _from_the_feet(joints, points), "y", _REFUSED, warnings).as_matrix()
    if "left_elbow" not in joints:
        warnings.append(f"{path}: shoulders, elbows and wrists are not all there: the arms hang")
    raw = Skeleton(joints, points @ up.T, up @ turns, trial.parents, trial.header.rate_hz)
    _check_bones(path, raw)
    unit = unit_m(path, raw.leg_m, person.height_m, warnings)
    return Skeleton(joints, raw.points * unit, raw.turns, trial.parents, raw.rate_hz)


def without_rest_pose(
    path: str, joints: dict[str, int], trial: SkeletonTrial, warnings: list[str]
) -> tuple[Floats, Floats]:
    """Offsets and turns with the second frame in place of the first where that is the skeleton's rest pose, which many
    exporters put ahead of the motion."""
    local = trial.local[:, sorted(set(joints.values()))]
    steps = np.swapaxes(local[:-1], -1, -2) @ local[1:]
    cosines = (np.trace(steps, axis1=-2, axis2=-1) - 1) / 2
    largest = np.arccos(np.clip(cosines, -1, 1)).max(axis=1)
    if largest[0] < _REST_POSE_RAD or largest[0] < _REST_POSE_TIMES * np.median(largest):
        return trial.offsets, trial.local
    warnings.append(f"{path}: frame 0 is the rest pose of the skeleton, not of the motion: frame 1 stands in")
    order = np.arange(len(trial.local))
    order[0] = 1
    return trial.offsets[order], trial.local[order]


def _from_the_feet(joints: dict[str, int], points: Floats) -> Floats:
    """From the middle of the ankles to the neck or the head `(n, 3)`."""
    top = points[:, joints.get("neck", joints.get("head", 0))]
    return np.asarray(top - (points[:, joints["left_ankle"]] + points[:, joints["right_ankle"]]) / 2)


def _check_bones(path: str, skeleton: Skeleton) -> None:
    """Bones have a length, and keep it."""
    for first, second in _BONES.values():
        if first not in skeleton.joints:
            continue
        lengths = np.linalg.norm(skeleton.at(first) - skeleton.at(second), axis=1)
        middle = float(np.median(lengths))
        if not middle > 0 or not np.isfinite(lengths).all():
            raise StageError(
                Reason.FIELD_VALUE, f"{path}: {first} and {second} are at the same place", remedy="check the offsets"
            )
        if float(np.percentile(np.abs(lengths / middle - 1), 95)) > 0.1:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{path}: the bone from {first} to {second} is {lengths.min() / middle:.2f} to "
                f"{lengths.max() / middle:.2f} times its median length",
                remedy="export a skeleton whose bones keep their lengths: position channels of the root only",
            )


def _shape(path: str, target: ShapeModel, skeleton: Skeleton, person: Person, warnings: list[str]) -> Floats:
    distances = {
        pair: skeleton.length_m(*names)
        for pair, names in _BONES.items()
        if all(name in skeleton.joints for name in names)
    }
    betas = fit_known(target, Known(distances, person.height_m, person.volume_m3), _PRIOR)
    mass = "its mass is that of the shape" if person.mass_kg is None else f"{person.mass_kg:g} kg"
    warnings.append(f"{path}: a skeleton has no flesh: a body with its bones stands in, {mass}")
    return betas


def _rate(path: str, body: BodyMotion, subject: Subject, feet: Feet) -> list[str]:
    found = doubtful_rate(body, subject, feet.floor_m)
    if found is None:
        return []
    rate, stated, fitted = found
    return [
        f"{path}: at {body.rate_hz:g} Hz feet would have to act {100 * stated:.0f} cm outside their soles, at about "
        f"{rate:.0f} Hz {100 * fitted:.0f} cm: is the frame rate right? (frame_rate_override)"
    ]


def _told(path: str, feet: Feet) -> list[str]:
    texts = [] if feet.one_level else [f"{path}: {_LEVELS}"]
    if feet.moved_m > _DOUBTFUL_M:
        texts.append(f"{path}: a foot was moved by up to {100 * feet.moved_m:.0f} cm so that it stands still")
    return texts
