"""What joints do in a sequence, as tables over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle

_LOAD_AXES = ("fx", "fy", "fz", "mx", "my", "mz")
COMPRESSION = "l5_s1_compression"


def joint_tables(bundle: Bundle) -> Iterator[tuple[str, dict[str, NDArray[Any]], dict[str, str]]]:
    """Name, columns and their units of each table over time that a merged sequence has arrays for.

    `joint_moments` N m and `joint_powers` W by coordinate, both positive as the coordinate is (flexion of hip and knee,
    dorsiflexion of the ankle); `joint_loads`: force N and moment N m of hip, knee, ankle and L5/S1 on the bone beyond
    the joint, in its axes (x forward, y up, z right), so that pressure of the joint is a negative `fy`, of the spine a
    positive one; `l5_s1_compression` N is positive for pressure.
    """
    if "joint_moment_Nm" in bundle:
        names = bundle.names("moment_coordinates")
        for table, array, unit in (("joint_moments", "joint_moment_Nm", "N m"), ("joint_powers", "joint_power_W", "W")):
            yield table, dict(zip(names, bundle[array].T, strict=True)), dict.fromkeys(names, unit)
    loads: dict[str, NDArray[Any]] = {}
    if "reaction" in bundle:
        for i, joint in enumerate(bundle.names("reaction_joints")):
            loads |= _load(joint, bundle["reaction"][:, i])
    if "l5s1_reaction" in bundle:
        loads |= _load("l5_s1", bundle["l5s1_reaction"])
        loads[COMPRESSION] = bundle["l5s1_compression_N"]
    if loads:
        yield "joint_loads", loads, {name: "N m" if name[-2] == "m" else "N" for name in loads}


def _load(joint: str, values: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    return {f"{joint}_{axis}": values[:, i] for i, axis in enumerate(_LOAD_AXES)}
