"""Columns of the tables of quality."""

from __future__ import annotations

from mint.core.status import Status
from mint.dataset.quality_limits import KINDS
from mint.dataset.schema import Column, TableSchema
from mint.sequence.outcome import STAGES

# Of one run and its machine, not of the data: a release leaves these columns out.
RUN_COLUMNS = ("wall_s", "cpu_s", *(f"{stage}_wall_s" for stage in STAGES), "warnings")
STATUSES = tuple(
    status.value
    for status in (Status.ACCEPTED, Status.DISCARDED, Status.EXCLUDED_CONTACT, Status.FAILED, Status.PENDING)
)
_FRAMES = "frames at 50/s"
_BW = "body weight"


def _number(name: str, unit: str, description: str, low: float | None = 0.0, high: float | None = None) -> Column:
    return Column(name, "float", unit, description, nullable=True, low=low, high=high)


def _text(name: str, description: str) -> Column:
    return Column(name, "text", "1", description, nullable=True)


def _frame(name: str, description: str) -> Column:
    return Column(name, "int", _FRAMES, description, nullable=True, low=0)


_PLACE = (
    Column("sequence_id", "text", "1", "name in the table of sequences"),
    Column(
        "data_path",
        "text",
        "1",
        "folder of its files below the dataset; null where the sequence has no data",
        nullable=True,
    ),
)

