"""Forward pass: shape and pose to surface points. No soft tissue (dmpls are unused)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from smplx import lbs

from mint.body.smplh import JOINTS, POSE_VALUES, BodyModel
from mint.formats.trials import SHAPE_COMPONENTS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShapedBody:
    """A body whose shape is fixed: rest `points (S,3)` of the chosen vertices and `joints (52,3)`, metres.

    `offsets (459, S*3)` are the pose corrections of those points, `weights (S,52)` their skinning weights.
    """

    points: Floats
    joints: Floats
    offsets: Floats
    weights: Floats
    parents: NDArray[np.int64]


def padded_betas(betas: Floats) -> Floats:
    """The 10 or 16 shape coefficients of a file as 16; the missing ones are zero."""
    out = np.zeros(SHAPE_COMPONENTS)
    out[: len(betas)] = betas
    return out


def rest_vertices(model: BodyModel, betas: Floats) -> Floats:
    """Vertices of the shaped body in T-pose, `(V,3)` m in the rest frame, from all 16 `betas`."""
    shift = lbs.blend_shapes(torch.from_numpy(padded_betas(betas))[None], torch.from_numpy(model.shapedirs))
    return np.asarray(model.v_template + shift[0].numpy())


def shape_body(model: BodyModel, betas: Floats, vertices: NDArray[np.int64] | None = None) -> ShapedBody:
    """Fix the shape and keep only `vertices (S,)` (all if None); joints still come from the whole mesh."""
    rest = rest_vertices(model, betas)
    chosen = np.arange(len(rest)) if vertices is None else np.asarray(vertices, dtype=np.int64)
    offsets = model.posedirs[chosen].reshape(3 * len(chosen), -1).T
    return ShapedBody(
        rest[chosen],
        model.joint_regressor @ rest,
        np.ascontiguousarray(offsets),
        model.weights[chosen],
        model.parents,
    )


def posed_batches(
    body: ShapedBody, poses: Floats, trans: Floats, *, batch: int = 64, dtype: torch.dtype = torch.float64
) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield `(frames, points (b,S,3), joints (b,52,3))` m, in the frame of `trans` (AMASS: z up).

    `poses (n,156)` are rotation vectors [rad] of the 52 joints relative to their parents, `trans (n,3)` m
    moves the whole body. Skinning is `smplx.lbs.lbs`; its own model classes cut the shape to 10 components,
    so the shaped body is handed to it as a small model of its own, with the joints appended to the points.
    """

    def tensor(values: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(dtype)

    points = len(body.points)
    template = tensor(np.concatenate([body.points, body.joints]))
    offsets = tensor(np.concatenate([body.offsets, np.zeros((len(body.offsets), 3 * JOINTS))], axis=1))
    weights = tensor(np.concatenate([body.weights, np.eye(JOINTS)]))
    regressor = tensor(np.concatenate([np.zeros((JOINTS, points)), np.eye(JOINTS)], axis=1))
    parents = torch.from_numpy(body.parents)
    no_shape = torch.zeros((len(template), 3, 1), dtype=dtype)
    with torch.no_grad():
        for start in range(0, len(poses), batch):
            frames = slice(start, min(start + batch, len(poses)))
            pose = tensor(poses[frames].reshape(-1, POSE_VALUES))
            betas = torch.zeros((len(pose), 1), dtype=dtype)
            vertices, joints = lbs.lbs(betas, pose, template, no_shape, offsets, regressor, parents, weights)
            shift = trans[frames][:, None, :]
            yield (
                frames,
                vertices[:, :points].numpy().astype(np.float64) + shift,
                joints.numpy().astype(np.float64) + shift,
            )


def forward(
    model: BodyModel,
    poses: Floats,
    trans: Floats,
    betas: Floats,
    *,
    vertices: NDArray[np.int64] | None = None,
    batch: int = 64,
    dtype: torch.dtype = torch.float64,
) -> tuple[Floats, Floats]:
    """Posed `points (n,S,3)` and `joints (n,52,3)` m in the frame of `trans`; see `posed_batches`."""
    body = shape_body(model, betas, vertices)
    out = np.empty((len(poses), len(body.points), 3))
    joints = np.empty((len(poses), JOINTS, 3))
    for frames, some_points, some_joints in posed_batches(body, poses, trans, batch=batch, dtype=dtype):
        out[frames], joints[frames] = some_points, some_joints
    return out, joints
