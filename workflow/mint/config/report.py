"""Configuration of the report."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class ReportConfig(Section):
    """One offline page: how much of the data it carries."""

    title: str = Field("Muscle activity from motion capture", description="heading of the page")
    max_sequences: int = Field(
        20,
        ge=0,
        description="sequences with motion and curves in the page, chosen by a hash of their names, 3 kB a frame; the "
        "tables always cover all [1]",
    )
    max_frames: int = Field(
        1500, ge=50, description="frames per sequence in the page; longer sequences are thinned evenly [1]"
    )
    max_ledger_rows: int = Field(300, ge=0, description="chunks listed one by one in the page's ledger [1]")
    bone_cell_m: float = Field(
        0.011,
        gt=0,
        le=0.1,
        description="detail of bones in the 3-D view [m]; half of it makes the bodies in the page four times as large",
    )
    path_tolerance_m: float = Field(
        0.0015,
        gt=0,
        le=0.05,
        description="how far drawn muscles may be from the model's paths where these wrap [m]; half a thin one's width",
    )
    force_scale_N_per_m: float = Field(
        800.0, gt=0, description="ground force that is drawn as an arrow of one metre [N/m]"
    )
    max_reserves: int = Field(
        12, ge=0, description="reserves of the trunk shown over time: those of the coordinates with the largest [1]"
    )
    muscle_subset: str = Field(
        "LAI_ARNOLD_LOWER_BODY_16",
        description="muscles shown over time: a subset of resources/muscle_subsets.csv",
    )
