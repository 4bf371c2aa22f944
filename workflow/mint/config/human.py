"""Section `human`: what a motion must look like to be that of a person, before anything is solved."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class HumanConfig(Section):
    """Orientation, sides, knees, size, jumps and standstills of a motion; declared mass and height."""

    upright_deg: float = Field(
        60.0,
        gt=0,
        lt=90,
        description="a frame is upright along an axis if head (or shoulders) and feet lie within this angle of it "
        "[deg]; bending and kicking stay below 60 in standing people",
    )
    upright_share: float = Field(
        0.8,
        gt=0.5,
        le=1,
        description="a file stands along another axis than the vertical if it is upright along it in this share of "
        "its frames, and along the vertical in no more than the rest [1]; who rolls, crawls or turns a "
        "cartwheel is along none",
    )
    floor_spread_m: float = Field(
        0.15,
        gt=0,
        description="the lower foot keeps its level along the axis that a file stands along within this in half of "
        "the frames [m]; height of a foot's markers above the floor during a stride",
    )
    floor_level_m: tuple[float, float] = Field(
        (-0.05, 0.15),
        description="lowest points of feet, or of a body that lies, are here if their floor is at zero [m]; "
        "laboratories calibrate it to 0, markers and joints are up to 0.1 above it",
    )
    travel_m: float = Field(
        0.5,
        gt=0,
        description="who moves farther than this across the axis that head and feet lie along walks rather than "
        "lies [m]",
    )
    lying_height_m: float = Field(
        0.35,
        gt=0,
        description="the pelvis of a lying body is no higher above its lowest point than this [m]; depth of a trunk"
        " on its side",
    )
    reversed_share: float = Field(
        0.8,
        gt=0.5,
        le=1,
        description="left and right are exchanged if right landmarks lie to the left in this share of the frames "
        "[1]; crossing legs do so in up to half of a dance",
    )
    max_hyperextension_deg: float = Field(
        30.0,
        gt=0,
        description="a knee that bends forwards by more than this is no knee [deg]; lax ones reach 15 to 20 (Loudon"
        " et al. 1998, J Orthop Sports Phys Ther 27:361), markers add up to 10",
    )
    warn_hyperextension_deg: float = Field(
        15.0,
        gt=0,
        description="warn beyond this [deg]; see above",
    )
    max_sideways_deg: float = Field(
        70.0,
        gt=0,
        lt=90,
        description="a knee that bends sideways, across the direction of the toes, by more than this is no knee "
        "[deg]; crawling with turned feet reaches 50",
    )
    knee_time_s: float = Field(
        0.1,
        gt=0,
        description="for at least this long without interruption [s]; single frames are errors of tracking",
    )
    min_stature_m: float = Field(
        0.9,
        gt=0,
        description="smallest stature of mesh or markers [m]; children of 3 years have 0.95",
    )
    max_stature_m: float = Field(
        2.3,
        gt=0,
        description="largest stature of mesh or markers [m]",
    )
    warn_height_share: float = Field(
        0.06,
        gt=0,
        description="warn if a declared height differs from the stature of mesh or markers by a larger share [1]; "
        "shapes fitted to markers are uncertain by 2 to 4 cm, segments of markers by 5 %",
    )
    max_height_share: float = Field(
        0.12,
        gt=0,
        description="refuse if it differs by a larger share [1]: 5 % beyond what the stature is uncertain by, "
        "rounded up, since either the file's lengths are wrong or the row is another person's",
    )
    warn_mass_share: float = Field(
        0.2,
        gt=0,
        description="warn if a declared mass differs from the mass of the mesh by a larger share [1]; the volume of"
        " shapes fitted to markers is uncertain by about 15 %",
    )
    max_mass_share: float = Field(
        0.35,
        gt=0,
        description="refuse if it differs by a larger share of the smaller of both [1]; forces are proportional to "
        "mass",
    )
    min_bmi: float = Field(
        12.0,
        gt=0,
        description="refuse a declared mass below this body mass index, for the stature [kg/m2]; children have 13",
    )
    max_bmi: float = Field(
        40.0,
        gt=0,
        description="refuse a declared mass above this body mass index [kg/m2], where class III obesity begins "
        "(WHO); pounds given as kilograms multiply it by 2.2; raise it for heavier people",
    )
    jump_m: float = Field(
        0.03,
        gt=0,
        description="smallest displacement of the whole body within a frame that is a jump of the data [m], beyond "
        "what its velocity before or after explains; measured runs and landings have 0.004 at 100 Hz",
    )
    jump_acceleration_m_s2: float = Field(
        60.0,
        gt=0,
        description="such a displacement must also need more than this acceleration [m/s2], so that low frame rates"
        " are judged alike; measured runs and landings have up to 43",
    )
    jump_deg: float = Field(
        45.0,
        gt=0,
        description="smallest rotation of the root or a joint within a frame that is a jump of the data [deg], "
        "beyond what its velocity before or after explains; runs have 9 at 120 Hz and 14 at 60",
    )
    jump_acceleration_rad_s2: float = Field(
        600.0,
        gt=0,
        description="such a rotation must also need more than this acceleration over a frame [rad/s2], which is 38 "
        "deg at 30 Hz; runs have 25 deg there",
    )
    jump_speed_m_s: float = Field(
        15.0,
        gt=0,
        description="the whole body jumps if it is faster than this between two frames [m/s]; the fastest "
        "sprint measured is 12.4 (Berlin 2009, IAAF biomechanics report)",
    )
    jump_speed_rad_s: float = Field(
        80.0,
        gt=0,
        description="a joint jumps if it turns faster than this between two frames, and by more than "
        "jump_deg [rad/s]; knees in maximal kicks reach 25 to 35 (Nunome et al. 2006, J Sports Sci 24:529)",
    )
    jump_margin_s: float = Field(
        0.2,
        ge=0,
        description="a chunk is refused if a jump lies in its window or this near to it [s]; resampling and "
        "filtering carry a jump that far",
    )
    still_time_s: float = Field(
        0.5,
        gt=0,
        description="a body whose data stay the same to the last bit for this long is flagged with the time [s]; no"
        " person and no camera is that quiet",
    )
    still_edge_m_s: float = Field(
        0.5,
        gt=0,
        description="such a standstill refuses its chunks if the fastest part moves faster than this at its begin "
        "or end [m/s]: the body stops within a frame",
    )
    repeated_share: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="refuse a file in which a larger share of the frames of a moving body repeat the frame before "
        "[1]: it was brought to a higher frame rate by copies, and its accelerations are not the "
        "person's",
    )
    repeated_speed_m_s: float = Field(
        0.2,
        gt=0,
        description="a repeated frame counts while the fastest part moves faster than this [m/s]",
    )
    fixed_root_m: float = Field(
        0.001,
        ge=0,
        description="refuse a motion whose pelvis stays within this along an axis while the legs move [m]: its path"
        " is missing; quiet standing sways by 5 mm",
    )
    fixed_root_legs_m: float = Field(
        0.15,
        gt=0,
        description="legs move if a foot moves farther than this relative to the pelvis [m]",
    )