MEASURES = (
    _number("marker_rms_mm", "mm", "marker error of inverse kinematics, rms over markers and frames"),
    _number("marker_max_mm", "mm", "largest marker error in any frame"),
    _text("marker_max_name", "marker with the largest error"),
    _frame("marker_max_frame", "frame of the largest marker error"),
    _number(
        "marker_jump_mm",
        "mm",
        "farthest that a marker lies in one frame from the cubic through its four neighbours in time",
    ),
    _text("marker_jump_name", "marker that jumps farthest"),
    _frame("marker_jump_frame", "frame in which that marker jumps"),
    _number(
        "marker_jump_share",
        "1",
        "share of markers that jump at least half as far in that frame; 1: the whole pose",
        high=1.0,
    ),
    _number(
        "marker_error_jump_mm",
        "mm",
        "largest marker error of a frame above the median of the 5 frames before and after",
        low=None,
    ),
    _text("marker_error_jump_name", "marker with the largest error where the marker error rises most"),
    _frame("marker_error_jump_frame", "frame in which the marker error rises most"),
    _number(
        "hover_mm",
        "mm",
        "largest height of the lowest foot above the floor in the motion capture for 0.24 s in "
        "which the body does not fall",
    ),
    _number(
        "sink_mm", "mm", "largest depth below the floor that the lowest foot keeps in the motion capture for 0.24 s"
    ),
    _number(
        "contact_height_offset_mm",
        "mm",
        "vertical shift of all motions of the subject: markers' floor to contact spheres' floor",
        low=None,
    ),
    _number(
        "pelvis_correction_mm",
        "mm",
        "mean vertical distance of the solved pelvis from the measured one; negative: lowered",
        low=None,
    ),
    _number(
        "sole_height_mm", "mm", "median height of the loaded soles in the solution; negative: pressed in", low=None
    ),
    _number("penetration_mm", "mm", "deepest that a contact sphere is in the floor", low=None),
    _number(
        "foot_slip_mm",
        "mm",
        "farthest that the loaded part of a foot moves horizontally on the floor, or belt, in one stance",
    ),
    _number(
        "foot_slip_loaded_mm",
        "mm",
        "foot_slip_mm with each frame weighted with the share of body weight that the foot carries",
    ),
    _text("foot_slip_side", "foot that slips farthest, r or l"),
    _frame("foot_slip_frame", "first frame of the stance in which a foot slips farthest"),
    _number("foot_slip_speed_mm_s", "mm/s", "mean horizontal speed of all load in stance"),
    _number("peak_vertical_force_bw", _BW, "largest vertical force of both feet", low=None),
    _number("mean_vertical_force_bw", _BW, "mean vertical force of both feet", low=None),
    _number(
        "impulse_error_percent",
        "%",
        "vertical impulse beyond that of weight and change of momentum, of that of weight",
        low=None,
    ),
    _number(
        "cop_hind_share",
        "1",
        "share of the loaded frames of a stance of walking with the centre of pressure under the hind half of the "
        "foot, of the worst stance whose middle is in the chunk; null where no stance is whole",
        high=1.0,
    ),
    _number(
        "cop_retreat_share",
        "1",
        "farthest that the centre of pressure of such a stance goes back, of the length from heel to toe pads",
    ),
    _number(
        "cop_reach_share",
        "1",
        "farthest place of the centre of pressure of such a stance, 0 under the heel, 1 under the toes' pads",
    ),
    _number("saturation_share", "1", "share of leg activations at the saturation level", high=1.0),
    _number("trunk_saturation_share", "1", "share of trunk activations at the saturation level", high=1.0),
    _number("saturated_muscle_share", "1", "share of frames that one muscle spends at the saturation level", high=1.0),
    _text("saturated_muscle", "muscle that spends most frames at the saturation level, by its name in the model"),
    _number("tracking_rms_deg", "deg", "largest rms deviation of an angle from inverse kinematics"),
    _text("tracking_rms_coordinate", "angle with the largest rms deviation"),
    _number("tracking_max_deg", "deg", "largest deviation of an angle from inverse kinematics in any frame"),
    _text("tracking_max_coordinate", "angle with the largest deviation in any frame"),
    _number("tracking_rms_mm", "mm", "largest rms deviation of a translation of the pelvis from inverse kinematics"),
    _number("reserve_percent", "%", "largest reserve moment of a leg, of the coordinate's peak moment"),
    _text("reserve_coordinate", "coordinate of a leg with the largest reserve"),
    _number("trunk_reserve_limit_share", "1", "largest reserve of the trunk over its limit"),
    _text("trunk_reserve_coordinate", "coordinate of the trunk with the largest reserve over its limit"),
    _number("trunk_flagged_share", "1", "share of frames in which a reserve of the trunk exceeds its limit", high=1.0),
    _number("pelvis_force_percent", "%", "pelvis residual force found by OpenSim, of the peak external force"),
    _number(
        "pelvis_moment_percent",
        "%",
        "pelvis residual moment found by OpenSim, of centre-of-mass height x peak external force",
    ),
    _number("trunk_pelvis_residual_percent_bw", "% of body weight", "pelvis residual force of the whole-body model"),
    _number(
        "seam_activation_difference", "1", "largest difference of an activation from the chunk before at their seam"
    ),
    _number(
        "seam_activation_rms",
        "1",
        "difference of activations from the chunk before at their seam, rms over all muscles",
    ),
    _number("seam_activation_step_before", "1", "largest change of an activation per frame at the seam if it were cut"),
    _number("seam_activation_step_after", "1", "largest change of an activation per frame at the seam as it is, faded"),
    _number("seam_vertical_force_difference_N", "N", "difference of the vertical force of a foot at the seam"),
    _number("seam_force_bw", _BW, "difference of the vertical force of a foot at the seam in body weights"),
    _number(
        "seam_vertical_force_step_before_N",
        "N",
        "largest change of the vertical force of a foot per frame at the seam if it were cut",
    ),
    _number(
        "seam_vertical_force_step_after_N",
        "N",
        "largest change of the vertical force of a foot per frame at the seam as it is, faded",
    ),
    _text("formulation", "formulation of the solution: joint, motion, contact and muscles at once"),
    _text("solver_rung", "last attempt of the solver"),
    _text("solver_status", "how the last attempt ended"),
)

