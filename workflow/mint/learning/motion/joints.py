"""From poses of SMPL-H at any rate to the motion of its 22 body joints at 20 frames/s."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.resample import resample_positions, resample_rotations
from mint.body.smplh import PARENTS
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import turn_to_ground, z_up_to_y_up
from mint.retarget.chain import chain

Floats = NDArray[np.float64]

RATE_HZ = 20.0
BODY_JOINTS = 22
_LEAST_FRAMES = 3


@dataclass(frozen=True)
class BodyMotion:
    """A body at 20 frames/s, frame k at k/20 s: `joints (n, 22, 3)` m, y up, and `local (n, 22, 3, 3)`, SMPL's own
    rotation of each joint in its parent's frame; that of the pelvis takes its frame (x left, y up, z forward) to the
    ground."""

    joints: Floats
    local: Floats


def body_motion(poses: Floats, trans: Floats, rate_hz: float, rest: Floats) -> BodyMotion:
    """The motion of a body whose joints lie at `rest (>= 22, 3)` m, from SMPL-H's `poses (n, >= 66)` rad and
    `trans (n, 3)` m, z up, at `rate_hz`.

    Poses are interpolated between native frames, not picked from them: at 59.99 or 250 Hz no frame lies at k/20 s.
    Raises StageError(TOO_SHORT) where fewer than three frames remain, of which accelerations are made.
    """
    turned = resample_rotations(poses[:, : 3 * BODY_JOINTS], rate_hz, RATE_HZ)
    moved = resample_positions(trans, rate_hz, RATE_HZ)
    if len(turned) < _LEAST_FRAMES:
        raise StageError(
            Reason.TOO_SHORT,
            f"poses: {len(poses)} frames at {rate_hz:g} Hz are {len(turned)} at "
            f"{RATE_HZ:g} Hz, at least {_LEAST_FRAMES} are expected",
        )
    local = _local(turned)
    local[:, 0] = turn_to_ground("z") @ local[:, 0]
    return BodyMotion(_placed(local, z_up_to_y_up(moved + rest[0]), rest), local)


def posed_joints(poses: Floats, trans: Floats, rest: Floats) -> Floats:
    """Joints `(n, 22, 3)` m, z up as they come, of `poses (n, >= 66)` rad and `trans (n, 3)` m of a body whose joints
    lie at `rest (>= 22, 3)` m."""
    return _placed(_local(poses[:, : 3 * BODY_JOINTS]), trans + rest[0], rest)


def _local(vectors: Floats) -> Floats:
    """Rotations `(n, 22, 3, 3)` of rotation vectors `(n, 66)`."""
    return np.asarray(Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix()).reshape(-1, BODY_JOINTS, 3, 3)


def _placed(local: Floats, root: Floats, rest: Floats) -> Floats:
    """Joints `(n, 22, 3)` with these rotations, the pelvis at `root (n, 3)`."""
    body, parents = rest[:BODY_JOINTS], np.array(PARENTS[:BODY_JOINTS])
    points, _ = chain(body - body[parents], parents, local, root)
    return points
