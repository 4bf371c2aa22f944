"""HumanML3D's 263 features of a motion (Guo et al. 2022; facts of its public code at 9176e8fb).

Components are left, up and forward in the heading frame, lengths in m, speeds in m a frame of 1/20 s. Row t tells of
frame t and of the step to frame t + 1, so a motion of n frames has n - 1 rows. The heading of frame t comes from the
line across shoulders and hips, smoothed over the whole sequence. Three habits of the published data are kept, because
its features are compared with: the hips count with the opposite sign in that line, frame 0 keeps the heading forward
whatever the smoothing says, and the first bone of a chain is told relative to the turn that takes the heading forward,
not to the heading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from mint.core.status import Reason, StageError
from mint.learning.motion.layout import AXIAL, FEET, POLAR, ROTATION, SCALAR, Block, Floats32, Layout
from mint.learning.motion.rotations import UP, about_up, between, rotated, six
from mint.learning.motion.skeleton import Skeleton, target, uniform

Floats = NDArray[np.float64]

_ALL = tuple(range(22))
LAYOUT = Layout(
    (
        Block(
            "root_rotation_speed", AXIAL[1:2]
        ),  # half of the turn about the vertical, rad a frame, negative to the left
        Block("root_speed", (POLAR[0], POLAR[2])),  # left and forward, in the heading frame of the next frame
        Block("root_height", SCALAR),  # above the lowest joint of the sequence
        Block("positions", POLAR, _ALL[1:]),  # from the point of the floor below the root
        Block("rotations", ROTATION, _ALL[1:]),  # relative to the bone before in its chain
        Block("velocities", POLAR, _ALL),
        Block("contacts", SCALAR, FEET),  # 1 where the squared step is below 0.002 m2, else 0
    )
)
FEATURES = LAYOUT.count
SLICES = LAYOUT.slices

_SMOOTH_FRAMES = 20
_CONTACT_M2 = 0.002
# The bone that comes before each bone in its chain, by the joint at its end. The chains of legs and spine start at the
# root, and those of the arms again at the heading of the root, though they hang on the upper spine.
_CHAINS = ((2, 5, 8, 11), (1, 4, 7, 10), (3, 6, 9, 12, 15), (14, 17, 19, 21), (13, 16, 18, 20))
_BEFORE = {joint: before for chain in _CHAINS for before, joint in zip((0, *chain), chain, strict=False)}


def features(joints: Floats, skeleton: Skeleton | None = None) -> Floats32:
    """Features `(n - 1, 263)` of `joints (n, 22, 3)` m, y up, at 20 frames/s, any heading, place and floor height.

    `skeleton` is the one that the motion is brought to, HumanML3D's own if None. A heading that turns past backwards is
    followed; the published code gives the turn of that one frame the wrong sign. Raises StageError.
    """
    if joints.ndim != 3 or joints.shape[1:] != (22, 3) or len(joints) < 2:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"joints: their shape is {joints.shape}, (n, 22, 3) with at least two frames is expected",
            remedy="make joints as mint.learning.motion.joints does",
        )
    skeleton = skeleton or target()
    points = placed(joints, skeleton)
    heading = _headings(points)
    forward = about_up(-heading)
    steps = np.diff(points, axis=0)
    local = points - points[:, :1] * (1 - UP)
    blocks = (
        -np.diff(heading)[:, None] / 2,
        rotated(forward[1:], steps[:, :1])[:, 0, [0, 2]],
        points[:-1, 0, 1:2],
        rotated(forward, local)[:-1, 1:],
        six(_local_turns(skeleton.bones(points), skeleton, forward))[:-1],
        rotated(forward[:-1], steps),
        np.sum(steps[:, FEET] ** 2, axis=2) < _CONTACT_M2,
    )
    return np.concatenate([block.reshape(len(steps), -1) for block in blocks], axis=1).astype(np.float32)


def placed(joints: Floats, skeleton: Skeleton) -> Floats:
    """`joints (n, 22, 3)` m, y up, on a skeleton; lowest joint of all frames on the floor, first frame at the origin
    and facing z+."""
    points = uniform(joints, skeleton)
    points[:, :, 1] -= points[:, :, 1].min()
    points -= points[0, 0] * (1 - UP)
    first = points[0]
    facing = _angle(np.cross(UP, first[17] - first[16] + first[2] - first[1])[None])
    return rotated(np.repeat(about_up(-facing), len(points), axis=0), points)


def positions(features: Floats32) -> Floats:
    """Joints `(n, 22, 3)` m that features `(n, 263)` describe: y up, the first frame at the origin and facing z+."""
    rows = features.astype(np.float64)
    turns = np.concatenate([[0.0], np.cumsum(2 * rows[:-1, 0])])
    back = about_up(-turns)
    steps = np.zeros((len(rows), 1, 3))
    steps[1:, 0, [0, 2]] = rows[:-1, SLICES["root_speed"]]
    root = np.cumsum(rotated(back, steps), axis=0)
    root[:, 0, 1] = rows[:, 3]
    others = rotated(back, rows[:, SLICES["positions"]].reshape(len(rows), 21, 3)) + root * (1 - UP)
    return np.concatenate([root, others], axis=1)


def _headings(points: Floats) -> Floats:
    """Heading `(n,)` rad of each frame, from z+ to the left, without jumps of a whole turn."""
    across = points[:, 17] - points[:, 16] - (points[:, 2] - points[:, 1])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    smooth = gaussian_filter1d(np.cross(UP, across), _SMOOTH_FRAMES, axis=0, mode="nearest")
    angle = _angle(smooth)
    angle[0] = 0.0
    return np.unwrap(angle)


def _angle(forward: Floats) -> Floats:
    return np.arctan2(forward[:, 0], forward[:, 2])


def _local_turns(bones: Floats, skeleton: Skeleton, forward: Floats) -> Floats:
    """Turns `(n, 21, 3, 3)` of bones from their directions at rest, relative to the bone before in its chain."""
    units = bones / np.linalg.norm(bones, axis=2, keepdims=True)
    turns = between(np.broadcast_to(skeleton.directions, units.shape), units)
    whole = np.concatenate([forward[:, None], turns], axis=1)
    before = [_BEFORE[joint] for joint in _ALL[1:]]
    return np.asarray(np.swapaxes(whole[:, before], 2, 3) @ turns)