CHUNKS = TableSchema(
    "quality_chunks",
    "a chunk of a planned sequence, lost ones too",
    (
        *_PLACE,
        Column("chunk", "int", "1", "number within the sequence", low=0),
        Column("frame_start", "int", _FRAMES, "first frame that the chunk keeps", low=0),
        Column("frame_stop", "int", _FRAMES, "the frame after the last", low=0),
        Column("t_start_s", "float", "s", "time of the first frame", low=0),
        Column("t_stop_s", "float", "s", "time of the frame after the last", low=0),
        Column("status", "text", "1", "what became of it", allowed=STATUSES),
        Column("stage", "text", "1", "stage that decided"),
        Column("reason", "text", "1", "why it was lost; none where it was not"),
        Column("faults", "texts", "1", f"kinds of faults: {', '.join(KINDS)}"),
        Column("flags", "texts", "1", "what is special about the motion (stage support)"),
        *MEASURES,
        Column("iterations", "int", "1", "iterations of the solver over all attempts", nullable=True, low=0),
        Column("attempts", "int", "1", "attempts of the solver", nullable=True, low=0),
        _number("wall_s", "s", "time that all stages took together"),
        _number("cpu_s", "s", "processor time of all stages"),
        *(_number(f"{stage}_wall_s", "s", f"time that stage {stage} took") for stage in STAGES),
        Column("warnings", "texts", "1", "what stages warned of"),
    ),
    ("sequence_id", "chunk"),
)

# Measures whose worst and median value stand in the table of sequences: without sign, larger is worse.
SUMMARISED = (
    "marker_rms_mm",
    "marker_jump_mm",
    "hover_mm",
    "foot_slip_loaded_mm",
    "impulse_error_percent",
    "peak_vertical_force_bw",
    "saturated_muscle_share",
    "tracking_rms_deg",
    "reserve_percent",
    "trunk_reserve_limit_share",
    "trunk_pelvis_residual_percent_bw",
    "seam_activation_rms",
)
_SUMMARISED = {column.name: column for column in MEASURES if column.name in SUMMARISED}

SEQUENCES = TableSchema(
    "quality_sequences",
    "a planned sequence",
    (
        *_PLACE,
        Column("dataset", "text", "1", "AMASS sub-dataset or lab"),
        Column("subject", "text", "1", "name of the subject"),
        Column("reason", "text", "1", "why the sequence failed as a whole; none where it did not"),
        Column("duration_s", "float", "s", "duration of the motion file", nullable=True, low=0),
        Column("analysed_s", "float", "s", "duration that has values", low=0),
        Column("analysed_share", "float", "1", "analysed_s / duration_s", low=0, high=1),
        Column("faultless_s", "float", "s", "duration of accepted chunks without a fault", low=0),
        Column("chunks", "int", "1", "chunks that were planned", low=0),
        *(Column(status, "int", "1", f"chunks that are {status.replace('_', ' ')}", low=0) for status in STATUSES),
        Column("faulty", "int", "1", "accepted chunks with a fault", low=0),
        Column("faults", "texts", "1", "kinds of faults of all chunks"),
        Column("missing_s", "texts", "s", "intervals without values, as start-stop"),
        *(
            _number(f"{name}_{kind}", column.unit, f"{kind} over its chunks: {column.description}")
            for name, column in _SUMMARISED.items()
            for kind in ("worst", "median")
        ),
        _number("wall_s", "s", "time that all stages of its chunks took together"),
        Column(
            "warnings",
            "texts",
            "1",
            "what its validation, its body, its measurements and their comparison warn about, "
            "and doubts about its frame rate",
        ),
    ),
    ("sequence_id",),
)

COORDINATES = TableSchema(
    "quality_coordinates",
    "a coordinate of a chunk that was tracked or has a reserve",
    (
        *_PLACE,
        Column("chunk", "int", "1", "number within the sequence", low=0),
        Column("model", "text", "1", "model that has the coordinate", allowed=("leg", "trunk")),
        Column("coordinate", "text", "1", "its name in OpenSim"),
        _text("unit", "unit of its deviations: deg or m"),
        _number("tracking_rms", "see unit", "deviation from inverse kinematics, rms"),
        _number("tracking_max", "see unit", "largest deviation from inverse kinematics"),
        _text("reserve_unit", "unit of its reserve: N m or N"),
        _number("reserve_max", "see reserve_unit", "largest reserve"),
        _number("reserve_percent", "%", "largest reserve of the peak moment, for a coordinate of a leg"),
        _number("reserve_limit_share", "1", "largest reserve over its limit, for a coordinate of the trunk"),
    ),
    ("sequence_id", "chunk", "model", "coordinate"),
)
