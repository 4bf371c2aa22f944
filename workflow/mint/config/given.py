"""Configuration of measured forces that the trajectory optimization is given."""

from __future__ import annotations

from pydantic import Field

from mint.config.plates import OnPlates


class GivenForces(OnPlates):
    """Measured forces that are tracked (`ground_force: tracked`): how well plates tell them, and of which foot."""

    near_floor_m: float = Field(
        0.03,
        gt=0,
        description="height of a sphere's lowest point up to which its part of the foot may carry load [m]; before the "
        "motion is solved: what inverse kinematics leaves under a standing foot, with 1 cm of moving skin",
    )
    force_sd_bw: float = Field(
        0.01,
        gt=0,
        description="standard deviation of a measured force [body weight]; two plates of one "
        "laboratory weigh a person 1 to 5 % apart",
    )
    point_sd_m: float = Field(
        0.005,
        gt=0,
        description="standard deviation of a measured centre of pressure relative to the markers [m]; "
        "inside the plate, near its edges it errs by up to 0.03 m (Bobbert and Schamhardt 1990, J Biomech 23:705)",
    )
    moment_sd_bw_m: float = Field(
        0.001,
        gt=0,
        description="standard deviation of a measured free moment, the vertical moment about the centre "
        "of pressure [body weight x m]; what point_sd_m makes of a horizontal force of 0.2 body weights, 0.7 N m for "
        "70 kg; in walking the largest of a step is 1 to 6 N m",
    )
    in_the_air_s: float = Field(
        0.1,
        ge=0,
        description="how long before and after a contact that the recording holds its foot carries nothing "
        "[s]; less than the shortest time between two contacts of one foot, 0.3 s in running",
    )
