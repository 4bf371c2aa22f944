"""Configuration of scaling and inverse kinematics."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class KinematicsConfig(Section):
    """Scaling of the model to a subject, and inverse kinematics of each chunk."""

    margin_frames: int = Field(
        25,
        ge=7,
        le=100,
        description="frames computed beyond both ends of a window and cut after filtering "
        "[frames at 50/s]; three periods of the 6 Hz filter, so that its start-up never reaches the window",
    )
    filter_cutoff_hz: float = Field(
        6.0,
        gt=0,
        lt=25,
        description="cut-off of the zero-phase 4th-order Butterworth low-pass of coordinates [Hz]; "
        "6 Hz is the usual choice for gait kinematics (Winter 2009, Biomechanics and Motor Control of Human "
        "Movement)",
    )
    tolerance_rad: float = Field(
        1e-5,
        gt=0,
        le=1e-3,
        description="step below which a frame of inverse kinematics has converged [rad and m]; "
        "far below the 0.1 degree by which a chunk may differ from the whole sequence",
    )
    proportion_min: float = Field(
        0.7,
        gt=0,
        le=1,
        description="smallest plausible scale factor of a body, over the size of the person [1]; "
        "proportions vary by some 5 % (ANSUR II: Gordon et al. 2014), in children by more, soft tissue widens this",
    )
    proportion_max: float = Field(
        1.4, ge=1, description="largest plausible scale factor of a body, over the size of the person [1]; see above"
    )
    size_min: float = Field(
        0.52,
        gt=0,
        description="smallest size of a person, median of the scale factors of the model [1]; the models "
        "are 1.75 m tall, the smallest stature of section human is 0.9 m: children of 3 years have 0.95 m",
    )
    size_max: float = Field(
        1.31, gt=0, description="largest size of a person [1]; the largest stature of section human is 2.3 m"
    )
    static_window_s: float = Field(
        0.5, gt=0, description="length of the stillest part of a static trial that is averaged for scaling [s]"
    )
    marker_rms_limit_m: float = Field(
        0.04,
        gt=0,
        description="weighted marker error of a frame above which the frame counts as bad [m]; OpenSim's "
        "user guide asks for less than 0.02 m RMS, doubled for markers on a mesh that deforms",
    )
    marker_error_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="share of bad frames from which a chunk fails [1]; the ledger names the worst "
        "marker; a choice of this project",
    )
    max_gap_frames: int = Field(
        10,
        ge=0,
        description="longest gap of a lost marker that a spline closes [frames at 50/s]; in longer gaps the "
        "marker does not act; 0.2 s is the usual limit of gap filling in motion capture",
    )
    symmetric_placement: bool = Field(
        True,
        description="place left and right markers as mirror images when the rest pose of the body is symmetric "
        "to within symmetry_tolerance_m, so that mirrored motions give mirrored results",
    )
    symmetry_tolerance_m: float = Field(
        0.01, ge=0, description="largest distance of a rest marker from the mirror image of its partner for that [m]"
    )
