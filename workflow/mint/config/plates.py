"""Configuration of what plates tell about feet."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

_WEYAND = "Weyand et al. 2000, doi:10.1152/jappl.2000.89.5.1991"


class OnPlates(Section):
    """When a plate is loaded, and by which foot."""

    contact_threshold_N: float = Field(
        20.0,
        gt=0,
        description="vertical force of a plate, and of a simulated foot, from which there is contact [N]; that of "
        "`merge`, usual for force plates (OpenCap, Uhlrich et al. 2023)",
    )
    force_cutoff_hz: float = Field(
        20.0,
        gt=0,
        description="cut-off of the zero-phase low-pass of plate forces and moments before they are taken at 50 "
        "frames/s [Hz]; below half that rate, and 99 % of the power of walking lies below 15 Hz (Antonsson and Mann "
        "1985, doi:10.1016/0021-9290(85)90043-0)",
    )
    shortest_contact_s: float = Field(
        0.06,
        ge=0,
        description="shorter contacts, and shorter breaks of a contact, are noise of the plate [s]; sprinters' "
        f"shortest contact lasts 0.08 s ({_WEYAND})",
    )
    foot_reach_m: float = Field(
        0.06,
        gt=0,
        description="how far from the lines between a foot's contact spheres the measured centre of pressure may lie, "
        "as the median of a contact, to be that foot's [m]; a sole reaches 0.03 m beyond them (sphere radius), and a "
        "plate errs by up to 0.03 m (Bobbert and Schamhardt 1990, J Biomech 23:705)",
    )
    edge_m: float = Field(
        0.01,
        ge=0,
        description="how far beside the edges of its plate a part of a foot may lie and still count as on it [m]; "
        "marker trajectories and corners are good for some millimetres",
    )
    toe_reach_m: float = Field(
        0.035,
        ge=0,
        description="how far the two front contact spheres of a foot lie ahead of the pads of the toes, which must be "
        "on the plate [m]; 0.066 m ahead of the toe joint (resources/contact_spheres.csv), where a bare big toe ends "
        "0.047 m ahead of it (marker set smplh67) and bears on a pad some 0.015 m behind its end",
    )
    near_floor_m: float = Field(
        0.02,
        gt=0,
        description="height of a sphere's lowest point up to which its part of the foot may carry load [m]; height to "
        "which the contact spheres of a loaded foot are known, see `verify.penetration_m`",
    )
    cop_share: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="share of body weight that a plate must carry for its centre of pressure to be compared [1]; "
        "below, errors of force by some newtons move it by centimetres",
    )
