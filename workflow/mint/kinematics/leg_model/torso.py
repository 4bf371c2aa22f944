"""Which bodies of a trunk model become the torso of the leg model, and the composite they form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.kinematics.model.forward_kinematics import (
    Array,
    ForwardKinematics,
    Pose,
    compose,
    inverse,
    place,
)

LIMB_ROOTS = ("femur_r", "femur_l", "humerus_r", "humerus_l")
# The body in which the parts of the torso are put together: the one that carries the arms. In the model with a
# jointed thorax these hang on the first rib, hence on the first thoracic vertebra.
TORSO_REFERENCES = ("torso", "thoracic1")
LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")  # about z, x and y of the pelvis
_FLEXION_PROBE_RAD = 0.05


@dataclass(frozen=True)
class TrunkParts:
    """Bodies that merge: `pelvis` (with what is welded to it) and `torso` (trunk, ribs, head, girdle)."""

    pelvis: tuple[str, ...]
    torso: tuple[str, ...]
    reference: str

    @property
    def merged(self) -> tuple[str, ...]:
        """All bodies that the leg model no longer has under their own name."""
        return tuple(b for b in self.pelvis + self.torso if b not in ("pelvis", "torso"))


@dataclass(frozen=True)
class Composite:
    """Mass properties of several bodies as one, in a given frame: inertia about the common centre of mass."""

    mass_kg: float
    com_m: Array
    inertia_kg_m2: Array


def trunk_parts(record: Mapping[str, Any]) -> TrunkParts:
    """Sort the bodies of an exported model. Raises `StageError(MODEL_INCOMPLETE)` if a part is missing."""
    bodies = record["bodies"]
    missing = [name for name in ("pelvis", *LIMB_ROOTS) if name not in bodies]
    reference = next((name for name in TORSO_REFERENCES if name in bodies), None)
    if missing or reference is None:
        raise StageError(Reason.MODEL_INCOMPLETE, f"model has no body {missing or list(TORSO_REFERENCES)}")
    welded, limbs, torso = ["pelvis"], set(LIMB_ROOTS), []
    for joint in record["joints"]:
        parent, child = joint["parent"], joint["child"]
        if child == "pelvis" or child in limbs:
            continue
        if parent in limbs:
            limbs.add(child)
        elif parent in welded and not joint["coordinates"]:
            welded.append(child)
        else:
            torso.append(child)
    return TrunkParts(tuple(welded), tuple(torso), reference)


def relative_pose(poses: Mapping[str, Pose], of: str, to: str) -> Pose:
    """Pose of body `of` in the frame of body `to`."""
    return compose(inverse(poses[to]), poses[of])


def torso_rotation(poses: Mapping[str, Pose], reference: str, centre: Array) -> Array:
    """Rotation `(n, 3, 3)` of the torso in the pelvis, up to a constant.

    A torso of one piece turns as it does. A jointed thorax has no single rotation: its frame is spanned by the
    line from the lumbar centre `(3,)` m (in the pelvis) to the middle of the shoulders and the line between them,
    so that the one torso of the leg model points where the shoulders are.
    """
    if reference == "torso":
        return relative_pose(poses, reference, "pelvis")[0]
    right, left = (relative_pose(poses, f"humerus_{side}", "pelvis")[1] for side in "rl")
    up = _unit(0.5 * (right + left) - centre)
    forward = _unit(np.cross(up, right - left))
    return np.stack([forward, up, np.cross(forward, up)], axis=2)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def composite(record: Mapping[str, Any], names: Sequence[str], frame: str) -> Composite:
    """Several bodies as one rigid body in `frame`, at the default pose (parallel axes theorem)."""
    poses = ForwardKinematics(record).transforms([], np.zeros((1, 0)))
    rows = []
    for name in names:
        body = record["bodies"][name]
        rotation, origin = relative_pose(poses, name, frame)
        inertia = rotation[0] @ inertia_matrix(body["inertia_kg_m2"]) @ rotation[0].T
        rows.append((body["mass_kg"], place((rotation[0], origin[0]), body["com_m"]), inertia))
    mass = float(sum(m for m, _, _ in rows))
    com = sum(m * c for m, c, _ in rows) / mass
    inertia = sum(i + m * parallel_axes(c - com) for m, c, i in rows)
    return Composite(mass, np.asarray(com), np.asarray(inertia))


def inertia_matrix(six: Sequence[float]) -> Array:
    """Symmetric matrix of (xx, yy, zz, xy, xz, yz)."""
    xx, yy, zz, xy, xz, yz = six
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def parallel_axes(offset: Array) -> Array:
    """Inertia of a unit point mass at `offset (3,)` m."""
    return np.asarray(offset @ offset * np.eye(3) - np.outer(offset, offset))


def lumbar_flexion(record: Mapping[str, Any], angle_rad: float) -> tuple[list[str], Array]:
    """Coordinates and values `(1, m)` that flex the lumbar spine by an angle in the published shares."""
    names = record["coordinates"]
    if LUMBAR[0] in names:
        return [LUMBAR[0]], np.array([[angle_rad]])
    shares = table("lumbar_shares")
    shares = shares[shares["leg_coordinate"] == LUMBAR[0]]
    for column in ("pose2sim_coordinate", "full402_coordinate"):
        if all(str(name) in names for name in shares[column]):
            share = shares["share"].to_numpy(dtype=float)
            return [str(name) for name in shares[column]], angle_rad * (share / share.sum())[None]
    raise StageError(
        Reason.MODEL_INCOMPLETE,
        f"model has neither {LUMBAR[0]} nor the coordinates of resources/lumbar_shares.csv among its {len(names)}",
    )


def lumbar_centre(record: Mapping[str, Any], parts: TrunkParts) -> Array:
    """Centre `(3,)` m, in the pelvis, about which the torso turns when the lumbar spine flexes a little.

    The fixed point, in the sagittal plane, of the torso's motion for the published distribution of flexion:
    with one joint placed there torso, head and arms move as with all levels, to first order. (At L5/S1 the torso
    would move backwards and forwards by centimetres too much.)
    """
    kinematics = ForwardKinematics(record)
    rest = relative_pose(kinematics.transforms([], np.zeros((1, 0))), parts.reference, "pelvis")
    flexed = relative_pose(
        kinematics.transforms(*lumbar_flexion(record, -_FLEXION_PROBE_RAD)), parts.reference, "pelvis"
    )
    rotation, shift = compose(flexed, inverse(rest))
    plane = np.linalg.solve(np.eye(2) - rotation[0, :2, :2], shift[0, :2])
    return np.array([plane[0], plane[1], 0.0])
