"""Configuration of the merge stage."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class MergeConfig(Section):
    """Chunks become a sequence: what counts as contact and as a saturated muscle."""

    contact_threshold_N: float = Field(
        20.0,
        gt=0,
        description="vertical force of one foot below which force and torque are set to 0 and the centre "
        "of pressure is undefined [N]; usual for force plate data (OpenCap, Uhlrich et al. 2023)",
    )
    saturation_level: float = Field(
        0.99,
        gt=0,
        le=1,
        description="activation from which a muscle counts as saturated in the quality table [1]",
    )
    fade_half_width_frames: int = Field(
        7,
        ge=1,
        le=7,
        description="half width of the cross-fade at a seam [frames at 50/s]; 7 frames on each side "
        "are the 0.28 s that neighbouring windows share (Muscles in Time, section A.3)",
    )
