"""Section `body`: body model, virtual markers, ground and mass."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

# Where the embedded body lies below the results.
DEFAULT_RESULTS = "results"
EMBEDDED_BODY = {"model_dir": "inputs/body", "marker_map": "inputs/body/markers.csv"}


class BodyConfig(Section):
    """From shape and pose to markers, ground and mass."""

    model_dir: str = Field(
        f"{DEFAULT_RESULTS}/{EMBEDDED_BODY['model_dir']}",
        description="folder with male/, female/ and neutral/model.npz in SMPL-H format; the "
        "default is the embedded body, which a rule makes below results, wherever that is",
    )
    marker_map: str = Field(
        f"{DEFAULT_RESULTS}/{EMBEDDED_BODY['marker_map']}",
        description="table marker, vertex, source of the model in model_dir; "
        "resources/marker_sets/smplh67/vertices.csv for SMPL-H",
    )
    density_kg_m3: float = Field(
        1005.0,
        gt=900,
        lt=1100,
        description="mass / volume of the body surface mesh [kg/m3]; tissue 1050 (mean of "
        "women and men, Durnin and Womersley 1974, Br J Nutr 32:77) with 3 l of air in the lungs at "
        "functional residual capacity (Stocks and Quanjer 1995, Eur Respir J 8:492) at 70 kg",
    )
    slow_speed_m_s: float = Field(
        0.1,
        gt=0,
        description="a sole is slow in frames where its lowest point moves vertically slower than this "
        "[m/s]; vertical only, so that a moving belt changes nothing; a choice of this project",
    )
    ground_percentile: float = Field(
        2.0,
        ge=0,
        le=50,
        description="the ground is this percentile of sole height in slow frames [%]; a low "
        "percentile instead of the minimum ignores single frames in which the mesh sinks into the floor",
    )
    min_slow_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="with a smaller share of slow frames the lowest marker is the ground, flagged [-]",
    )
    warn_ground_difference_m: float = Field(
        0.05,
        gt=0,
        description="warn if the ground and the lowest marker differ by more [m]; a sole is 1 to 3 cm thick",
    )
    lab_floor_m: float = Field(0.0, description="height of the floor in .trc files [m]; laboratories calibrate it to 0")
    foot_marker_height_m: float = Field(
        0.04,
        ge=0,
        lt=0.15,
        description="height of a foot marker above the floor in stance [m], where neither a static "
        "trial nor the trial itself tells it; a 14 mm marker on the shoe, opencap_subject4 has 0.04 to 0.05",
    )
    max_foot_marker_height_m: float = Field(
        0.12,
        gt=0,
        description="a foot marker that never comes lower than this does not stand on the floor [m]",
    )
    in_view_share: float = Field(
        0.4,
        gt=0,
        le=1,
        description="a trial of markers begins and ends where this share of the markers is seen that are seen together "
        "at best [-]: people enter and leave the measured volume; of five such ends, four lie within 2 frames of where "
        "inverse kinematics loses the body, the fifth 21 before it",
    )
    max_missing_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="a trial of markers is refused in which a larger share of the positions is missing between its "
        "ends, counted over the markers of its set that are seen at all [-]; other columns of the file do not count",
    )
    batch_frames: int = Field(64, ge=1, description="frames per batch of the forward pass; memory only")
