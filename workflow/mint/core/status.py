"""Outcomes of a stage: a status, a reason from a closed list, and what a person can do about it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from mint.core.finding import NO_FINDING, Finding


class Status(StrEnum):
    """Ledger statuses. A stage reports `ok`; the ledger turns a chunk that is ok to the end into `accepted`."""

    OK = "ok"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    EXCLUDED_CONTACT = "excluded_contact"
    FAILED = "failed"
    PENDING = "pending"


class Reason(StrEnum):
    """Why something is not ok. Each has a remedy below; `detail` of the status names file, field, frame."""

    NONE = "none"
    # input
    TABLE = "table"
    CONTRADICTION = "contradiction"
    FILE_MISSING = "file_missing"
    FILE_UNREADABLE = "file_unreadable"
    FILE_CORRUPT = "file_corrupt"
    FIELD_MISSING = "field_missing"
    FIELD_SHAPE = "field_shape"
    FIELD_VALUE = "field_value"
    NOT_FINITE = "not_finite"
    FRAME_RATE = "frame_rate"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BODY_MODEL = "body_model"
    MARKER_MISSING = "marker_missing"
    # what is not that of a person
    ORIENTATION = "orientation"
    SIDES = "sides"
    POSTURE = "posture"
    STATURE = "stature"
    DECLARED_BODY = "declared_body"
    TELEPORT = "teleport"
    STANDSTILL = "standstill"
    REPEATED_FRAMES = "repeated_frames"
    FIXED_ROOT = "fixed_root"
    # kinematics
    SCALING = "scaling"
    INVERSE_KINEMATICS = "inverse_kinematics"
    MARKER_ERROR = "marker_error"
    # support
    NON_FOOT_SUPPORT = "non_foot_support"
    MISSING_SUPPORT = "missing_support"
    UNEVEN_FLOOR = "uneven_floor"
    CARRIED = "carried"
    BELT_VELOCITY = "belt_velocity"
    # trajectory
    NOT_CONVERGED = "not_converged"
    WORK_LIMIT = "work_limit"
    OUT_OF_FITTED_RANGE = "out_of_fitted_range"
    # trunk
    TRUNK_INFEASIBLE = "trunk_infeasible"
    TRUNK_RESERVE = "trunk_reserve"
    MODEL_INCOMPLETE = "model_incomplete"
    # verification
    PELVIS_RESIDUAL = "pelvis_residual"
    TRACKING = "tracking"
    PENETRATION = "penetration"
    RESERVE = "reserve"
    # machine
    SOLVER_SETUP = "solver_setup"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    CRASH = "crash"


REMEDY: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.TABLE: "correct the named cell of the sequence table",
    Reason.CONTRADICTION: "find out which of the two values is right, and correct the other in its file or table",
    Reason.FILE_MISSING: "check the path column of the sequence table, or fetch the file",
    Reason.FILE_UNREADABLE: "name a regular file in the path column, and allow whoever runs the workflow to read it",
    Reason.FILE_CORRUPT: "download or export the file again",
    Reason.FIELD_MISSING: "export the file with the named field (AMASS: poses, trans, betas, mocap_framerate)",
    Reason.FIELD_SHAPE: "check which body model wrote the file: SMPL-H has 156 pose values and 10 or 16 betas",
    Reason.FIELD_VALUE: "correct the named field in the file, or override it in the sequence table",
    Reason.NOT_FINITE: "cut or repair the frames with missing values",
    Reason.FRAME_RATE: "set frame_rate_override for this sequence",
    Reason.TOO_SHORT: "sequences need at least 0.6 s",
    Reason.TOO_LONG: "split the sequence, or raise validate_input.max_duration_s",
    Reason.BODY_MODEL: "place the SMPL-H model of this gender under the folder named by body.model_dir",
    Reason.MARKER_MISSING: "complete the marker map of this lab under resources/marker_sets",
    Reason.ORIENTATION: "turn the file so that its vertical is the expected axis, or set validate_input.trc_up_axis",
    Reason.SIDES: "exchange the names of left and right, or export with right-handed axes",
    Reason.POSTURE: "check joint order, units (radians) and names: knees bend backwards only",
    Reason.STATURE: "check units and shape of the file",
    Reason.DECLARED_BODY: "correct mass_kg or height_m in the sequence table (kg, m), or leave the cell empty",
    Reason.TELEPORT: "cut the sequence at the jump, or repair its frames; chunks away from it are kept",
    Reason.STANDSTILL: "cut the frames that stand still; chunks away from them are kept",
    Reason.REPEATED_FRAMES: "remove the repeated frames and state the frame rate that remains",
    Reason.FIXED_ROOT: "export the motion with the path of its root",
    Reason.SCALING: "check rest pose, subject mass and marker map",
    Reason.INVERSE_KINEMATICS: "look at the markers of these frames; adjust them in config/marker_adjustments.tsv",
    Reason.MARKER_ERROR: "adjust the named marker in config/marker_adjustments.tsv, or lower its weight",
    Reason.NON_FOOT_SUPPORT: "leave these seconds out: only feet on one level floor can be solved; if nothing but feet "
    "touches it, check ground height, body model and scale",
    Reason.MISSING_SUPPORT: "check ground height and frame rate; a body held by something else cannot be solved",
    Reason.UNEVEN_FLOOR: "leave steps, slopes and boxes out: only feet on one level floor can be solved; if the floor "
    "is level, check the markers of the higher foot and the vertical axis",
    Reason.CARRIED: "leave out the seconds in which a chair, rail, box, beam or person carries; if nothing does, feet "
    "cannot carry the motion as it is: check marker names, mass and the vertical axis, or whether it was edited",
    Reason.BELT_VELOCITY: "correct belt_velocity_m_s in the sequence table (m/s along x, negative where feet are "
    "carried towards -x), or leave it empty to have it estimated from the feet",
    Reason.NOT_CONVERGED: "see the attempts; `snakemake rescue` makes others; look at the markers named as suspect",
    Reason.WORK_LIMIT: "`snakemake rescue` gives the chunk more work; or raise trajectory.work_limit",
    Reason.OUT_OF_FITTED_RANGE: "widen the range in resources/coordinate_ranges_paths.csv, or check the markers",
    Reason.TRUNK_INFEASIBLE: "look at the named coordinate and frame; check markers of the trunk",
    Reason.TRUNK_RESERVE: "the trunk cannot carry this motion: check markers and ground forces",
    Reason.MODEL_INCOMPLETE: "choose a model that has the named part, or add it",
    Reason.PELVIS_RESIDUAL: "the solution does not obey the equations of motion: report it with this chunk",
    Reason.TRACKING: "the solver had to leave the measured motion: check its markers and the ground height",
    Reason.PENETRATION: "check the ground height of the sequence",
    Reason.RESERVE: "muscles are too weak for this motion: check mass, scaling and markers",
    Reason.SOLVER_SETUP: "install gcc, or set trajectory.use_compiler to false; let results/cache be written",
    Reason.TIME_LIMIT: "a guard against a hang: run again; if it comes back, see the log, or raise "
    "limits.chunk_deadline_s",
    Reason.MEMORY_LIMIT: "raise limits.chunk_memory_mb, or run fewer jobs at a time",
    Reason.CRASH: "see the log of the job",
}

# Ends that belong to the machine or the moment, not to the data: memory of the node, a full disk, a hang that a guard
# ended, a broken compiler. They never count as a result: the next run of their job tries again.
OF_THE_MOMENT = frozenset({Reason.SOLVER_SETUP, Reason.TIME_LIMIT, Reason.MEMORY_LIMIT, Reason.CRASH})


@dataclass(frozen=True)
class StageStatus:
    """Outcome of one stage for one sequence, subject or chunk.

    `stage` is the stage that decided; a stage that only passes an upstream failure on keeps it unchanged.
    """

    stage: str
    status: Status = Status.OK
    reason: Reason = Reason.NONE
    detail: str = ""
    remedy: str = ""
    t_start_s: float | None = None
    t_end_s: float | None = None
    attempt: int = 1
    iterations: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    max_rss_mb: float = 0.0
    warnings: tuple[str, ...] = field(default=())
    finding: Finding = NO_FINDING

    @property
    def ok(self) -> bool:
        """Whether the stage succeeded."""
        return self.status is Status.OK

    @property
    def message(self) -> str:
        """One line for a person: reason, detail, remedy."""
        if self.ok:
            return "ok"
        return f"{self.stage}: {self.reason.value}: {self.detail} ({self.remedy or REMEDY[self.reason]})"

    def to_json(self) -> dict[str, Any]:
        """Plain values for a bundle's record."""
        out = asdict(self)
        out["status"], out["reason"], out["warnings"] = self.status.value, self.reason.value, list(self.warnings)
        del out["finding"]
        return out | ({"finding": self.finding.to_json()} if self.finding else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageStatus:
        """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for what no stage writes."""
        data = dict(data)
        data["status"], data["reason"] = Status(data["status"]), Reason(data["reason"])
        data["warnings"] = tuple(data.get("warnings", ()))
        data["finding"] = Finding.from_json(data.get("finding", {}))
        status = cls(**data)
        if not all(isinstance(text, str) for text in (status.stage, status.detail, status.remedy, *status.warnings)):
            raise ValueError("a text of a status is none")
        if not all(type(count) is int and 0 <= count < 2**31 for count in (status.attempt, status.iterations)):
            raise ValueError(f"attempt {status.attempt!r}, iterations {status.iterations!r}")
        used = (status.wall_s, status.cpu_s, status.max_rss_mb)
        times = tuple(time for time in (status.t_start_s, status.t_end_s) if time is not None)
        if not all(type(each) in (int, float) and math.isfinite(each) for each in used + times) or min(used) < 0:
            raise ValueError(f"times {times!r}, wall_s, cpu_s and max_rss_mb {used!r}")
        return status


class StageError(Exception):
    """A failure that belongs to the data: the stage's entry point turns it into a status, never a crash."""

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        status: Status = Status.FAILED,
        remedy: str = "",
        t_start_s: float | None = None,
        t_end_s: float | None = None,
        finding: Finding = NO_FINDING,
    ) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason, self.detail, self.status = reason, detail, status
        self.remedy, self.t_start_s, self.t_end_s = remedy, t_start_s, t_end_s
        self.finding = finding

    @property
    def told(self) -> str:
        """What was found and what to do about it, for a page or a command."""
        return f"{self.detail}. Remedy: {self.remedy or REMEDY[self.reason]}"

    def as_status(self, stage: str, **extra: Any) -> StageStatus:
        """The failure as the status of a stage."""
        return StageStatus(
            stage,
            self.status,
            self.reason,
            self.detail,
            self.remedy or REMEDY[self.reason],
            self.t_start_s,
            self.t_end_s,
            finding=self.finding,
            **extra,
        )
