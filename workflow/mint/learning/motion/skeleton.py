"""The one skeleton that HumanML3D brings every motion to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.retarget import joints as smpl

Floats = NDArray[np.float64]

JOINTS = smpl.JOINTS[:22]
_LEAST_M = 1e-6


@dataclass(frozen=True)
class Skeleton:
    """Bones of joints 1 to 21: `parents (21,)`, `directions (21, 3)` at rest, `lengths_m (21,)`.

    `leg` are the joints at the ends of thigh and shank by whose lengths the path of the root is scaled: in HumanML3D
    those of the right leg, joints 5 and 8.
    """

    parents: NDArray[np.int64]
    directions: Floats
    lengths_m: Floats
    leg: tuple[int, int] = (5, 8)

    def bones(self, joints: Floats) -> Floats:
        """Vectors `(n, 21, 3)` m from parent to joint of `joints (n, 22, 3)` m."""
        return np.asarray(joints[:, 1:] - joints[:, self.parents])

    def mirrored(self) -> Skeleton:
        """The skeleton with left and right exchanged."""
        other = smpl.mirrored()[: len(JOINTS)]
        thigh, shank = (int(other[joint]) for joint in self.leg)
        return replace(self, lengths_m=self.lengths_m[other[1:] - 1], leg=(thigh, shank))


@cache
def target() -> Skeleton:
    """HumanML3D's target skeleton (`resources/humanml3d_skeleton.csv`)."""
    rows = table("humanml3d_skeleton").set_index("joint").loc[list(JOINTS[1:])]
    parents = np.array([JOINTS.index(name) for name in rows["parent"]], dtype=np.int64)
    axes = np.array([(-1.0 if text[0] == "-" else 1.0) * np.eye(3)["xyz".index(text[1])] for text in rows["direction"]])
    return Skeleton(parents, axes, rows["length_m"].to_numpy(dtype=np.float64))


def uniform(joints: Floats, skeleton: Skeleton) -> Floats:
    """`joints (n, 22, 3)` m with the bone lengths of a skeleton: bones keep their directions, the path of the root is
    scaled by the ratio of the legs, as it is in the first frame.

    Raises StageError(NOT_FINITE) or, where a joint lies on its parent, StageError(FIELD_VALUE).
    """
    if not np.isfinite(joints).all():
        bad = int(np.argmin(np.isfinite(joints).all(axis=(1, 2))))
        raise StageError(Reason.NOT_FINITE, f"joints: not finite in frame {bad}, numbers in m are expected")
    bones = skeleton.bones(joints)
    lengths = np.linalg.norm(bones, axis=2)
    if lengths.min() < _LEAST_M:
        frame, worst = np.unravel_index(int(np.argmin(lengths)), lengths.shape)
        raise StageError(
            Reason.FIELD_VALUE,
            f"joints, frame {frame}: {JOINTS[worst + 1]} lies on "
            f"{JOINTS[skeleton.parents[worst]]}, a bone of any length is expected",
            remedy="check the shape of the body",
        )
    leg = np.array(skeleton.leg) - 1
    out = np.empty_like(joints)
    out[:, 0] = joints[:, 0] * (skeleton.lengths_m[leg].sum() / lengths[0, leg].sum())
    steps = bones * (skeleton.lengths_m / lengths)[:, :, None]
    for bone, parent in enumerate(skeleton.parents.tolist()):
        out[:, bone + 1] = out[:, parent] + steps[:, bone]
    return out
