"""Section `quality`: from which value on a chunk is marked as faulty."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

_HICKS = "Hicks et al. 2015 (doi:10.1115/1.4029304)"
# Accepted chunks, 27 of the embedded clips and 18 of optical trials.
_SEEN = "seen in embedded clips and optical trials"
_PLATES = "force plates under 20 stances of five people (schreiber2019, at two speeds)"


class QualityConfig(Section):
    """Limits of the measures of quality. They mark a chunk (column `faults`) and discard nothing: `verify` discards."""

    marker_jump_mm: float = Field(
        50.0,
        gt=0,
        description=f"distance of a marker in one frame from the path through its neighbours in time [mm]; {_SEEN}: "
        "up to 12 mm in optical trials, 33 mm where a heel strikes the floor after a drop, 43 mm at the "
        "clips' knees",
    )
    marker_error_jump_mm: float = Field(
        30.0,
        gt=0,
        description=f"rise of the largest marker error of a frame above the median of its neighbours [mm]; {_SEEN}: "
        "up to 11 mm",
    )
    marker_rms_mm: float = Field(
        25.0,
        gt=0,
        description="marker error of inverse kinematics, rms [mm]; OpenSim's user guide asks for less than 20 mm, "
        f"here markers on a mesh that deforms are met; {_SEEN}: up to 22 mm",
    )
    marker_max_mm: float = Field(
        120.0,
        gt=0,
        description="largest marker error of any marker in any frame [mm]; OpenSim's user guide: 20 to 40 mm; "
        f"{_SEEN}: up to 97 mm, at elbows and hands, which say little about legs and trunk",
    )
    hover_mm: float = Field(
        30.0,
        gt=0,
        description="height of the lowest foot while something carries the body [mm]; above the error of the ground "
        f"estimate (1 to 2 cm), below the 5 cm from which stage support excludes; {_SEEN}: up to 28 mm, "
        "on tiptoe",
    )
    sink_mm: float = Field(
        30.0, gt=0, description=f"depth of the feet below the floor for 0.24 s [mm]; as `hover_mm`; {_SEEN}: up to 4 mm"
    )
    pelvis_correction_mm: float = Field(
        30.0,
        gt=0,
        description="mean height by which the solver moved the pelvis for the floor to carry the body [mm]; as "
        f"`hover_mm`; {_SEEN}: -21 to 8 mm",
    )
    sole_height_mm: float = Field(
        30.0,
        gt=0,
        description="height of the loaded soles above the floor, or depth below it [mm]; the contact law needs 5 to "
        "25 mm of depth and cannot carry anything above the floor",
    )
    foot_slip_loaded_mm: float = Field(
        60.0,
        gt=0,
        description="distance that a foot slips in one stance, each frame weighted with the share of body weight "
        f"that it carries [mm]; smooth friction creeps: {_SEEN}: 2 to 27 mm in optical trials, 10 to 63 "
        "mm in the clips",
    )
    cop_hind_share: float = Field(
        0.6,
        gt=0,
        le=1,
        description="share of a stance of walking with the centre of pressure under the hind half of the foot [1]; "
        f"{_PLATES}: 0.35 to 0.50",
    )
    cop_retreat_share: float = Field(
        0.04,
        gt=0,
        description="way back of the centre of pressure in a stance of walking [length from heel to toe pads]; "
        f"{_PLATES}: at most 0.023, in 14 of 20 none",
    )
    cop_reach_share: float = Field(
        1.1,
        gt=0,
        description="farthest place of the centre of pressure in a stance of walking, 1 under the pads of the toes "
        f"[1]; {_PLATES}: 0.79 to 0.95",
    )
    saturated_muscle_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="share of frames that one muscle spends at the saturation level [1]; a muscle that works at its "
        f"limit half of the time is too weak for the motion; {_SEEN}: up to 0.39",
    )
    impulse_error_percent: float = Field(
        5.0,
        gt=0,
        description="vertical impulse against weight and momentum of the measured motion [% of the impulse of "
        f"weight]; {_SEEN}: -4.2 to 1.1 %",
    )
    seam_activation_rms: float = Field(
        0.15,
        gt=0,
        description="difference of two neighbouring solutions at their seam, rms over all muscles [1]; two "
        f"solutions of one running window differ by 0.1; {_SEEN}: median 0.02, largest 0.165",
    )
    seam_force_bw: float = Field(
        0.25,
        gt=0,
        description=f"difference of the vertical force of a foot at a seam [body weight]; {_SEEN}: up to 0.21 body "
        "weights",
    )
    reserve_percent: float = Field(
        2.5,
        gt=0,
        description=f"largest reserve moment of a leg [% of the coordinate's peak moment]; half of what {_HICKS} "
        f"allow; {_SEEN}: up to 1.8 %",
    )
    trunk_reserve_limit_share: float = Field(
        1.0,
        gt=0,
        description="largest reserve of the trunk over its limit (`trunk.max_reserve_share`, `trunk.reserve_floor`) "
        "[1]; stage trunk discards where more than `trunk.max_flagged_share` of the frames exceed it",
    )
    pelvis_force_percent: float = Field(
        1.0,
        gt=0,
        description="pelvis residual force that OpenSim finds [% of the peak external force]; a fifth of what "
        f"{_HICKS} allow; {_SEEN}: up to 0.2 %",
    )
    pelvis_moment_percent: float = Field(
        0.5,
        gt=0,
        description="pelvis residual moment that OpenSim finds [% of centre-of-mass height x peak external force]; "
        f"half of what {_HICKS} allow; {_SEEN}: up to 0.16 %",
    )
    trunk_pelvis_residual_percent_bw: float = Field(
        10.0,
        gt=0,
        description="pelvis residual of the whole-body model under the ground forces of the leg model [% of body "
        "weight]; the limit of stage trunk's warning",
    )
    tracking_rms_deg: float = Field(
        3.0,
        gt=0,
        description=f"deviation of an angle from inverse kinematics, rms [deg]; that of `verify`, {_HICKS}: the "
        "solver uses the room up to 2.8 deg, so a smaller limit would mark most chunks",
    )
    tracking_max_deg: float = Field(
        10.0,
        gt=0,
        description="largest deviation of an angle in any frame [deg]; as `tracking_rms_deg`, the solver uses 9 deg",
    )
    peak_vertical_force_bw: float = Field(
        4.0,
        gt=0,
        description="largest vertical force of both feet [body weight]; distance running reaches 3 (Cavanagh and "
        f"Lafortune 1980, doi:10.1016/0021-9290(80)90033-0); {_SEEN}: up to 3.0",
    )
