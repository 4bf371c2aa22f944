"""What joints do in a merged sequence: net moments, powers, and the forces that they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.merge import MergeConfig
from mint.core.chunks import FRAME_RATE_HZ, Window
from mint.sequence import blend, gait
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


def gait_tables(arrays: Mapping[str, Any], belt: Sequence[float], config: MergeConfig) -> dict[str, list[Any]]:
    """Rows of gait events and of steps, {"gait_events": [..], "steps": [..]}, of a merged sequence's arrays; empty
    where these lack what they are found from."""
    if not {"sphere_force_N", "spheres", "skeleton_position", "skeleton_bodies"} <= arrays.keys():
        return {"gait_events": [], "steps": []}
    bodies, spheres = [str(name) for name in arrays["skeleton_bodies"]], [str(name) for name in arrays["spheres"]]
    if not {"pelvis", *(f"calcn_{side}" for side in gait.SIDES)} <= set(bodies):
        return {"gait_events": [], "steps": []}
    vertical = np.asarray(arrays["sphere_force_N"], dtype=float)[:, :, 1]
    feet = np.stack(
        [vertical[:, [name.endswith(f"_{side}") for name in spheres]].sum(axis=1) for side in gait.SIDES], axis=1
    )
    places, frames = np.asarray(arrays["skeleton_position"], dtype=float), np.asarray(arrays["frames"], dtype=int)
    heels = places[:, [bodies.index(f"calcn_{side}") for side in gait.SIDES]]
    found = gait.events(frames, feet, heels, places[:, bodies.index("pelvis")], config.contact_threshold_N)
    return {
        "gait_events": [
            {
                "event": e.kind,
                "side": e.side,
                "time_s": e.frame / FRAME_RATE_HZ,
                "heel_x_m": float(e.heel[0]),
                "heel_z_m": float(e.heel[2]),
            }
            for e in found
        ],
        "steps": [asdict(step) for step in gait.steps(found, frames, belt)],
    }


def belt_velocity(used: Sequence[Chunk]) -> list[float]:
    """Mean velocity [x, y, z] m/s of the belt that the chunks were solved on; zeros for the floor."""
    belts = [chunk.meta("trajectory").get("belt_velocity_m_s") or (0.0, 0.0, 0.0) for chunk in used]
    return [float(value) for value in np.mean(belts, axis=0)] if belts else [0.0, 0.0, 0.0]


def _have(used: Sequence[Chunk], stage: str, *names: str) -> bool:
    """Whether every chunk's bundle of a stage has the arrays, with a row per frame in the first."""
    return all(
        (bundle := chunk.bundles[stage]) is not None
        and all(name in bundle for name in names)
        and len(bundle[names[0]]) == len(chunk.frames("trajectory"))
        for chunk in used
    )


def _joint_coordinates(chunk: Chunk) -> list[str]:
    return [name for name in chunk.names("verify", "coordinates") if not name.startswith(_ROOT)]


def _moments(chunk: Chunk) -> tuple[Floats, Floats]:
    """Moments N m and powers W (nodes, c) of a chunk's window."""
    names, solved = chunk.names("verify", "coordinates"), chunk.names("trajectory", "coordinates")
    wanted = _joint_coordinates(chunk)
    moment = chunk.array("verify", "inverse_dynamics")[:, [names.index(name) for name in wanted]]
    return moment, moment * chunk.array("trajectory", "qd")[:, [solved.index(name) for name in wanted]]
