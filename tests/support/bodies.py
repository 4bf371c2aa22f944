"""Rigid bodies whose laws of motion are known by hand, as leg models with coordinates that move them."""

from __future__ import annotations

from typing import Any

import numpy as np

_FRAME = {"R": np.eye(3).tolist(), "p": [0.0, 0.0, 0.0]}


def axis(coordinate: str | None, direction: list[float]) -> dict[str, Any]:
    slope = 1.0 if coordinate else 0.0
    return {
        "coordinate": coordinate,
        "axis": direction,
        "function": {"type": "polynomial", "coefficients": [0.0, slope]},
    }


def joint(child: str, coordinates: dict[int, tuple[str, list[float]]]) -> dict[str, Any]:
    """A joint to ground; `coordinates` by place: 0 to 2 turn, 3 to 5 move."""
    axes = [axis(None, [1, 0, 0]) for _ in range(6)]
    for place, (name, direction) in coordinates.items():
        axes[place] = axis(name, direction)
    return {
        "name": child,
        "parent": "ground",
        "child": child,
        "Xp": _FRAME,
        "Xc": _FRAME,
        "coordinates": [name for name, _ in coordinates.values()],
        "axes": axes,
    }


def model(joints: list[dict[str, Any]], bodies: dict[str, Any], contacts: list[dict[str, Any]]) -> dict[str, Any]:
    names = [name for each in joints for name in each["coordinates"]]
    return {
        "coordinates": {name: {"default": 0.0} for name in names},
        "couplers": [],
        "bodies": bodies,
        "joints": joints,
        "contacts": contacts,
        "mass_kg": sum(body["mass_kg"] for body in bodies.values()),
    }


def walker() -> dict[str, Any]:
    """Two massless feet of 0.24 m by 0.1 m that move along x and y, at z = 0.1 (right) and -0.1 (left)."""
    joints, contacts = [joint("pelvis", {})], []
    for side, z in (("r", 0.1), ("l", -0.1)):
        foot = joint(f"calcn_{side}", {3: (f"x_{side}", [1, 0, 0]), 4: (f"y_{side}", [0, 1, 0])})
        joints.append({**foot, "Xp": {**_FRAME, "p": [0.0, 0.0, z]}})
        contacts += [
            {"body": f"calcn_{side}", "location_m": [x, 0.03, dz], "radius_m": 0.03}
            for x in (-0.12, 0.12)
            for dz in (-0.05, 0.05)
        ]
    return model(joints, {}, contacts)
