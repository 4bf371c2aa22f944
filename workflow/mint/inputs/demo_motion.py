"""The embedded motions: real motion capture of a simplified humanoid, retargeted to two subjects, as AMASS files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mint.core.atomic import atomic_path, write_text
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.inputs.demo_motion_card import card_text
from mint.inputs.retarget_clip import LEG_LENGTH_M, Clip, read_clip
from mint.inputs.retarget_cycle import closed, repeated, resampled, seam_error_deg, smoothed
from mint.inputs.retarget_stance import find_stances
from mint.inputs.retarget_stand import with_stand
from mint.inputs.retarget_swivel import YAW, comfortable, turned_foot
from mint.retarget.balance import balanced
from mint.retarget.feet import FootReport, floor_height, level, measured, plant
from mint.retarget.motion import Motion
from mint.retarget.pose import BodyMotion, cut, to_body, to_smpl
from mint.retarget.subject import Subject, read_subject

Array = np.ndarray[Any, Any]

DATASET = "MintDemo"
CUTOFF_HZ = 6.0
MAX_SLIP_M = 0.03
_ROUNDS = 3
# Name, gender, first shape coefficients (16 in the file, the rest 0): a short woman and a tall man.
SUBJECTS: dict[str, tuple[str, tuple[float, ...]]] = {
    "demo_f": ("female", (-0.5, 0.2, -0.3, 0.0, 0.3, 0.0, -0.4, 0.3)),
    "demo_m": ("male", (0.6, 0.3, 0.4, 0.0, -0.3, 0.2, 0.4, 0.0)),
}
_FILE = {"getup": "getup_facedown"}


@dataclass(frozen=True)
class Recipe:
    """One row of `resources/demo_clips.csv`."""

    clip: str
    use: str
    treatment: str
    cycles: int
    heading_deg: float
    before_share: float
    skip_s: float
    frames: int
    rate_hz: float
    both: bool

    @property
    def subjects(self) -> list[str]:
        """Subjects that the clip is made for."""
        return list(SUBJECTS) if self.both else list(SUBJECTS)[:1]


@dataclass(frozen=True)
class Result:
    """A retargeted clip: the body's motion, its floor height m, seam error deg, foot reports by side, 95th
    percentile of the feet's turn about the vertical deg."""

    body: BodyMotion
    floor: float
    seam_deg: float
    distinct_s: float
    balance_m: tuple[float, float]
    feet: dict[str, FootReport]
    foot_turn_deg: float


def recipes() -> list[Recipe]:
    """The table of embedded motions."""
    return [
        Recipe(
            str(r["clip"]),
            str(r["use"]),
            str(r["treatment"]),
            int(r["cycles"]),
            float(r["heading_deg"]),
            float(r["before_share"]),
            float(r["skip_s"]),
            int(r["frames"]),
            float(r["rate_hz"]),
            r["both"] == "yes",
        )
        for r in table("demo_clips").to_dict("records")
    ]


def retarget(clip: Clip, recipe: Recipe, subject: Subject) -> Result:
    """One clip on one subject.

    Lengths scale with leg length and times with its square root (dynamic similarity at the same Froude
    number), so that free flight keeps the acceleration of gravity.
    Raises StageError if the recipe cycles a clip that does not wrap or is longer than the clip allows.
    """
    motion, scale = clip.motion, subject.scale(LEG_LENGTH_M)
    heading = np.radians(recipe.heading_deg)
    seam = seam_error_deg(motion, heading) if clip.wraps else float("nan")
    if recipe.treatment == "cycle":
        if not clip.wraps:
            raise StageError(Reason.FIELD_VALUE, f"{clip.name}: Loop is not wrap, so it cannot be cycled")
        motion = repeated(closed(motion, heading), recipe.cycles, heading)
    pace = np.sqrt(scale)
    rate = recipe.rate_hz
    count = int(motion.duration_s * pace * rate) + 1
    uniform = resampled(motion, motion.time_s[0] + np.arange(count) / rate / pace)
    uniform = smoothed(Motion(np.arange(count) / rate, uniform.root, uniform.balls, uniform.hinges), rate, CUTOFF_HZ)
    body = to_body(uniform, subject, rate, scale)
    floors = {side: floor_height(body, leg, side) for side, leg in subject.legs.items()}
    floor = sum(floors.values()) / 2
    if recipe.treatment == "stand":
        extra = max(recipe.frames - body.frames, 0)
        before = round(extra * recipe.before_share)
        body = with_stand(body, subject.legs, before, extra - before, floors)
    feet: dict[str, FootReport] = {}
    balance_m, foot_turn_deg = (float("nan"), float("nan")), float("nan")
    if recipe.use == "demo":
        body, feet, balance_m, foot_turn_deg = grounded(body, subject, floors, floor)
    first = round(recipe.skip_s * rate)
    if first + recipe.frames > body.frames:
        raise StageError(Reason.TOO_SHORT, f"{clip.name}: {body.frames} frames at {rate} Hz, {recipe.frames} wanted")
    distinct = min(clip.motion.duration_s * pace, recipe.frames / rate)
    return Result(cut(body, first, first + recipe.frames), floor, seam, float(distinct), balance_m, feet, foot_turn_deg)


