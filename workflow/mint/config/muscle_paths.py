"""Configuration of the fit of muscle-tendon lengths."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class MusclePathsConfig(Section):
    """Polynomials of muscle-tendon lengths, fitted once per subject."""

    samples: int = Field(
        2500,
        ge=200,
        description="sampled poses [count]; held-out errors no longer fall beyond about 2000 (measured)",
    )
    held_out_fraction: float = Field(0.2, gt=0, lt=0.9, description="share of the poses that only judge the fit [1]")
    step_rad: float = Field(1e-4, gt=0, description="step of the length differences that give moment arms [rad]")
    max_moment_arm_m: float = Field(
        0.15,
        gt=0,
        description="a pose is dropped for a muscle whose length jumps there: "
        "no leg muscle has a longer arm [m]; about 0.09 m is the longest measured "
        "(gluteus maximus, Németh and Ohlsén 1985)",
    )
    outlier_m: float = Field(
        0.005,
        gt=0,
        description="a pose is dropped for a muscle if its length lies this far from "
        "a first fit: the path wraps another way there [m]",
    )
    outlier_arm_m: float = Field(0.015, gt=0, description="likewise for its moment arm [m]")
    length_rmse_m: float = Field(
        0.001,
        gt=0,
        description="a muscle with a larger held-out error of length gives a "
        "warning [m]; 0.26 mm reached on a generic model (median)",
    )
    moment_arm_rmse_m: float = Field(
        0.002,
        gt=0,
        description="a muscle with a larger held-out error of moment arm "
        "gives a warning [m]; 1.1 mm reached on a generic model (median)",
    )
    seed: int = Field(1, ge=0, description="seed of the Latin hypercube")
