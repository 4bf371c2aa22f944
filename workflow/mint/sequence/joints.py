"""What joints do in a merged sequence: net moments, powers, and the forces that they carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.merge import MergeConfig
from mint.core.chunks import Window
from mint.sequence import blend
from mint.sequence.outcome import Chunk

Floats = NDArray[np.float64]
_ROOT = "pelvis_"  # its generalized forces are residuals, no moments of joints


def joints(used: Sequence[Chunk], windows: Sequence[Window], config: MergeConfig) -> dict[str, Any]:
    """Series of accepted chunks, as far as all of them have them, float32:

    `moment_coordinates (c,)`, `joint_moment_Nm`, `joint_power_W (n, c)`: OpenSim's inverse dynamics of the solution,
    and moment times speed; `reaction_joints (j,)`, `reaction (n, j, 6)`: N, N m, see `mint.verify.reactions`;
    `l5s1_reaction (n, 6)`, `l5s1_compression_N (n,)`: see `mint.trunk.reaction`.
    """
    out: dict[str, Any] = {}

    def blended(values: list[Floats]) -> NDArray[np.float32]:
        return blend.blend(windows, values, config.fade_half_width_frames).astype(np.float32)

    if _have(used, "verify", "inverse_dynamics", "coordinates"):
        moments, powers = zip(*(_moments(chunk) for chunk in used), strict=True)
        out["moment_coordinates"] = np.array(_joint_coordinates(used[0]))
        out["joint_moment_Nm"], out["joint_power_W"] = blended(list(moments)), blended(list(powers))
    if _have(used, "verify", "reaction", "reaction_joints"):
        out["reaction_joints"] = np.array(used[0].names("verify", "reaction_joints"))
        out["reaction"] = blended([chunk.array("verify", "reaction") for chunk in used])
    if _have(used, "trunk", "l5s1_reaction", "l5s1_axis"):
        loads = [chunk.array("trunk", "l5s1_reaction") for chunk in used]
        axes = [chunk.array("trunk", "l5s1_axis") for chunk in used]
        out["l5s1_reaction"] = blended(loads)
        out["l5s1_compression_N"] = blended([load[:, :3] @ axis for load, axis in zip(loads, axes, strict=True)])
    return out


def belt_velocity(used: Sequence[Chunk]) -> list[float]:
    """Mean velocity [x, y, z] m/s of the belt that the chunks were solved on; zeros for the floor."""
    belts = [chunk.meta("trajectory").get("belt_velocity_m_s") or (0.0, 0.0, 0.0) for chunk in used]
    return [float(value) for value in np.mean(belts, axis=0)] if belts else [0.0, 0.0, 0.0]


def _have(used: Sequence[Chunk], stage: str, *names: str) -> bool:
    """Whether every chunk's bundle of a stage has the arrays, with a row per frame in the first."""
    return all((bundle := chunk.bundles[stage]) is not None and all(name in bundle for name in names)
               and len(bundle[names[0]]) == len(chunk.frames("trajectory")) for chunk in used)


def _joint_coordinates(chunk: Chunk) -> list[str]:
    return [name for name in chunk.names("verify", "coordinates") if not name.startswith(_ROOT)]


def _moments(chunk: Chunk) -> tuple[Floats, Floats]:
    """Moments N m and powers W (nodes, c) of a chunk's window."""
    names, solved = chunk.names("verify", "coordinates"), chunk.names("trajectory", "coordinates")
    wanted = _joint_coordinates(chunk)
    moment = chunk.array("verify", "inverse_dynamics")[:, [names.index(name) for name in wanted]]
    return moment, moment * chunk.array("trajectory", "qd")[:, [solved.index(name) for name in wanted]]
