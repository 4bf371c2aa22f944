"""A stick figure with named key points that stands, walks, lies, crawls or stands on its hands, y up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.stick import stick_joints

Floats = NDArray[np.float64]

# Key points as video methods call them, by joint of SMPL-H.
NAMES = {
    "Head": 15,
    "Neck": 12,
    "RShoulder": 17,
    "LShoulder": 16,
    "RElbow": 19,
    "LElbow": 18,
    "RWrist": 21,
    "LWrist": 20,
    "RHip": 2,
    "LHip": 1,
    "RKnee": 5,
    "LKnee": 4,
    "RAnkle": 8,
    "LAnkle": 7,
    "RBigToe": 11,
    "LBigToe": 10,
}
FRAMES = 200


def poses_of(hip: Floats, knee: Floats, root: Rotation, arms_deg: float = 0.0) -> Floats:
    """Poses `(n, 156)` rad of a y-up figure facing +z; `hip`, `knee (n, 2)` deg of flexion, left and right."""
    poses = np.zeros((len(hip), 156))
    poses[:, :3] = root.as_rotvec()
    for side, (thigh, shank) in enumerate(((1, 4), (2, 5))):
        poses[:, 3 * thigh] = -np.radians(hip[:, side])
        poses[:, 3 * shank] = np.radians(knee[:, side])
    poses[:, 3 * 16 + 1], poses[:, 3 * 17 + 1] = -np.radians(arms_deg), np.radians(arms_deg)
    return poses


def standing(frames: int = FRAMES) -> tuple[Floats, Floats]:
    """Poses and path of who stands still and breathes."""
    still = np.zeros((frames, 2))
    return poses_of(still, still, Rotation.identity()), path(frames)


def walking(frames: int = FRAMES, speed_m_s: float = 1.2) -> tuple[Floats, Floats]:
    """Who walks along +z, at 100 frames/s."""
    phase = 2 * np.pi * np.arange(frames) / 100
    swing = np.stack([np.sin(phase), -np.sin(phase)], axis=1)
    bent = np.stack([np.maximum(np.cos(phase), 0), np.maximum(-np.cos(phase), 0)], axis=1)
    out = path(frames)
    out[:, 2] += speed_m_s * np.arange(frames) / 100
    return poses_of(25 * swing, 50 * bent, Rotation.identity()), out


def squatting(frames: int = FRAMES) -> tuple[Floats, Floats]:
    """Who squats and rises in place; the feet stay where they are."""
    bent = 45 * (1 - np.cos(2 * np.pi * np.arange(frames) / 100))[:, None] * [1.0, 1.0]
    poses = poses_of(bent, 2 * bent, Rotation.identity())
    poses[:, [20, 23]] = 0.0
    for ankle in (7, 8):
        poses[:, 3 * ankle] = -np.radians(bent[:, 0])
    out = path(frames)
    return poses, out - stick_joints(poses, out)[:, 7] + stick_joints(poses, out)[0, 7]


def lying(frames: int = FRAMES) -> tuple[Floats, Floats]:
    """Who lies on the back, toes up."""
    still = np.zeros((frames, 2))
    return poses_of(still, still, Rotation.from_euler("x", -90, degrees=True)), path(frames)


def crawling(frames: int = FRAMES) -> tuple[Floats, Floats]:
    """Who crawls along +z on hands and knees."""
    phase = 2 * np.pi * np.arange(frames) / 100
    hip = 90 + 15 * np.stack([np.sin(phase), -np.sin(phase)], axis=1)
    out = path(frames)
    out[:, 2] += 0.5 * np.arange(frames) / 100
    return poses_of(hip, np.full((frames, 2), 90.0), Rotation.from_euler("x", 80, degrees=True), 85.0), out


def on_hands(frames: int = FRAMES) -> tuple[Floats, Floats]:
    """Who stands on the hands."""
    still = np.zeros((frames, 2))
    poses = poses_of(still, still, Rotation.from_euler("x", 180, degrees=True))
    poses[:, 3 * 16 + 2], poses[:, 3 * 17 + 2] = np.pi / 2, -np.pi / 2  # arms overhead
    return poses, path(frames)


def getting_up(frames: int = FRAMES) -> tuple[Floats, Floats]:
    """Who lies on the back, props up and stands in the last fifth."""
    pitch = np.interp(np.arange(frames), [0, 0.5 * frames, 0.8 * frames, 0.9 * frames], [-85.0, -75.0, -55.0, 0.0])
    bend = np.interp(pitch, [-85, -50, 0], [0.0, 60.0, 0.0])[:, None] * [1.0, 1.0]
    poses = poses_of(bend, bend, Rotation.identity())
    poses[:, 0] = np.radians(pitch)
    out = path(frames)
    out[:, 1] -= stick_joints(poses, out)[:, :, 1].min(axis=1)
    return poses, out


def path(frames: int) -> Floats:
    """A root that sways by a millimetre."""
    return 0.001 * np.sin(np.arange(frames)[:, None] / [7.0, 11.0, 13.0])


def on_floor(motion: tuple[Floats, Floats], level_m: float = 0.0) -> tuple[Floats, Floats]:
    """The motion with its lowest joint 2 cm above a floor at `level_m`."""
    poses, trans = motion
    lowest = float(np.percentile(stick_joints(poses, trans)[:, :, 1].min(axis=1), 5))
    return poses, trans + np.array([0.0, level_m + 0.02 - lowest, 0.0])


def key_points(motion: tuple[Floats, Floats], place: tuple[float, float] = (1.3, -0.8)) -> Floats:
    """Key points `(n, 16, 3)` m of `NAMES`, y up, away from the origin."""
    joints = stick_joints(*motion)[:, list(NAMES.values())]
    return joints + np.array([place[0], 0.0, place[1]])


MOTIONS: dict[str, Callable[[], tuple[Floats, Floats]]] = {
    "standing": standing,
    "walking": walking,
    "squatting": squatting,
    "lying": lying,
    "crawling": crawling,
    "on hands": on_hands,
    "getting up": getting_up,
}
