"""Both feature sets of a motion file of any format that tells the poses of a body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.body.shape import stature_m, volume_m3
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
            Reason.FIELD_MISSING, f"{path}: its content is {form.name}: {form.title}; poses of a body are expected",
            remedy="name a file of body poses (AMASS, SMPL-X, SMPL or BVH); markers become poses where a body is "
            "fitted to them, as MoSh++ does")
    density = BodyConfig().density_kg_m3 if density_kg_m3 is None else density_kg_m3
    person = Person(gender or "neutral", mass_kg, height_m, str(model_dir), density)
    validated = checked(Path(path), source, config or ValidateConfig(), Given(gender, frame_rate_override, subject),
                        human or HumanConfig(), person)
    return _features(validated, person, density)


def _features(validated: Bundle, person: Person, density_kg_m3: float) -> Features:
    gender, betas, warnings = str(validated.meta["gender"]), validated["betas"], list(validated.status.warnings)
    model = target_model(Person(gender, None, None, person.model_dir, None), warnings)
    rest = model.vertices(betas)
    motion = body_motion(validated["poses"], validated["trans"], float(validated.meta["frame_rate_hz"]),
                         model.regressor @ rest)
    mass = density_kg_m3 * volume_m3(rest, model.faces) if person.mass_kg is None else person.mass_kg
    stature = stature_m(rest) if person.height_m is None else person.height_m
    of_joints = humanml3d.features(motion.joints)
    in_gravity = gravity.features(motion, gravity.Body(np.asarray(betas), gender, mass, stature))
    status = StageStatus(STAGE, warnings=tuple(dict.fromkeys(warnings)))
    return Features(of_joints, in_gravity[: len(of_joints)], status)
