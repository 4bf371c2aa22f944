"""Stage validate: an untrusted file goes in; clean motion, or one clear message, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.body.on_skeleton import on_skeleton
from mint.body.on_smplh import on_smplh
from mint.body.source_shape import Person
from mint.body.validate_markers import checked_markers
from mint.body.validate_poses import checked_poses
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.formats.registry import MarkerFormat, PoseFormat, format_of
from mint.formats.trials import BodyPoses, Given, SkeletonTrial

STAGE = "validate"


def run(
    path: str | Path,
    source: str | None,
    output: str | Path,
    config: ValidateConfig,
    *,
    gender: str | None = None,
    frame_rate_override: float | None = None,
    subject: str | None = None,
    human: HumanConfig | Mapping[str, Any] | None = None,
    others: Sequence[str | Path] | None = None,
    mass_kg: float | None = None,
    height_m: float | None = None,
    model_dir: str | Path | None = None,
    density_kg_m3: float | None = None,
) -> Bundle:
    """Check one motion file and write `validated.npz`.

    `source` is the name of a format (`mint.formats.registry`), None to tell it by the content. `gender` and
    `frame_rate_override` [Hz] of the sequence table replace what the file says; `subject` chooses one of several
    people in it. `human` (a section, or its values) says how people stand; `others` are further marker files of the
    same person, which are asked where this one does not tell what is up. Poses of other bodies and skeletons are put
    on the SMPL-H body of `model_dir`; where the file does not tell its shape, one of `height_m` and `mass_kg` (at
    `density_kg_m3`) stands in. A bad file becomes a status naming file, field and remedy; nothing is raised.
    """
    try:
        given, limits = Given(gender, frame_rate_override, subject), HumanConfig.model_validate(human or {})
        known = Person("neutral", mass_kg, height_m, str(model_dir or ""), density_kg_m3)
        bundle = checked(Path(path), source, config, given, limits, known, others or ())
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def checked(
    path: Path,
    source: str | None,
    config: ValidateConfig,
    given: Given,
    human: HumanConfig,
    known: Person,
    others: Sequence[str | Path] = (),
) -> Bundle:
    """The validated motion of a file of any format, `given` and `known` being what its row says. Raises StageError."""
    form = format_of(path, source)
    if isinstance(form, PoseFormat):
        trial = form.read(path, config, given)
        if isinstance(trial, BodyPoses):
            trial = on_smplh(path, trial, replace(known, gender=trial.gender))
        elif isinstance(trial, SkeletonTrial):
            trial = on_skeleton(path, trial, replace(known, gender=trial.gender))
        bundle = checked_poses(path, trial, config, human)
    else:
        assert isinstance(form, MarkerFormat)
        bundle = checked_markers(path, form.read(path, config, given), config, given, human, others)
    return Bundle(bundle.status, bundle.arrays, {"source": form.name, "kind": form.kind, **bundle.meta})
