"""Where the bodies are, and which way muscles run, at each drawn frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.drawing.bones import body_names
from mint.drawing.paths import PathRecorder
from mint.kinematics.model.export import transform
from mint.trunk.model import TrunkModel

Floats = NDArray[np.float64]


def placed(model: TrunkModel, q: Floats, tolerance_m: float) -> dict[str, Any]:
    """Bodies and muscle paths at `q (n, u)`, whose rows of NaN have no pose.

    `body_position (n, b, 3)` m and `body_turn (n, b, 4)`, quaternions x, y, z, w of the same sign from frame to frame
    (NaN without a pose), both of body in ground, and the arrays of `PathRecorder`, within `tolerance_m` of the paths.
    """
    names = body_names(model.model)
    bodies = [model.model.getBodySet().get(name) for name in names]
    position, turn = np.full((len(q), len(names), 3), np.nan), np.full((len(q), len(names), 4), np.nan)
    recorder = PathRecorder(model, names)
    last = None
    for row, values in enumerate(q):
        if not np.isfinite(values).all():
            continue
        model.place(values)
        frames = [transform(body.getTransformInGround(model.state)) for body in bodies]
        position[row] = [frame["p"] for frame in frames]
        turn[row] = Rotation.from_matrix([frame["R"] for frame in frames]).as_quat()
        if last is not None:
            turn[row] *= np.where((turn[row] * turn[last]).sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
        recorder.record(row)
        last = row
    return {
        "body_position": position.astype(np.float32),
        "body_turn": turn.astype(np.float32),
        **recorder.arrays(position, turn, tolerance_m),
    }
