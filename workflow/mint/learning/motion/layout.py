"""What the columns of a feature set are, and what a mirror makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mint.retarget import joints

Floats32 = NDArray[np.float32]
Signs = tuple[int, ...]

# Joints whose contact with the floor is told: ankle and toe joint of the left foot, then of the right, as in HumanML3D.
FEET = (7, 10, 8, 11)
# Signs of the components (left, up, forward) of a vector seen in a mirror, M = diag(-1, 1, 1): a vector v becomes M v,
# an angular velocity, which is an axial vector, -M v, and a rotation R becomes M R M, here by its first two columns.
SCALAR: Signs = (1,)
POLAR: Signs = (-1, 1, 1)
AXIAL: Signs = (1, -1, -1)
ROTATION: Signs = (1, -1, -1, -1, 1, 1)


@dataclass(frozen=True)
class Block:
    """Neighbouring columns that mean the same: `signs` in a mirror of the values of one joint, for each of `joints`
    (SMPL's numbers; the pelvis alone stands for the whole body)."""

    name: str
    signs: Signs
    joints: tuple[int, ...] = (0,)

    @property
    def count(self) -> int:
        """Number of columns."""
        return len(self.signs) * len(self.joints)


@dataclass(frozen=True)
class Layout:
    """The blocks of a feature set in their order."""

    blocks: tuple[Block, ...]

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Columns of each block by its name."""
        stops = np.cumsum([block.count for block in self.blocks]).tolist()
        return {block.name: slice(stop - block.count, stop) for block, stop in zip(self.blocks, stops, strict=True)}

    @property
    def count(self) -> int:
        """Number of columns D."""
        return sum(block.count for block in self.blocks)

    @cached_property
    def mirror(self) -> tuple[NDArray[np.int64], Floats32]:
        """`order (D,)` and `sign (D,)`: column i in a mirror is column `order[i]` times `sign[i]`."""
        other = joints.mirrored()
        order: list[int] = []
        sign: list[int] = []
        for block in self.blocks:
            width, first = len(block.signs), self.slices[block.name].start
            for joint in block.joints:
                start = first + width * block.joints.index(int(other[joint]))
                order.extend(range(start, start + width))
                sign.extend(block.signs)
        return np.array(order, dtype=np.int64), np.array(sign, dtype=np.float32)

    def mirrored(self, features: Floats32) -> Floats32:
        """Features `(..., D)` of the motion seen in a mirror, left and right exchanged.

        Exact for a body and a skeleton with equal sides; otherwise what is told stands on their mirror images, which
        differ from them as left and right do (1 cm in the legs of HumanML3D's skeleton).
        """
        order, sign = self.mirror
        return features[..., order] * sign
