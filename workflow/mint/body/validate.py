"""Stage validate: an untrusted file goes in; clean motion, or one clear message, comes out."""

from __future__ import annotations

from pathlib import Path

from mint.body.validate_markers import checked_markers
from mint.body.validate_poses import checked_poses
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.formats.registry import MarkerFormat, PoseFormat, format_of
from mint.formats.trials import Given

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
) -> Bundle:
    """Check one motion file and write `validated.npz`.

    `source` is the name of a format (`mint.formats.registry`), None to tell it by the content. `gender` and
    `frame_rate_override` [Hz] of the sequence table replace what the file says; `subject` chooses one of several
    people in it. A bad file becomes a status naming file, field and remedy; nothing is raised.
    """
    try:
        bundle = _checked(Path(path), source, config, Given(gender, frame_rate_override, subject))
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def _checked(path: Path, source: str | None, config: ValidateConfig, given: Given) -> Bundle:
    """The validated motion of a file of any format. Raises StageError."""
    form = format_of(path, source)
    if isinstance(form, PoseFormat):
        bundle = checked_poses(path, form.read(path, config, given), config)
    else:
        assert isinstance(form, MarkerFormat)
        bundle = checked_markers(path, form.read(path, config, given), config, given)
    return Bundle(bundle.status, bundle.arrays, {"source": form.name, "kind": form.kind, **bundle.meta})
