"""A small person in SMPL-H format, made of one closed capsule per joint, and motions for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.smplh import JOINTS, PARENTS

Floats = NDArray[np.float64]
RING = 8

# Rest positions of the left side and the middle: y up, facing +z, left +x, metres.
_MIDDLE = {
    0: (0, 0.95, 0),
    3: (0, 1.05, -0.02),
    6: (0, 1.18, -0.02),
    9: (0, 1.24, 0),
    12: (0, 1.45, -0.02),
    15: (0, 1.54, 0.02),
}
_LEFT = {
    1: (0.07, 0.87, 0),
    4: (0.1, 0.49, 0),
    7: (0.1, 0.08, -0.03),
    10: (0.11, 0.025, 0.09),
    13: (0.07, 1.36, -0.01),
    16: (0.18, 1.38, -0.02),
    18: (0.44, 1.38, -0.03),
    20: (0.69, 1.38, -0.02),
}
_LEFT_TO_RIGHT = {1: 2, 4: 5, 7: 8, 10: 11, 13: 14, 16: 17, 18: 19, 20: 21}
_RADIUS = {
    0: 0.13,
    1: 0.08,
    4: 0.055,
    7: 0.03,
    10: 0.025,
    3: 0.13,
    6: 0.13,
    9: 0.13,
    12: 0.055,
    13: 0.05,
    15: 0.09,
    16: 0.045,
    18: 0.035,
    20: 0.03,
}


def joint_positions() -> Floats:
    """Rest joints `(52,3)` m."""
    joints = np.zeros((JOINTS, 3))
    for index, position in _MIDDLE.items():
        joints[index] = position
    for index, position in _LEFT.items():
        joints[index] = position
        joints[_LEFT_TO_RIGHT[index]] = position * np.array([-1, 1, 1])
    for hand, side, wrist in ((22, 1, 20), (37, -1, 21)):
        for finger in range(5):
            for phalanx in range(3):
                offset = np.array([side * (0.08 + 0.03 * phalanx), 0, 0.03 - 0.015 * finger])
                joints[hand + 3 * finger + phalanx] = joints[wrist] + offset
    return joints


def _bone_end(joints: Floats, joint: int) -> Floats:
    children = [i for i, parent in enumerate(PARENTS) if parent == joint]
    if joint == 15:
        return joints[15] + [0, 0.2, 0]
    if joint in (10, 11):
        return joints[joint] + [0, 0, 0.08]
    if not children:
        return joints[joint] + [np.sign(joints[joint, 0]) * 0.02, 0, 0]
    if joint == 0:
        return joints[3]
    return joints[children].mean(axis=0)


def _capsule(start: Floats, end: Floats, radius: float) -> tuple[Floats, NDArray[np.int64]]:
    """Two poles and two rings; the first ring is centred on `start`."""
    axis = (end - start) / np.linalg.norm(end - start)
    side = np.cross(axis, [0.0, 0.0, 1.0] if abs(axis[2]) < 0.9 else [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    turn = np.arange(RING) * 2 * np.pi / RING
    ring = radius * (np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * other)
    points = np.concatenate([[start - radius * axis], start + ring, end + ring, [end + radius * axis]])
    faces = []
    for i in range(RING):
        j = (i + 1) % RING
        low, high = (1 + i, 1 + j), (1 + RING + i, 1 + RING + j)
        faces += [
            (0, low[1], low[0]),
            (low[0], low[1], high[1]),
            (low[0], high[1], high[0]),
            (high[0], high[1], 2 * RING + 1),
        ]
    return points, np.array(faces)


def arrays(seed: int = 1) -> dict[str, Any]:
    """All fields of `model.npz`; every shape component moves the surface by centimetres."""
    random = np.random.default_rng(seed)
    joints = joint_positions()
    mirror = {right: left for left, right in _LEFT_TO_RIGHT.items()}
    vertices, faces, weights = [], [], []
    regressor = np.zeros((JOINTS, JOINTS * (2 * RING + 2)))
    for joint in range(JOINTS):
        radius = _RADIUS.get(mirror.get(joint, joint), 0.009)
        points, triangles = _capsule(joints[joint], _bone_end(joints, joint), radius)
        first = joint * len(points)
        regressor[joint, first + 1 : first + 1 + RING] = 1 / RING
        share = np.zeros((len(points), JOINTS))
        share[:, joint] = 0.8
        share[:, max(PARENTS[joint], 0)] += 0.2
        vertices.append(points)
        faces.append(triangles + first)
        weights.append(share)
    template = np.concatenate(vertices)
    center = template - np.repeat(joints, 2 * RING + 2, axis=0)
    shape = np.zeros((len(template), 3, 16))
    shape[:, :, 0], shape[:, :, 1] = 0.03 * template, 0.05 * center
    for k in range(2, 16):
        shape[:, :, k] = 0.01 * np.sin(template @ random.normal(size=(3, 3)) * 3 + k)
    tree = np.array([PARENTS, range(JOINTS)])
    return {
        "v_template": template,
        "shapedirs": shape,
        "f": np.concatenate(faces),
        "weights": np.concatenate(weights),
        "posedirs": 1e-3 * random.normal(size=(len(template), 3, 459)),
        "J_regressor": regressor,
        "kintree_table": tree.astype(np.uint32),
    }


def write_models(folder: Path, genders: tuple[str, ...] = ("male", "female", "neutral")) -> Path:
    """Models of all genders under `folder`, with one marker map beside them."""
    fields = arrays()
    for gender in genders:
        (folder / gender).mkdir(parents=True, exist_ok=True)
        np.savez(folder / gender / "model.npz", **fields)
    size = 2 * RING + 2
    named = {
        "HEAD_TOP": 15 * size + size - 1,
        "LTOE": 10 * size + size - 1,
        "RTOE": 11 * size + size - 1,
        "LHEE": 7 * size,
        "RHEE": 8 * size,
    }
    rows = [*named.items(), *((f"M{i}", 3 + 14 * i) for i in range(67 - len(named)))]
    (folder / "markers.csv").write_text("marker,vertex,source\n" + "".join(f"{n},{v},test\n" for n, v in rows))
    return folder


def motion(frames: int = 200, rate_hz: float = 100.0, seed: int = 3) -> dict[str, Any]:
    """A plausible AMASS file: upright (root turned from y up to z up), swaying joints, slow walk along x."""
    random = np.random.default_rng(seed)
    time = np.arange(frames) / rate_hz
    poses = 0.3 * random.normal(size=156) * np.sin(2 * np.pi * 0.8 * time[:, None] + random.uniform(0, 6, 156))
    poses[:, :3] = np.array([np.pi / 2, 0, 0]) + 0.05 * np.sin(time[:, None] * [1, 2, 3])
    trans = np.stack([0.8 * time, 0.02 * np.sin(3 * time), 0.02 * np.cos(4 * time)], axis=1)
    betas = random.normal(size=16)
    return {
        "poses": poses,
        "trans": trans,
        "betas": betas,
        "gender": np.array("female"),
        "mocap_framerate": np.array(rate_hz),
        "dmpls": np.zeros((frames, 8)),
    }


def standing(frames: int = 150, rate_hz: float = 100.0, lift_m: float = 0.0) -> dict[str, Any]:
    """Standing upright in T-pose, breathing; the template's soles are on z = `lift_m`."""
    out = motion(frames, rate_hz)
    out["poses"] = np.zeros((frames, 156))
    out["poses"][:, 0] = np.pi / 2
    out["betas"] = np.zeros(16)
    # The root turns about the pelvis, which so keeps its rest position.
    soles = arrays()["v_template"][:, 1].min() - joint_positions()[0, 1]
    out["trans"] = np.tile([0.3, -0.2, lift_m - soles], (frames, 1))
    return out
