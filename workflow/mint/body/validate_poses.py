"""Checks of body poses of any format: sizes, units, speeds, frame rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.root_units import check_root_units
from mint.body.speeds import check_speeds
from mint.body.upright import turned_poses, up_of_poses
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.limits import MotionHeader
from mint.formats.trials import PoseTrial

Floats = NDArray[np.float64]


def checked_poses(path: str | Path, trial: PoseTrial, config: ValidateConfig, human: HumanConfig) -> Bundle:
    """Poses `(N,156)` rad, `trans (N,3)` m, z up, `betas (16,)`, gender and frame rate. Raises StageError."""
    poses, trans, rate = trial.poses, trial.trans, trial.header.rate_hz
    warnings = list(trial.warnings)
    _check_limit(path, "betas", np.abs(trial.betas), config.max_beta, "standard deviations", Reason.FIELD_VALUE)
    _check_limit(path, "poses", np.abs(poses), config.max_rotation_rad, "rad", Reason.FIELD_VALUE)
    up = up_of_poses(str(path), poses, trans, human)
    poses, trans = turned_poses(poses, trans, up.axis)
    warnings += [*up.warnings, *check_root_units(str(path), poses, trans, rate, config)]
    _check_limit(path, "trans", np.abs(trans), config.max_position_m, "m", Reason.FIELD_VALUE)
    warnings += check_speeds(str(path), poses, trans, rate, config)
    meta = {
        **trial.meta,
        "gender": trial.gender,
        "frame_rate_hz": rate,
        "path": str(path),
        **up.meta,
        **stated(trial.header),
    }
    arrays = {"poses": poses, "trans": trans, "betas": trial.betas}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)), arrays, meta)


def stated(header: MotionHeader) -> dict[str, float | None]:
    """What the file itself says about its rate, for the record: an override may have replaced it."""
    return {"stated_rate_hz": header.stated_hz, "stated_duration_s": header.elapsed_s}


def _check_limit(path: str | Path, field: str, magnitudes: Floats, limit: float, unit: str, reason: Reason) -> None:
    if magnitudes.size and float(magnitudes.max()) > limit:
        worst = float(magnitudes.max())
        degrees = field == "poses" and worst <= np.rad2deg(limit)
        where = np.unravel_index(int(np.argmax(magnitudes)), magnitudes.shape)
        what = "coefficient" if field == "betas" else "frame"
        raise StageError(
            reason,
            f"{path}: field {field}, {what} {int(where[0])}: {worst:.4g} {unit}, limit {limit:g}"
            + (f"; as degrees it would be {np.deg2rad(worst):.2f} rad" if degrees else ""),
        )