def grounded(
    body: BodyMotion, subject: Subject, floors: dict[str, float], floor: float
) -> tuple[BodyMotion, dict[str, FootReport], tuple[float, float], float]:
    """The motion on feet that stand still, balanced over them, with legs inside human ranges.

    Where a foot stands and how it is turned depend on each other through the root, so both are found in turn.
    """
    legs = subject.legs
    stances = find_stances(body, subject, floors)
    feet = {side: level(body, leg, side, stances[side], floor) for side, leg in legs.items()}
    unknowns = {side: np.zeros((body.frames, 4)) for side in legs}
    as_recorded = float("nan")
    for number in range(_ROUNDS):
        trial = replace(cut(body, 0, body.frames), root=body.root.copy())  # shifted in place
        for side in legs:
            trial.foot[side] = turned_foot(body.foot[side], unknowns[side])
        reports = {side: plant(trial, leg, side, feet[side], floor) for side, leg in legs.items()}
        before, after = balanced(trial, subject, floor, stances)
        as_recorded = before if number == 0 else as_recorded
        for side, leg in legs.items():
            unknowns[side] = comfortable(
                trial, leg, side, stances[side], body.foot[side], unknowns[side], turn_feet=number < _ROUNDS - 1
            )
    reports = {side: measured(trial, legs[side], side, floor, report) for side, report in reports.items()}
    turned = np.degrees(np.percentile(np.abs([unknowns[side][:, YAW] for side in legs]), 95))
    return trial, reports, (as_recorded, after), float(turned)


def build(clips_folder: str | Path, body_folder: str | Path, output_folder: str | Path) -> pd.DataFrame:
    """Write `MintDemo/<subject>/<clip>_poses.npz` for every row of the table, a data card and a table of facts.

    `clips_folder` holds `humanoid3d_*.txt`, `body_folder` `{gender}/model.npz`. The files have AMASS's fields;
    the floor is z = 0. Returns the table of facts. Deterministic. Raises StageError if a clip or body is
    unusable, or a stance foot slides more than 3 cm.
    """
    clips_folder, output = Path(clips_folder), Path(output_folder) / DATASET
    rows = []
    for name, (gender, shape) in SUBJECTS.items():
        betas = np.zeros(16)
        betas[: len(shape)] = shape
        subject = read_subject(Path(body_folder) / gender / "model.npz", betas)
        for recipe in recipes():
            if name not in recipe.subjects:
                continue
            clip = read_clip(clips_folder / f"humanoid3d_{_FILE.get(recipe.clip, recipe.clip)}.txt")
            result = retarget(clip, recipe, subject)
            _write_amass(output / name / f"{recipe.clip}_poses.npz", result, subject, gender, betas)
            rows.append(_facts(name, gender, subject, clip, recipe, result))
    facts = pd.DataFrame(rows)
    with atomic_path(output / "demo_motion.csv") as temporary:
        facts.to_csv(temporary, index=False)
    write_text(output / "DATA_CARD.md", card_text(facts, clips_folder))
    worst = max(rows, key=lambda row: float(np.nan_to_num(row["max_stance_slip_m"])))
    if worst["max_stance_slip_m"] > MAX_SLIP_M:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{worst['subject']} {worst['clip']}: a stance foot slides "
            f"{worst['max_stance_slip_m']:.3f} m, at most {MAX_SLIP_M} is allowed",
        )
    return facts


def _write_amass(path: Path, result: Result, subject: Subject, gender: str, betas: Array) -> None:
    poses, trans = to_smpl(result.body, subject)
    trans[:, 2] -= result.floor
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(
            handle,
            poses=poses,
            trans=trans,
            betas=betas,
            dmpls=np.zeros((len(poses), 8)),
            gender=np.array(gender),
            mocap_framerate=np.array(result.body.rate_hz),
        )


def _facts(name: str, gender: str, subject: Subject, clip: Clip, recipe: Recipe, result: Result) -> dict[str, Any]:
    feet = result.feet.values()
    return {
        "subject": name,
        "gender": gender,
        "clip": recipe.clip,
        "use": recipe.use,
        "treatment": recipe.treatment,
        "wraps": clip.wraps,
        "seam_deg": round(result.seam_deg, 1),
        "distinct_s": round(result.distinct_s, 3),
        "total_s": round((recipe.frames - 1) / recipe.rate_hz, 3),
        "frames": recipe.frames,
        "frame_rate_hz": recipe.rate_hz,
        "leg_scale": round(subject.scale(LEG_LENGTH_M), 4),
        "stance_slip_as_recorded_m": round(max((f.slip_before_m for f in feet), default=float("nan")), 4),
        "max_stance_slip_m": round(max((f.slip_m for f in feet), default=float("nan")), 4),
        "stance_gap_p95_m": round(max((f.gap_m for f in feet), default=float("nan")), 4),
        "foot_turn_p95_deg": round(result.foot_turn_deg, 1),
        "zmp_outside_as_recorded_m": round(result.balance_m[0], 3),
        "zmp_outside_m": round(result.balance_m[1], 3),
    }
