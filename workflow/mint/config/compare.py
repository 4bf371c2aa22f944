"""Configuration of the comparison with measurements."""

from __future__ import annotations

from pydantic import Field

from mint.config.plates import OnPlates


class CompareConfig(OnPlates):
    """Force plates and EMG against the simulation: what counts as a contact, a step and a burst of activity. None of
    these numbers changes a simulation."""

    standing_speed_m_s: float = Field(
        0.3,
        ge=0,
        description="speed of the pelvis relative to the floor or belt below which fore-aft is where the pelvis faces, "
        "instead of where it goes [m/s]; slow walking of patients starts there (Perry et al. 1995, "
        "doi:10.1161/01.STR.26.6.982: household walkers 0.23 to 0.27 m/s)",
    )
    least_share: float = Field(
        0.8,
        gt=0,
        le=1,
        description="a contact that the recording holds whole, but the sequence, or a gap of it, cuts is compared if "
        "so large a part of it is left [1]; sequences start 0.14 s after their motion, a fifth of a step of walking",
    )
    least_part_s: float = Field(
        1.0,
        gt=0,
        description="a contact that the recording cuts, or that less is left of, is compared if it lasts so long [s]; "
        "longer than the stance of a step in walking (0.6 to 0.8 s), so that parts of steps are left out and standing "
        "or squatting is not",
    )
    impulse_margin_s: float = Field(
        0.1,
        ge=0,
        description="how long before and after the measured contact the simulated one counts for impulses, times and "
        "joint moments [s]; larger errors of time belong to another contact",
    )
    clock_cutoff_hz: float = Field(
        6.0,
        gt=0,
        description="cut-off of the zero-phase low-pass of plate forces before they are held against the "
        "acceleration of the centre of mass [Hz]; that of the coordinates (kinematics.filter_cutoff_hz)",
    )
    clock_reach_s: float = Field(
        0.06,
        gt=0,
        description="largest difference between the clocks of plates and markers that is looked for [s]; three frames",
    )
    clock_least_s: float = Field(
        0.5,
        gt=0,
        description="such a difference is told by at least so long a time in which all feet that carry are "
        "on plates [s]; somewhat more than single support in walking (0.4 s)",
    )
    clock_left: float = Field(
        0.15,
        gt=0,
        lt=1,
        description="largest share of the variation of the force that the centre of mass asks for "
        "which may be left at the best shift; above, nothing is said of the clock [1]; 0.02 to 0.1 where markers tell "
        "the centre of mass well, 0.2 to 0.5 where they do not (falisse2019)",
    )
    clock_error_s: float = Field(
        0.005,
        gt=0,
        description="largest standard error of the difference; above, nothing is said of it [s]; well "
        "below clock_late_s",
    )
    clock_late_s: float = Field(
        0.012,
        gt=0,
        description="the comparison warns of plates whose clock is farther off [s]; where the clock is "
        "right up to 0.009 are found (docs/validation/people.md)",
    )
    lag_s: float = Field(
        0.2,
        ge=0,
        description="largest lag between activation and envelope that is looked for [s]; "
        "electromechanical delay is 0.03 to 0.1 s (Cavanagh and Komi 1979, doi:10.1007/BF00431022)",
    )
    lag_step_s: float = Field(0.01, gt=0, description="step of the lags that are tried [s]; half a frame")
    twitch_hz: float = Field(
        3.0,
        gt=0,
        description="cut-off of the critically damped filter of second order that stands for a muscle's "
        "twitch: what EMG says of activation, for which the calcium of the muscle takes its time [Hz]; 3 Hz makes "
        "rectified EMG follow the force of isometric muscles (Winter 2009, section 10.3), a contraction time of 53 ms",
    )
    on_share: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="a muscle is on above this share of the range of its signal on the compared frames [1]; 15 to 25 % "
        "of peak activation is usual in gait (Hodges and Bui 1996, doi:10.1016/S0921-884X(96)95190-5, compare such "
        "thresholds)",
    )
    least_channel_s: float = Field(
        0.5, gt=0, description="a channel is compared on at least so many seconds [s]; half a stride of walking"
    )
