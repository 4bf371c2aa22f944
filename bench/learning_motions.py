"""Motions to learn from: recorded clips on bodies of many shapes, as AMASS files with labels in BABEL's format.

Embedded clips and BVH files of the data folder (MINT_SHARED) are put on each body as the workflow puts them on one:
legs reach, feet stand still. Each motion has its own pace; some are mirrored, some perturbed; of long recordings each
body gets another part. All of it follows from the number of the body: the same files on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from runs import unless_same
from scipy.spatial.transform import Rotation
from trials import ROOT, SHARED

from mint.body.on_skeleton import put_on, skeleton_of
from mint.body.source_shape import Person
from mint.config.validate import ValidateConfig
from mint.core.atomic import write_text
from mint.formats.bvh_motion import read_bvh
from mint.formats.trials import Given
from mint.inputs.demo_motion import recipes, retarget
from mint.inputs.retarget_clip import read_clip
from mint.retarget.joints import mirrored
from mint.retarget.pose import to_smpl
from mint.retarget.subject import Subject, read_subject
from trajectory import NOISE_M, NOISE_RAD, smooth_noise

Array = np.ndarray[Any, Any]

DATASET = "MintLearn"
BODY_JOINTS = 22
# Standard deviation of the first shape components: people, not extremes.
SHAPES, SHAPE_SD = 8, 0.7
PACE = (0.88, 1.14)
MIRRORED_SHARE, PERTURBED_SHARE = 0.5, 0.3
PERTURBED = 0.5
SHORTEST = 0.9
EMBEDDED = {
    "walk": "walk",
    "run": "run",
    "jump": "jump",
    "kick": "kick",
    "punch": "punch",
    "spin": "spin",
    "dance_a": "dance",
    "dance_b": "dance",
}


@dataclass(frozen=True)
class Recording:
    """A BVH file: its name, category of BABEL, the rate that its notes tell, and how long a part each body gets [s]
    (0: all of it)."""

    file: str
    action: str
    rate_hz: float | None = None
    part_s: float = 0.0


RECORDINGS = {
    "bnr_walk": Recording("BNR_dataset-1_walk_normal_001.bvh", "walk", part_s=6.0),
    "bnr_turn": Recording("BNR_dataset-2_walk-turn-left_normal_001.bvh", "turn"),
    "bnr_kick": Recording("BNR_dataset-1_kick_normal_001.bvh", "kick", part_s=6.0),
    "mass_dance": Recording("MASS_dance.bvh", "dance"),
    "mass_kick": Recording("MASS_kick.bvh", "kick"),
    "cmu_jump": Recording("CMU_01_01.bvh", "jump", part_s=6.0),
    "cmu_salsa": Recording("CMU_salsa_60_10.bvh", "dance", 60.0, part_s=6.0),
}


@dataclass(frozen=True)
class Body:
    """One body: its number and name, gender and `betas (16,)`."""

    number: int
    name: str
    gender: str
    betas: Array


def body(number: int) -> Body:
    """The body of a number, from 1 on."""
    betas = np.zeros(16)
    betas[:SHAPES] = SHAPE_SD * np.random.default_rng([number, 0]).normal(size=SHAPES)
    return Body(number, f"body{number:02d}", ("female", "male")[number % 2], np.round(betas, 3))


def bodies(count: int) -> list[Body]:
    """The first of the bodies."""
    return [body(number) for number in range(1, count + 1)]


def write_motions(folder: Path, clips: Path, models: Path, count: int) -> list[dict[str, Any]]:
    """Motions and labels of the first bodies below a folder; rows of the sequence table.

    What this code has made of so many bodies before is used again.
    """
    known = folder / "rows.json"
    sources = [
        Path(__file__),
        *sorted((ROOT / "workflow/mint/retarget").glob("*.py")),
        *(SHARED / "motion" / "bvh" / each.file for each in RECORDINGS.values()),
    ]
    hasher = sha256(str(count).encode())
    for source in sources:
        hasher.update(source.read_bytes())
    made_by = hasher.hexdigest()
    if known.is_file() and (told := json.loads(known.read_text(encoding="utf-8")))["made_by"] == made_by:
        return [dict(row) for row in told["rows"]]
    rows, labels = [], {}
    for body in bodies(count):
        subject = read_subject(models / body.gender / "model.npz", body.betas)
        for number, (name, action, rate_hz, poses, trans) in enumerate(_motions(clips, models, body, subject)):
            generator = np.random.default_rng([body.number, 1, number])
            rate_hz *= float(np.round(generator.uniform(*PACE), 3))
            if generator.random() < MIRRORED_SHARE:
                poses, trans = mirror(poses, trans, subject.pelvis_smpl)
            if generator.random() < PERTURBED_SHARE:
                poses, trans = perturb(poses, trans, rate_hz, generator)
            path = folder / "amass" / DATASET / body.name / f"{name}_poses.npz"
            write_amass(path, body, rate_hz, poses, trans)
            rows.append(
                {
                    "sequence_id": f"{body.name}_{name}",
                    "source": "amass",
                    "dataset": DATASET,
                    "subject": body.name,
                    "path": str(path),
                }
            )
            sid = 2_000_000 + len(rows)
            labels[str(sid)] = _label(sid, f"{DATASET}/{DATASET}/{body.name}/{path.name}", action, len(poses) / rate_hz)
    write_text(folder / "babel" / "train.json", json.dumps(labels, indent=1))
    write_text(known, json.dumps({"made_by": made_by, "rows": rows}))
    return rows


def _motions(clips: Path, models: Path, body: Body, subject: Subject) -> Iterator[tuple[str, str, float, Array, Array]]:
    """Name, action, rate [Hz], `poses (n,156)` rad and `trans (n,3)` m of every motion on a body, at its own pace."""
    for recipe in recipes():
        if recipe.clip in EMBEDDED:
            # As recorded, a clip is shorter on a small body.
            recipe = replace(recipe, frames=round(SHORTEST * recipe.frames)) if recipe.treatment == "plain" else recipe
            result = retarget(read_clip(clips / f"humanoid3d_{recipe.clip}.txt"), recipe, subject)
            poses, trans = to_smpl(result.body, subject)
            trans[:, 2] -= result.floor
            yield recipe.clip, EMBEDDED[recipe.clip], recipe.rate_hz, poses, trans
    for number, (name, recording) in enumerate(RECORDINGS.items()):
        path = SHARED / "motion" / "bvh" / recording.file
        rate_hz, own_rate_hz, poses, trans = on_body(path, recording.rate_hz, models, body, subject)
        part = round(recording.part_s * own_rate_hz) or len(poses)
        spare = max(len(poses) - part, 0)
        start = round(spare * np.random.default_rng([body.number, 2, number]).random())
        yield name, recording.action, rate_hz, poses[start : start + part], trans[start : start + part]


def on_body(
    path: Path, rate_hz: float | None, models: Path, body: Body, subject: Subject
) -> tuple[float, float, Array, Array]:
    """A BVH file on a body: rate there and in the file [Hz], `poses (n,156)` rad, `trans (n,3)` m.

    Times scale with the square root of lengths: free flight keeps the acceleration of gravity.
    """
    trial = read_bvh(path, ValidateConfig(), Given(body.gender, rate_hz))
    skeleton = skeleton_of(str(path), trial, Person(body.gender, None, None, str(models), None), [])
    placed = put_on(subject, skeleton)
    own_rate_hz = float(trial.header.rate_hz)
    return own_rate_hz / float(np.sqrt(subject.scale(skeleton.leg_m))), own_rate_hz, placed.poses, placed.trans


def write_amass(path: Path, body: Body, rate_hz: float, poses: Array, trans: Array) -> None:
    """Write an AMASS file of a body, `poses (n,156)` rad and `trans (n,3)` m, unless it is there already."""
    with unless_same(path) as written, written.open("wb") as handle:
        np.savez(
            handle,
            poses=poses,
            trans=trans,
            betas=body.betas,
            dmpls=np.zeros((len(poses), 8)),
            gender=np.array(body.gender),
            mocap_framerate=np.array(rate_hz),
        )


def mirror(poses: Array, trans: Array, pelvis: Array) -> tuple[Array, Array]:
    """The motion seen in a mirror: y of AMASS's ground the other way, left and right joints exchanged.

    `pelvis (3,)` m is where the pelvis lies at rest: `trans` is added to it.
    """
    turns = poses.reshape(len(poses), -1, 3)[:, mirrored()] * [1.0, -1.0, -1.0]
    ground, body = np.diag([1.0, -1.0, 1.0]), np.diag([-1.0, 1.0, 1.0])
    root = Rotation.from_rotvec(poses[:, :3]).as_matrix()
    turns[:, 0] = Rotation.from_matrix(ground @ root @ body).as_rotvec()
    return turns.reshape(len(poses), -1), (trans + pelvis) @ ground - pelvis


def perturb(poses: Array, trans: Array, rate_hz: float, generator: np.random.Generator) -> tuple[Array, Array]:
    """Smooth noise on joints and root, as in the suite of the trajectory; fingers stay."""
    columns = 3 * BODY_JOINTS
    noisy = poses.copy()
    noisy[:, :columns] += PERTURBED * NOISE_RAD * smooth_noise(len(poses), columns, rate_hz, generator)
    return noisy, trans + PERTURBED * NOISE_M * smooth_noise(len(poses), 3, rate_hz, generator)


def _label(sid: int, path: str, action: str, duration_s: float) -> dict[str, Any]:
    label = {"raw_label": action, "proc_label": action, "act_cat": [action], "seg_id": f"mint-{sid}-0"}
    return {
        "babel_sid": sid,
        "url": "",
        "feat_p": path,
        "dur": round(duration_s, 2),
        "frame_ann": None,
        "seq_ann": {"babel_lid": f"mint-{sid}", "anntr_id": "mint-0", "mul_act": False, "labels": [label]},
    }
