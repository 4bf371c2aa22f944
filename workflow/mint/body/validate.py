"""Stage validate: an untrusted file goes in; clean motion, or one clear message, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.body.validate_amass import read_amass
from mint.body.validate_trc import read_markers
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError

STAGE = "validate"


def run(
    path: str | Path,
    source: str,
    output: str | Path,
    config: ValidateConfig,
    *,
    gender: str | None = None,
    frame_rate_override: float | None = None,
    human: HumanConfig | Mapping[str, Any] | None = None,
    others: Sequence[str | Path] | None = None,
) -> Bundle:
    """Check one motion file and write `validated.npz`.

    `source` is `amass` or `trc`. `gender` and `frame_rate_override` [Hz] of the sequence table replace what
    the file says. `human` (a section, or its values) says how people stand; `others` are further marker files of
    the same person, which are asked where this one does not tell what is up. A bad file becomes a status naming
    file, field and remedy; nothing is raised.
    """
    try:
        limits = HumanConfig.model_validate(human or {})
        if source == "amass":
            bundle = read_amass(path, config, gender, frame_rate_override, limits)
        elif source == "trc":
            bundle = read_markers(path, config, frame_rate_override, limits, others or ())
        else:
            raise StageError(Reason.FIELD_VALUE, f"source {source!r} of {path} is neither amass nor trc")
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle
