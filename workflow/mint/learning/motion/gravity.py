"""Features in a gravity frame: what inverse dynamics would ask for, seen from the heading of the pelvis.

The frame turns with the pelvis about the vertical and about nothing else; its components are left, up and forward. The
heading is the twist of the pelvis about the vertical (swing and twist, Dobrowolski 2015), which stays defined for who
lies or bends, and has no meaning only where the pelvis is upside down. Nothing depends on where a motion starts, on
its heading, or on the frame rate of its file. Velocities and accelerations are those of the ground, told in this frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from scipy.special import expit

from mint.core.low_pass import low_pass
from mint.learning.motion.joints import RATE_HZ, BodyMotion
from mint.learning.motion.layout import AXIAL, FEET, POLAR, ROTATION, SCALAR, Block, Floats32, Layout
from mint.learning.motion.rotations import about_up, rotated, six

Floats = NDArray[np.float64]

BETAS = 10
GENDERS = {"female": -1.0, "neutral": 0.0, "male": 1.0}
_ALL = tuple(range(22))
LAYOUT = Layout(
    (
        Block("up", POLAR),  # the vertical in the frame of the pelvis
        Block("rotations", ROTATION, _ALL[1:]),  # SMPL's own, in the parent's frame
        Block("root_angular_velocity", AXIAL),  # rad/s
        Block("root_height", SCALAR),  # m above the lowest joint of the sequence
        Block("positions", POLAR, _ALL[1:]),  # m from the pelvis
        Block("velocities", POLAR, _ALL),  # m/s, the pelvis first
        Block("accelerations", POLAR, _ALL),  # m/s2, the pelvis first
        Block("foot_heights", SCALAR, FEET),  # m above the lowest joint of the sequence
        Block("contacts", SCALAR, FEET),  # 0 to 1
        Block("angular_velocities", AXIAL, _ALL[1:]),  # rad/s relative to the parent, in its frame
        Block("betas", (1,) * BETAS),
        Block("gender", SCALAR),  # -1 female, 0 neutral, 1 male
        Block("mass_kg", SCALAR),
        Block("stature_m", SCALAR),
    )
)
FEATURES = LAYOUT.count
SLICES = LAYOUT.slices

# Soft contact is the product of two logistic functions, of speed and of height above the lowest joint: half at these
# values, from 0.88 to 0.12 over twice these widths on either side. The joint of an ankle stands some 6 cm above that of
# a toe, and rises further while the toes still carry. Choices of this project.
_SPEED_M_S, _SPEED_WIDTH = 0.4, 0.1
_HEIGHT_M, _HEIGHT_WIDTH = np.array([0.14, 0.06, 0.14, 0.06]), 0.02


@dataclass(frozen=True)
class Body:
    """Who moves: shape `betas (k,)` of SMPL-H, k at least 10, `female`, `neutral` or `male`, mass and stature."""

    betas: Floats
    gender: str
    mass_kg: float
    stature_m: float


def features(motion: BodyMotion, body: Body, *, cutoff_hz: float | None = None) -> Floats32:
    """Features `(n, D)` of a motion of n >= 3 frames; a cut-off [Hz] smooths paths before they are differentiated.

    The last and the first frame have one-sided differences.
    """
    joints, root, count = motion.joints, motion.local[:, 0], len(motion.joints)
    heading = np.swapaxes(about_up(headings(root)), 1, 2)
    smooth = joints
    if cutoff_hz is not None:
        smooth = low_pass(joints.reshape(count, -1), RATE_HZ, cutoff_hz).reshape(joints.shape)
    velocities = np.gradient(smooth, 1 / RATE_HZ, axis=0, edge_order=2)
    height = joints[:, :, 1] - joints[:, :, 1].min()
    feet = height[:, FEET]
    fixed = np.array([*body.betas[:BETAS], GENDERS[body.gender], body.mass_kg, body.stature_m])
    blocks = (
        root[:, 1],  # The second row of the pelvis' rotation: the vertical, as the pelvis sees it.
        six(motion.local[:, 1:]),
        rotated(heading, angular_velocities(motion.local[:, :1])),
        height[:, :1],
        rotated(heading, joints[:, 1:] - joints[:, :1]),
        rotated(heading, velocities),
        rotated(heading, accelerations(smooth)),
        feet,
        _contacts(np.linalg.norm(velocities[:, FEET], axis=2), feet),
        angular_velocities(motion.local[:, 1:]),
        np.tile(fixed, (count, 1)),
    )
    return np.concatenate([block.reshape(count, -1) for block in blocks], axis=1).astype(np.float32)


def headings(root: Floats) -> Floats:
    """Heading `(n,)` rad, from z+ to the left, of a pelvis with rotations `(n, 3, 3)` from its frame to the ground."""
    quaternions = Rotation.from_matrix(root).as_quat()
    return np.asarray(2 * np.arctan2(quaternions[:, 1], quaternions[:, 3]))


def angular_velocities(turns: Floats) -> Floats:
    """Angular velocity `(n, j, 3)` rad/s of rotations `(n, j, 3, 3)` at 20 frames/s, in the frame of the parent.

    The mean of the shortest turns from the frame before and to the frame after; at the ends both are extrapolated.
    """
    steps = turns[1:] @ np.swapaxes(turns[:-1], 2, 3)
    rates = RATE_HZ * Rotation.from_matrix(steps.reshape(-1, 3, 3)).as_rotvec().reshape(*steps.shape[:2], 3)
    ends = 2 * rates[[0, -1]] - rates[[1, -2]]
    whole = np.concatenate([ends[:1], rates, ends[1:]])
    return np.asarray((whole[1:] + whole[:-1]) / 2)


def accelerations(paths: Floats) -> Floats:
    """Second central differences `(n, j, 3)` of `paths (n, j, 3)` at 20 frames/s; the end frames repeat their
    neighbours'."""
    inner = np.diff(paths, n=2, axis=0) * RATE_HZ**2
    return np.concatenate([inner[:1], inner, inner[-1:]])


def _contacts(speeds: Floats, heights: Floats) -> Floats:
    """Likeness to standing feet, 0 to 1, of `speeds (n, 4)` m/s and `heights (n, 4)` m."""
    slow = expit((_SPEED_M_S - speeds) / _SPEED_WIDTH)
    low = expit((_HEIGHT_M - heights) / _HEIGHT_WIDTH)
    return np.asarray(slow * low)
