"""Section `validate_input`: what counts as a usable motion file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from mint.config.base import Section


class ValidateConfig(Section):
    """Limits beyond which a motion file is refused, and speeds from which its frame rate is doubted."""

    max_duration_s: float = Field(
        1200.0,
        gt=0,
        description="longest sequence [s]; a choice of this project that keeps one sequence in memory",
    )
    min_frame_rate_hz: float = Field(
        15.0,
        gt=0,
        description="lowest native frame rate [Hz]; below it motion to 6 Hz is not sampled twice per period",
    )
    max_frame_rate_hz: float = Field(
        1000.0,
        gt=0,
        description="highest native frame rate [Hz]; above it the field rather holds something else",
    )
    max_beta: float = Field(
        10.0,
        gt=0,
        description="largest magnitude of a shape coefficient [standard deviations]; a choice: shapes that "
        "far out are no longer people",
    )
    max_position_m: float = Field(
        100.0,
        gt=0,
        description="largest distance of root or marker from the origin [m]; more means millimetres",
    )
    min_marker_spread_m: float = Field(
        0.08,
        gt=0,
        description="least median distance of markers from their middle [m], median over a .trc; refuses units that "
        "make a body too small; measured: 0.16 (crouching) to 0.65 (arms spread) in 36 trials of 5 laboratories",
    )
    max_marker_spread_m: float = Field(
        1.2,
        gt=0,
        description="largest median distance of markers from their middle [m]; refuses units that make a body too "
        "large; see above",
    )
    max_root_height_m: float = Field(
        10.0,
        gt=0,
        description="largest height of the pelvis above the origin, and largest way up and down in one sequence [m], "
        "AMASS; a choice: origins of laboratories lie near the floor, centimetres make 95 of a standing person",
    )
    max_root_per_turn_m: float = Field(
        5.0,
        gt=0,
        description="refuse if the root moves so far while the fastest joint turns by 1 rad [m]; at any frame rate; "
        "0.11 to 0.25 in the embedded motion, a hundred times as much in centimetres",
    )
    warn_root_per_turn_m: float = Field(
        1.5, gt=0, description="warn if the root moves so far per rad of the fastest joint [m]; see above"
    )
    max_rotation_rad: float = Field(13.0, gt=0, description="largest rotation vector of a joint [rad]; two full turns")
    max_root_speed_m_s: float = Field(
        12.5,
        gt=0,
        description="refuse if the root is faster than this in 5 % of the frames [m/s]; fastest sprint "
        "measured is 12.4 m/s (Berlin 2009, IAAF biomechanics report)",
    )
    warn_root_speed_m_s: float = Field(
        8.0, gt=0, description="warn if the root is faster than this in 5 % of the frames [m/s]; fast running"
    )
    max_joint_speed_rad_s: float = Field(
        60.0,
        gt=0,
        description="refuse if the fastest body joint exceeds this in 5 % of the frames [rad/s]; knee "
        "extension in maximal kicks reaches 25 to 35 rad/s (Nunome et al. 2006, J Sports Sci 24:529)",
    )
    warn_joint_speed_rad_s: float = Field(
        30.0,
        gt=0,
        description="warn if the fastest body joint exceeds this in 5 % of the frames [rad/s]; see above",
    )
    max_median_joint_speed_rad_s: float = Field(
        12.0,
        gt=0,
        description="refuse if the median over frames of the mean speed of the 22 body joints exceeds this "
        "[rad/s]; running has about 3",
    )
    max_gap_s: float = Field(
        0.2,
        ge=0,
        description="longest dropout of an optical marker that is filled by a cubic spline [s]; usual in "
        "gait laboratories; longer ones stay empty",
    )
    trc_up_axis: Literal["auto", "y", "z", "x", "-y", "-z", "-x"] = Field(
        "auto",
        description="vertical axis of marker files; auto finds it in each file from the body that stands in it; an "
        "axis wins over what the body says, and is refused where a standing body contradicts it",
    )

    @model_validator(mode="after")
    def _ordered(self) -> ValidateConfig:
        if self.min_frame_rate_hz >= self.max_frame_rate_hz:
            raise ValueError("min_frame_rate_hz must be below max_frame_rate_hz")
        if self.min_marker_spread_m >= self.max_marker_spread_m:
            raise ValueError("min_marker_spread_m must be below max_marker_spread_m")
        return self
