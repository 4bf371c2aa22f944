"""Section `support`: who carries the body."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class SupportConfig(Section):
    """Feet on one level floor, or something the method cannot see; moving belts."""

    foot_parts: list[str] = Field(
        ["foot", "toe", "heel", "sole"], description="a body part whose name contains one of these may carry the body"
    )
    contact_height_m: float = Field(
        0.03, gt=0, description="a non-foot body part below this height rests on the floor [m]; issue: within 3 cm"
    )
    contact_time_s: float = Field(
        0.06, gt=0, description="for at least this long [s]; three frames, so that one bad frame refuses nothing"
    )
    airborne_height_m: float = Field(
        0.05,
        gt=0,
        description="a foot whose lowest point is higher is off the floor [m]; above the error of the "
        "ground estimate (1 to 2 cm) and the sole's thickness",
    )
    airborne_time_s: float = Field(
        0.12,
        gt=0,
        description="shortest time with both feet off the floor that is judged [s]; at a low-pass of 6 Hz "
        "(half a period is 0.083 s) shorter flights cannot be told from support",
    )
    airborne_min_fall_g: float = Field(
        0.5,
        gt=0,
        le=1,
        description="mean downward acceleration of the centre of mass that a flight must reach, as a "
        "share of gravity [1]; free flight is 1, support 0, filtering takes up to 0.3 off short flights",
    )
    airborne_max_fall_g: float = Field(
        1.4,
        ge=1,
        description="mean downward acceleration that a flight must not exceed, as a share of gravity [1]; "
        "the suite of chunks has 0.8 to 1.1, with noise up to 1.22, enlarged by 15 % up to 1.25",
    )
    steady_speed_m_s: float = Field(
        0.15, gt=0, description="a foot that moves more slowly stands or is held still [m/s]"
    )
    steady_time_s: float = Field(0.2, gt=0, description="for at least this long [s]")
    step_height_m: float = Field(
        0.06,
        gt=0,
        description="difference of height between two steady feet that may be a step [m]; a heel rise on "
        "one floor keeps the toes down",
    )
    support_radius_m: float = Field(
        0.16,
        gt=0,
        description="a lone foot carries the body if the zero-moment point lies within this distance of "
        "its middle [m]; half a foot's length plus the error of the point",
    )
    stance_height_m: float = Field(
        0.03, gt=0, description="a foot within this height of its lowest in the window may be in stance [m]"
    )
    carried_distance_m: float = Field(
        0.05,
        gt=0,
        description="largest distance of the zero-moment point beyond the soles, times vertical force over "
        "body weight, that counts as the feet's [m]; farther off something carries that no data show. Toes and heels "
        "reach 2 to 4 cm beyond the spheres of the sole, centres of mass of scaled models are 1 to 2 cm off (measured "
        "static1: 1.2 cm); Hof et al. 2005, J Biomech 38:1 for the margin of a standing body",
    )
    carried_time_s: float = Field(
        0.4,
        gt=0,
        description="for at least this long [s]; the longest of the accepted demo_f clips (not used for the "
        "check: demo_m, 0.22 s) is 0.16 s, in landings and turns; a chair carries for longer",
    )
    rate_stance_speed_m_s: float = Field(
        0.4,
        gt=0,
        description="a low foot that moves more slowly over the floor stands, in the test of the frame rate "
        "[m/s]; feet in swing are faster even in slow walking",
    )
    rate_time_s: float = Field(
        0.3, gt=0, description="shortest time with a standing foot from which the frame rate is judged [s]"
    )
    rate_fast_m: float = Field(
        0.05,
        gt=0,
        description="a stated frame rate may be too high where the median moment beyond the standing soles "
        "is more than this times body weight [m]; at their true rate the demo_f clips have at most 0.024, at twice the "
        "rate walks, dances, kicks and punches 0.12 or more",
    )
    rate_fast_share: float = Field(
        0.34,
        gt=0,
        lt=1,
        description="and is, if that shrinks to this share at a rate at least 1.4 times lower [1]; "
        "whoever is carried by something stays beyond the soles at any rate; only if mean or median at a rate lower "
        "still is above rate_slow_m and the best at most rate_slow_share of it: what fits the better the slower it is "
        "tells no rate",
    )
    rate_slow_m: float = Field(
        0.01,
        gt=0,
        description="a stated frame rate may be too low where the mean moment beyond the standing soles is "
        "more than this times body weight [m]; walks have 0.001 to 0.009, at half their rate 0.015 to 0.027",
    )
    rate_slow_share: float = Field(
        0.55,
        gt=0,
        lt=1,
        description="and is, if that shrinks to this share at a rate at least 1.4 times higher [1]; "
        "at their true rate it grows in every clip",
    )
    rate_doubt_share: float = Field(
        0.25,
        gt=0,
        lt=1,
        description="a chunk whose mean moment beyond the soles is above rate_slow_m and shrinks to "
        "this share at a rate at least 1.4 times lower is flagged frame_rate_doubtful [1], and so is what "
        "only no lower bound keeps from being refused; squats at twice their rate",
    )
    belt_speed_m_s: float = Field(
        0.2, gt=0, description="steady stance-foot velocity above this is a moving belt [m/s]; issue, section 6"
    )
    belt_min_stance_s: float = Field(0.12, gt=0, description="shortest steady stance that is used for the belt [s]")
    belt_spread_m_s: float = Field(
        0.15,
        gt=0,
        description="largest spread (half of the middle 80 %) of the belt velocity within and between stances [m/s]",
    )
    belt_spread_share: float = Field(
        0.04,
        ge=0,
        lt=1,
        description="or this share of its speed, whichever is larger [1]; stances of who runs on a "
        "belt at 3 and 5 m/s have 0.02 to 0.05, feet in swing at their fastest 0.06",
    )
    belt_slope: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="a foot goes with a belt that it does not leave by more than this slope, vertical "
        "over horizontal speed, or by steady_speed_m_s [1]; of who runs on a belt the sole sinks by up to 0.08 of the "
        "speed while the shoe gives way, and is level for 0.12 to 0.18 s",
    )
    belt_tolerance_m_s: float = Field(
        0.2,
        gt=0,
        description="a declared belt that differs by more from the velocity of the standing feet is refused "
        "[m/s]; belts of moved measured walks are found to 0.08 m/s",
    )
    belt_tolerance_share: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="or by more than this share of it, whichever is larger [1]; what changes results "
        "by more than 5 % is refused",
    )
    step_strike_s: float = Field(
        0.03,
        ge=0,
        description="a foot strikes so long after its heel is farthest ahead of the pelvis [s]; 0.02 to "
        "0.05 on force plates of three laboratories",
    )
    step_lift_s: float = Field(
        -0.02, le=0, description="its toes leave so long after they are farthest behind it [s]; -0.015 to -0.025 there"
    )
    step_shortest_s: float = Field(0.4, gt=0, description="shortest stance of walking [s]; 0.49 s at 1.6 m/s")
    step_longest_s: float = Field(1.2, gt=0, description="longest stance of walking [s]; 0.76 s at 0.9 m/s")
    step_slowest_m_s: float = Field(
        0.4, gt=0, description="slowest walk whose feet are taken to roll from heel to toe [m/s]; half of a slow walk"
    )
    step_fastest_m_s: float = Field(2.3, gt=0, description="fastest [m/s]; people change to running at 2.1 m/s")
    step_turned_deg: float = Field(
        35.0,
        gt=0,
        le=90,
        description="largest angle between a foot and the travel of the pelvis in a step [degree]; "
        "feet of adults point 5 to 20 degrees out",
    )
    step_heel_first_deg: float = Field(
        3.0, description="least rise of a foot from heel to toe joint when it strikes [degree]; 6 to 19 measured"
    )
    run_slowest_m_s: float = Field(
        1.8, gt=0, description="slowest run whose stances are told [m/s]; people change to running at 2.1 m/s"
    )
    run_shortest_s: float = Field(
        0.1,
        gt=0,
        description="shortest stance of running [s]; sprinters' lasts 0.08 s (Weyand et al. 2000, "
        "doi:10.1152/jappl.2000.89.5.1991), that at 5 m/s 0.2 s",
    )
    run_longest_s: float = Field(0.4, gt=0, description="longest stance of running [s]; 0.26 s at 3 m/s")
    run_flight_s: float = Field(0.3, gt=0, description="longest flight of running [s]; 0.1 to 0.16 s measured")
    run_clear_m: float = Field(
        0.06,
        gt=0,
        description="how much higher the other foot is in the middle of such a stance [m]; a foot in swing "
        "is 0.1 m and more above the floor",
    )
    object_words: list[str] = Field(
        ["lift", "throw", "carry", "toss"],
        description="a sequence whose name contains one of these "
        "handles an object of unknown mass: flagged object_mass_neglected, kept",
    )
