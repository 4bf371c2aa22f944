"""Configuration of the comparison with measurements."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

_WEYAND = "Weyand et al. 2000, doi:10.1152/jappl.2000.89.5.1991"


class CompareConfig(Section):
    """Force plates and EMG against the simulation: what counts as a contact, a step and a burst of activity. None of
    these numbers changes a simulation."""

    contact_threshold_N: float = Field(
        20.0, gt=0,
        description="vertical force of a plate, and of a simulated foot, from which there is contact [N]; that of "
        "`merge`, usual for force plates (OpenCap, Uhlrich et al. 2023)")
    force_cutoff_hz: float = Field(
        20.0, gt=0,
        description="cut-off of the zero-phase low-pass of plate forces and moments before they are taken at 50 "
        "frames/s [Hz]; below half that rate, and 99 % of the power of walking lies below 15 Hz (Antonsson and Mann "
        "1985, doi:10.1016/0021-9290(85)90043-0)")
    shortest_contact_s: float = Field(
        0.06, ge=0,
        description="shorter contacts, and shorter breaks of a contact, are noise of the plate [s]; sprinters' "
        f"shortest contact lasts 0.08 s ({_WEYAND})")
    foot_reach_m: float = Field(
        0.06, gt=0,
        description="how far from the lines between a foot's contact spheres the measured centre of pressure may lie, "
        "as the median of a contact, to be that foot's [m]; a sole reaches 0.03 m beyond them (sphere radius), and a "
        "plate errs by up to 0.03 m (Bobbert and Schamhardt 1990, J Biomech 23:705)")
    edge_m: float = Field(
        0.01, ge=0,
        description="how far beside the edges of its plate a part of a foot may lie and still count as on it [m]; "
        "marker trajectories and corners are good for some millimetres")
    toe_reach_m: float = Field(
        0.035, ge=0,
        description="how far the two front contact spheres of a foot lie ahead of the pads of the toes, which must be "
        "on the plate [m]; 0.066 m ahead of the toe joint (resources/contact_spheres.csv), where a bare big toe ends "
        "0.047 m ahead of it (marker set smplh67) and bears on a pad some 0.015 m behind its end")
    near_floor_m: float = Field(
        0.02, gt=0,
        description="height of a sphere's lowest point up to which its part of the foot may carry load [m]; height to "
        "which the contact spheres of a loaded foot are known, see `verify.penetration_m`")
    standing_speed_m_s: float = Field(
        0.3, ge=0,
        description="speed of the pelvis relative to the floor or belt below which fore-aft is where the pelvis faces, "
        "instead of where it goes [m/s]; slow walking of patients starts there (Perry et al. 1995, "
        "doi:10.1161/01.STR.26.6.982: household walkers 0.23 to 0.27 m/s)")
    cop_share: float = Field(
        0.1, gt=0, lt=1,
        description="share of body weight that a plate must carry for its centre of pressure to be compared [1]; "
        "below, errors of force by some newtons move it by centimetres")
    least_share: float = Field(
        0.8, gt=0, le=1,
        description="a contact that the recording holds whole, but the sequence, or a gap of it, cuts is compared if "
        "so large a part of it is left [1]; sequences start 0.14 s after their motion, a fifth of a step of walking")
    least_part_s: float = Field(
        1.0, gt=0,
        description="a contact that the recording cuts, or that less is left of, is compared if it lasts so long [s]; "
        "longer than the stance of a step in walking (0.6 to 0.8 s), so that parts of steps are left out and standing "
        "or squatting is not")
    impulse_margin_s: float = Field(
        0.1, ge=0,
        description="how long before and after the measured contact the simulated one counts for impulses, times and "
        "joint moments [s]; larger errors of time belong to another contact")
    lag_s: float = Field(
        0.2, ge=0, description="largest lag between activation and envelope that is looked for [s]; "
        "electromechanical delay is 0.03 to 0.1 s (Cavanagh and Komi 1979, doi:10.1007/BF00431022)")
    lag_step_s: float = Field(0.01, gt=0, description="step of the lags that are tried [s]; half a frame")
    on_share: float = Field(
        0.2, gt=0, lt=1,
        description="a muscle is on above this share of the range of its signal on the compared frames [1]; 15 to 25 % "
        "of peak activation is usual in gait (Hodges and Bui 1996, doi:10.1016/S0921-884X(96)95190-5, compare such "
        "thresholds)")
    least_channel_s: float = Field(
        0.5, gt=0, description="a channel is compared on at least so many seconds [s]; half a stride of walking")
