"""Where the bodies are: what the report draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mint.kinematics.model.forward_kinematics import ForwardKinematics

Array = np.ndarray[Any, Any]


def skeleton_arrays(record: Mapping[str, Any], coordinates: Sequence[str], q: Array) -> dict[str, Array]:
    """Names (B,), parents (B,) (-1: root) and origins (n, B, 3) m in ground of all bodies, for `q (n, p)`."""
    transforms = ForwardKinematics(record).transforms(coordinates, q)
    parents = {joint["child"]: joint["parent"] for joint in record["joints"]}
    bodies = list(parents)
    index = {name: i for i, name in enumerate(bodies)}
    return {
        "skeleton_bodies": np.array(bodies),
        "skeleton_parent": np.array([index.get(parents[name], -1) for name in bodies]),
        "skeleton_position": np.stack([transforms[name][1] for name in bodies], axis=1).astype(np.float32),
    }
