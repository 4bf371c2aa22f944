"""Smooth contact of a sphere with the floor, as in OpenSim's SmoothSphereHalfSpaceForce.

Serrancoli et al. 2019, "Subject-exoskeleton contact model calibration leads to accurate interaction force
predictions", IEEE Trans. Neural Syst. Rehabil. Eng. 27(8), equations 1 to 8; parameters and their smoothing as
documented for OpenSim 4.6. The floor may move (treadmill): only the relative tangential velocity rubs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.model.tree import Sphere

PARAMETERS = (
    "location_x",
    "location_y",
    "location_z",
    "radius",
    "hertz",
    "dissipation",
    "static_friction",
    "dynamic_friction",
    "viscous_friction",
    "transition_velocity",
    "constant_force",
    "hertz_smoothing",
    "hunt_crossley_smoothing",
    "slip_smoothing",
)
# Width of the bend between sticking and sliding in transition velocities, where OpenSim has a corner: Newton steps
# went back and forth across it. At the corner friction is 2.4 % less.
SLIP_SMOOTHING = 0.05


def sphere_parameters(sphere: Sphere, slip_smoothing: float = SLIP_SMOOTHING) -> np.ndarray[Any, Any]:
    """Run-time parameters of one sphere in the order of `PARAMETERS`; `slip_smoothing` 0 is OpenSim's law.

    `hertz` is the coefficient 4/3 k sqrt(R k) of the force law in N/m^1.5, with k = 0.5 stiffness^(2/3).
    """
    k = 0.5 * sphere.stiffness ** (2.0 / 3.0)
    hertz = 4.0 / 3.0 * k * np.sqrt(sphere.radius * k)
    return np.array(
        [
            *sphere.location,
            sphere.radius,
            hertz,
            sphere.dissipation,
            sphere.static_friction,
            sphere.dynamic_friction,
            sphere.viscous_friction,
            sphere.transition_velocity,
            sphere.constant_force,
            sphere.hertz_smoothing,
            sphere.hunt_crossley_smoothing,
            slip_smoothing,
        ]
    )


def contact_force(casadi: Any, indentation: Any, velocity: Any, p: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Force (x, y, z) N on the sphere, floor normal along y.

    `indentation` m (positive inside the floor), `velocity` (3) m/s of the contact point relative to the floor,
    `p` maps names of `PARAMETERS` to values. `casadi` is the module that supplies sqrt and tanh.
    """
    constant, dissipation = p["constant_force"], p["dissipation"]
    square = indentation * indentation + constant
    hertz = p["hertz"] * casadi.sqrt(square * casadi.sqrt(square))  # (i^2 + c)^(3/4)
    elastic = hertz * (0.5 + 0.5 * casadi.tanh(p["hertz_smoothing"] * indentation)) + constant
    approach = -velocity[1]
    damped = elastic * (1.0 + 1.5 * dissipation * approach)
    normal = damped * (0.5 + 0.5 * casadi.tanh(p["hunt_crossley_smoothing"] * (approach + 2.0 / (3.0 * dissipation))))
    slip = casadi.sqrt(velocity[0] * velocity[0] + velocity[2] * velocity[2] + constant)
    ratio = slip / p["transition_velocity"]
    coulomb = p["dynamic_friction"] + 2.0 * (p["static_friction"] - p["dynamic_friction"]) / (1.0 + ratio * ratio)
    beyond, width = ratio - 1.0, p["slip_smoothing"]
    # min(ratio, 1), bent; 0 at rest, lest friction change its sign there
    sticking = 0.5 * (ratio + casadi.sqrt(1.0 + width * width) - casadi.sqrt(beyond * beyond + width * width))
    friction = normal * (sticking * coulomb + p["viscous_friction"] * slip)
    return -friction * velocity[0] / slip, normal, -friction * velocity[2] / slip
