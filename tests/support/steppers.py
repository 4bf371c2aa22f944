"""Someone whose feet move by known laws: a leg model of pelvis, heels and toes, and coordinates over a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.support.steps import Feet, feet_of
from tests.support.bodies import joint, model

FRAMES, RATE_HZ, LENGTH_M = 85, 50.0, 0.2


@dataclass(frozen=True)
class Gait:
    """`heading` rad about y and `turn` rad/s of the travel, `toes` deg from it to where the feet point, `rise` deg of
    the foot at strike, `phases` of the cycle at which the right and the left foot strike, `swings` how far a foot goes
    to and fro relative to the pelvis, in what keeps a standing foot at rest on average."""

    speed: float = 1.2
    cycle_s: float = 1.1
    stance: float = 0.62
    heading: float = 0.0
    turn: float = 0.0
    toes: float = 0.0
    rise: float = 14.0
    phases: tuple[float, float] = (0.2, 0.7)
    swings: tuple[float, float] = (1.0, 1.0)
    belt: bool = False
    mirrored: bool = False


def record() -> dict[str, Any]:
    """Pelvis and heels go anywhere, heels turn about y and z; toes sit in front of the heels."""
    axes = {3: [1, 0, 0], 4: [0, 1, 0], 5: [0, 0, 1]}
    joints = [joint("pelvis", {i: (f"pelvis_{i}", axis) for i, axis in axes.items()})]
    for side in "rl":
        turns = {0: (f"yaw_{side}", [0, 1, 0]), 1: (f"pitch_{side}", [0, 0, 1])}
        joints.append(joint(f"calcn_{side}", turns | {i: (f"heel_{side}_{i}", axis) for i, axis in axes.items()}))
        toes = joint(f"toes_{side}", {})
        joints.append({**toes, "parent": f"calcn_{side}", "Xp": {**toes["Xp"], "p": [LENGTH_M, 0.0, 0.0]}})
    contacts = [
        {"body": f"calcn_{side}", "location_m": [x, 0.0, z], "radius_m": 0.03}
        for side in "rl"
        for x in (0.0, LENGTH_M)
        for z in (-0.05, 0.05)
    ]
    return model(joints, {}, contacts)


def strikes(gait: Gait, foot: int) -> np.ndarray:
    """Instants in frames at which a foot strikes, those up to two cycles outside of the window included."""
    return RATE_HZ * gait.cycle_s * (np.arange(-2, 5) + gait.phases[foot])


def feet(gait: Gait, frames: int = FRAMES) -> Feet:
    """The motion of the feet as the stage sees it."""
    floor = [-gait.speed * np.cos(gait.heading), 0.0, gait.speed * np.sin(gait.heading)] if gait.belt else np.zeros(3)
    found = feet_of(record(), *coordinates(gait, frames), np.array(floor))
    assert found is not None
    return found


def coordinates(gait: Gait, frames: int = FRAMES) -> tuple[list[str], np.ndarray]:
    """Names and values `(n, m)` rad and m. A heel is farthest ahead, and the toes farthest behind, as long before striking
    and after lifting as the settings say of people."""
    config = SupportConfig()
    time = np.arange(frames) / RATE_HZ
    heading = gait.heading + gait.turn * time
    ahead = np.stack([np.cos(heading), 0 * time, -np.sin(heading)], axis=1)
    right = np.cross(ahead, [0.0, 1.0, 0.0])
    path = np.cumsum(np.vstack([np.zeros(3), gait.speed / RATE_HZ * 0.5 * (ahead[1:] + ahead[:-1])]), axis=0)
    pelvis = path + np.array([0.0, 0.95, 0.0])
    backward = gait.stance + (config.step_strike_s - config.step_lift_s) / gait.cycle_s
    amplitude = max(gait.speed, 0.1) * backward * gait.cycle_s / np.pi
    values = {f"pelvis_{i}": pelvis[:, i - 3] for i in (3, 4, 5)}
    for foot, side in enumerate("rl"):
        share = ((time + config.step_strike_s) / gait.cycle_s - gait.phases[foot]) % 1.0
        wave = np.where(
            share < backward, np.cos(np.pi * share / backward), -np.cos(np.pi * (share - backward) / (1.0 - backward))
        )
        heel = pelvis + gait.swings[foot] * amplitude * wave[:, None] * ahead + (0.1 - 0.2 * foot) * right
        heel[:, 1] = 0.03
        values |= {f"heel_{side}_{i}": heel[:, i - 3] for i in (3, 4, 5)}
        values |= {f"yaw_{side}": heading + np.radians(gait.toes), f"pitch_{side}": np.radians(gait.rise) * wave}
    if gait.belt:
        for name in values:
            if name.startswith(("pelvis", "heel")):
                values[name] = values[name] - path[:, int(name[-1]) - 3]
    if gait.mirrored:
        values = {
            _swapped(name): -each if name.endswith("_5") or name.startswith("yaw") else each
            for name, each in values.items()
        }
    return list(values), np.stack(list(values.values()), axis=1)


def _swapped(name: str) -> str:
    parts = [{"r": "l", "l": "r"}.get(part, part) for part in name.split("_")]
    return "_".join(parts)


def mirror(gait: Gait) -> Gait:
    """The gait seen in a mirror."""
    return replace(gait, mirrored=True)
