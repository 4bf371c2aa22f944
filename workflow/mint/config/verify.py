"""Configuration of the verification of a solution by OpenSim."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

_HICKS = "Hicks et al. 2015 (doi:10.1115/1.4029304)"


class SolutionLimits(Section):
    """What a solved chunk may be off. The trajectory optimization keeps below it by a margin."""

    tracking_rms_deg: float = Field(
        3.0,
        gt=0,
        description="largest root mean square deviation of a joint angle from "
        f"inverse kinematics [deg]; {_HICKS}: 2 to 5 deg for joint angles",
    )
    tracking_rms_m: float = Field(
        0.02,
        gt=0,
        description="the same for pelvis translations [m]; Hicks et al. 2015: marker errors below 2 cm RMS",
    )
    tracking_max_deg: float = Field(
        10.0,
        gt=0,
        description="largest deviation of a joint angle in any frame [deg]; twice the upper limit of Hicks et al. 2015",
    )
    penetration_m: float = Field(
        0.03,
        gt=0,
        description="deepest a contact sphere may sink into the floor [m]; the heel "
        "pad is 0.02 m thick and compresses by half (Gefen et al. 2001, "
        "doi:10.1115/1.1394202), the sphere stands for sole and shoe as well",
    )
    reserve_percent: float = Field(
        5.0,
        gt=0,
        description=f"largest reserve moment on a muscled coordinate [% of the coordinate's peak moment]; {_HICKS}",
    )
    reserve_base_Nm: float = Field(
        10.0,
        gt=0,
        description="smallest peak moment that a reserve is compared with [N m]: in "
        "quiet standing the peak of a coordinate itself is near zero",
    )


class VerifyConfig(SolutionLimits):
    """Limits beyond which a solved chunk is discarded, judged on the frames inside its buffers."""

    edge_frames: int = Field(
        7,
        ge=0,
        description="frames at both ends of a window that are reported but not judged: the "
        "buffers, which carry the solver's start transient [frames at 50/s]",
    )
    residual_force_percent: float = Field(
        5.0, gt=0, description=f"largest pelvis residual force [% of the peak net external force]; {_HICKS}"
    )
    residual_moment_percent: float = Field(
        1.0,
        gt=0,
        description=f"largest pelvis residual moment [% of centre-of-mass height x peak net external force]; {_HICKS}",
    )
    muscle_frames: int = Field(
        5,
        ge=0,
        description="frames at which muscle moments and lengths are compared with "
        "OpenSim's moment arms and lengths (reported, not judged) [count]",
    )
