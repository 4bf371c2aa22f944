"""Both feature sets of a motion file of any format that tells the poses of a body, and of poses in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.shape import stature_m, volume_m3
from mint.body.shape_model import ShapeModel
from mint.body.source_shape import Person, target_model
from mint.body.validate import checked
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.registry import format_of
from mint.formats.trials import Given
from mint.learning.motion import gravity, humanml3d
from mint.learning.motion.joints import RATE_HZ, body_motion
from mint.learning.motion.layout import Floats32

Floats = NDArray[np.float64]

STAGE = "features"


@dataclass(frozen=True)
class Features:
    """`humanml3d (n, 263)` and `gravity (n, D)` of the same instants, row k at k / `rate_hz` s.

    HumanML3D's row needs the frame after, so that both sets end one frame before the motion. `status` is ok and holds
    the warnings of reading.
    """

    humanml3d: Floats32
    gravity: Floats32
    status: StageStatus
    rate_hz: float = RATE_HZ


def sequence_features(
    path: str | Path,
    *,
    model_dir: str | Path,
    source: str | None = None,
    gender: str | None = None,
    frame_rate_override: float | None = None,
    subject: str | None = None,
    mass_kg: float | None = None,
    height_m: float | None = None,
    density_kg_m3: float | None = None,
    config: ValidateConfig | None = None,
    human: HumanConfig | None = None,
) -> Features:
    """Features of a whole sequence, read and checked as stage validate does, on the SMPL-H body of `model_dir`.

    Arguments named like columns of the sequence table mean the same. Mass and stature of the gravity features are
    those given, else those of the shaped body, whose volume weighs `density_kg_m3` (default: that of stage body).
    Raises StageError for a bad file, and for markers, which are no poses of a body.
    """
    form = format_of(path, source)
    if form.kind != "poses":
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: its content is {form.name}: {form.title}; poses of a body are expected",
            remedy="name a file of body poses (AMASS, SMPL-X, SMPL or BVH); markers become poses where a body is "
            "fitted to them, as MoSh++ does",
        )
    density = BodyConfig().density_kg_m3 if density_kg_m3 is None else density_kg_m3
    person = Person(gender or "neutral", mass_kg, height_m, str(model_dir), density)
    validated = checked(
        Path(path),
        source,
        config or ValidateConfig(),
        Given(gender, frame_rate_override, subject),
        human or HumanConfig(),
        person,
    )
    return _features(validated, person, density)


def pose_features(
    poses: Floats,
    trans: Floats,
    betas: Floats,
    rate_hz: float,
    model_dir: str | Path,
    gender: str = "neutral",
    mass_kg: float | None = None,
    height_m: float | None = None,
    density_kg_m3: float | None = None,
) -> Features:
    """Features of `poses (n, >= 66)` rad and `trans (n, 3)` m, z up, at `rate_hz`, on the SMPL-H body of `model_dir`
    with `betas (16,)`.

    Nothing is checked: `sequence_features` does that for files. Mass and stature as there. Raises StageError where
    there is no body model, or fewer than three frames at 20/s.
    """
    model, warnings = _model(str(model_dir), gender)
    rest = model.vertices(betas)
    motion = body_motion(poses, trans, rate_hz, model.regressor @ rest)
    density = BodyConfig().density_kg_m3 if density_kg_m3 is None else density_kg_m3
    mass = density * volume_m3(rest, model.faces) if mass_kg is None else mass_kg
    stature = stature_m(rest) if height_m is None else height_m
    of_joints = humanml3d.features(motion.joints)
    in_gravity = gravity.features(motion, gravity.Body(np.asarray(betas), gender, mass, stature))
    return Features(of_joints, in_gravity[: len(of_joints)], StageStatus(STAGE, warnings=warnings))


def rest_joints(betas: Floats, model_dir: str | Path, gender: str = "neutral") -> Floats:
    """Joints `(52, 3)` m at rest of the SMPL-H body with `betas (16,)`. Raises StageError without a body model."""
    model, _ = _model(str(model_dir), gender)
    return np.asarray(model.regressor @ model.vertices(betas))


def _features(validated: Bundle, person: Person, density_kg_m3: float) -> Features:
    found = pose_features(
        validated["poses"],
        validated["trans"],
        validated["betas"],
        float(validated.meta["frame_rate_hz"]),
        person.model_dir,
        str(validated.meta["gender"]),
        person.mass_kg,
        person.height_m,
        density_kg_m3,
    )
    warnings = dict.fromkeys((*validated.status.warnings, *found.status.warnings))
    return replace(found, status=StageStatus(STAGE, warnings=tuple(warnings)))


# Thousands of short motions are made on one body: its files of tens of megabytes are read once.
@lru_cache(maxsize=len(gravity.GENDERS))
def _model(model_dir: str, gender: str) -> tuple[ShapeModel, tuple[str, ...]]:
    warnings: list[str] = []
    return target_model(Person(gender, None, None, model_dir, None), warnings), tuple(warnings)
