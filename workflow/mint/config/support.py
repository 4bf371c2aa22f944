"""Section `support`: who carries the body."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class SupportConfig(Section):
    """Feet on one level floor, or something the method cannot see; moving belts."""

    foot_parts: list[str] = Field(
        ["foot", "toe", "heel", "sole"], description="a body part whose name contains one of these may carry the body")
    contact_height_m: float = Field(
        0.03, gt=0, description="a non-foot body part below this height rests on the floor [m]; issue: within 3 cm")
    contact_time_s: float = Field(
        0.06, gt=0, description="for at least this long [s]; three frames, so that one bad frame refuses nothing")
    airborne_height_m: float = Field(
        0.05, gt=0, description="a foot whose lowest point is higher is off the floor [m]; above the error of the "
        "ground estimate (1 to 2 cm) and the sole's thickness")
    airborne_time_s: float = Field(
        0.12, gt=0, description="shortest time with both feet off the floor that is judged [s]; at a low-pass of 6 Hz "
        "(half a period is 0.083 s) shorter flights cannot be told from support")
    airborne_min_fall_g: float = Field(
        0.5, gt=0, le=1, description="mean downward acceleration of the centre of mass that a flight must reach, as a "
        "share of gravity [1]; free flight is 1, support 0, filtering takes up to 0.3 off short flights")
    airborne_max_fall_g: float = Field(
        1.4, ge=1, description="mean downward acceleration that a flight must not exceed, as a share of gravity [1]; "
        "the suite of chunks has 0.8 to 1.1, with noise up to 1.22, enlarged by 15 % up to 1.25")
    steady_speed_m_s: float = Field(
        0.15, gt=0, description="a foot that moves more slowly stands or is held still [m/s]")
    steady_time_s: float = Field(0.2, gt=0, description="for at least this long [s]")
    step_height_m: float = Field(
        0.06, gt=0, description="difference of height between two steady feet that may be a step [m]; a heel rise on "
        "one floor keeps the toes down")
    support_radius_m: float = Field(
        0.16, gt=0, description="a lone foot carries the body if the zero-moment point lies within this distance of "
        "its middle [m]; half a foot's length plus the error of the point")
    stance_height_m: float = Field(
        0.03, gt=0, description="a foot within this height of its lowest in the window may be in stance [m]")
    belt_speed_m_s: float = Field(
        0.2, gt=0, description="steady stance-foot velocity above this is a moving belt [m/s]; issue, section 6")
    belt_min_stance_s: float = Field(
        0.12, gt=0, description="shortest steady stance that is used for the belt [s]")
    belt_spread_m_s: float = Field(
        0.15, gt=0, description="largest spread (half of the middle 80 %) of the belt velocity within and between "
        "stances [m/s]")
    object_words: list[str] = Field(
        ["lift", "throw", "carry", "toss"], description="a sequence whose name contains one of these "
        "handles an object of unknown mass: flagged object_mass_neglected, kept")
