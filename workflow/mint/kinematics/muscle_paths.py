"""Stage muscle_paths: polynomials of the 80 muscle-tendon lengths of one subject's leg model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.muscle_paths import MusclePathsConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.status import Reason, StageError, StageStatus
from mint.core.tables import table
from mint.kinematics.leg_model.muscles import lower_limb_names
from mint.kinematics.model.export import load_model, model_record
from mint.kinematics.model.forward_kinematics import Array
from mint.kinematics.paths.fit import PathFit, exponents, fit_path
from mint.kinematics.paths.sampling import SIDES, PathSamples, sample_paths
from mint.kinematics.paths.spans import sampled_ranges

STAGE = "muscle_paths"
_OTHER_SIDE = dict(zip(SIDES, reversed(SIDES), strict=True))
SAME_LENGTH_M, SAME_ARM_M = 1e-6, 1e-4  # of muscles that are mirror images, where both wrap alike


def run(
    leg_osim: str | Path, output: str | Path, config: MusclePathsConfig, upstream: Sequence[str | Path] = ()
) -> Bundle:
    """Fit and write the bundle of docs/reference/files.md (muscle_paths.npz); a failure becomes its status.

    Besides the contract: `range_coordinates (K,)`, `range_lo, range_hi (K,)` rad of the fit, and in meta
    `length_rmse_m, moment_arm_rmse_m, dropped` (share of poses off the muscle's smooth branch) per muscle.
    `upstream` are bundles (scale.npz) whose failure is passed on.
    """
    try:
        bundle = passed_on(*(Bundle.read(path) for path in upstream)) or _fitted(leg_osim, config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def _fitted(leg_osim: str | Path, config: MusclePathsConfig) -> Bundle:
    model = load_model(leg_osim)
    muscles = list(lower_limb_names(model))
    return fitted_bundle(sample_paths(model, model_record(model), muscles, config), muscles, config)


def fitted_bundle(samples: PathSamples, muscles: list[str], config: MusclePathsConfig) -> Bundle:
    """Polynomials of all muscles as one bundle; spans carry the muscle's side."""
    fits = fit_all(samples, muscles, config)
    arrays: dict[str, Any] = {"muscles": np.array(muscles)}
    for i, name in enumerate(muscles):
        arrays[f"span_{i}"] = np.array([f"{c}_{name[-1]}" for c in samples.spans[name]])
        arrays[f"exponents_{i}"] = fits[name].exponents
        arrays[f"coefficients_{i}"] = fits[name].coefficients
    coordinates, lo, hi = sampled_ranges()
    arrays["range_coordinates"] = np.array([f"{c}_{side}" for side in SIDES for c in coordinates])
    arrays["range_lo"], arrays["range_hi"] = np.tile(lo, len(SIDES)), np.tile(hi, len(SIDES))
    meta = {
        "length_rmse_m": {name: fits[name].length_rmse_m for name in muscles},
        "moment_arm_rmse_m": {name: fits[name].moment_arm_rmse_m for name in muscles},
        "dropped": {name: fits[name].dropped for name in muscles},
        "samples": len(samples.poses),
    }
    return Bundle(StageStatus(STAGE, warnings=tuple(_warnings(fits, config))), arrays, meta)


def fit_all(samples: PathSamples, muscles: list[str], config: MusclePathsConfig) -> dict[str, PathFit]:
    """One fit per muscle, or per pair of mirrored ones. Raises `StageError(MODEL_INCOMPLETE)` naming the muscle."""
    degrees = {str(row["muscle"]): int(row["degree"]) for _, row in table("muscle_path_degrees").iterrows()}
    fits: dict[str, PathFit] = {}
    for name in muscles:
        span, other = samples.spans[name], name[:-1] + _OTHER_SIDE[name[-1]]
        q: Array = samples.poses[:, [samples.coordinates.index(c) for c in span]]
        length, arm, agreed = samples.length[name], samples.moment_arm[name], np.ones(len(q), dtype=bool)
        if other in muscles and mirrored(samples, name, other):
            if other in fits:
                fits[name] = fits[other]
                continue
            # OpenSim's search for a wrapped path may take another branch on the other side of a symmetric model
            agreed = np.abs(length - samples.length[other]) < SAME_LENGTH_M
            agreed &= np.abs(arm - samples.moment_arm[other]).max(axis=1) < SAME_ARM_M
        if name[:-2] not in degrees:
            raise StageError(Reason.MODEL_INCOMPLETE, f"resources/muscle_path_degrees.csv lacks {name[:-2]}")
        try:
            fits[name] = fit_path(exponents(len(span), degrees[name[:-2]]), q, length, arm, agreed, config)
        except StageError as error:
            raise StageError(error.reason, f"muscle {name}: {error.detail}") from error
    return fits


def mirrored(samples: PathSamples, name: str, other: str) -> bool:
    """Whether muscles of two sides have the same length in most poses."""
    return (
        samples.spans[name] == samples.spans[other]
        and float(np.median(np.abs(samples.length[name] - samples.length[other]))) < SAME_LENGTH_M
    )


def _warnings(fits: dict[str, PathFit], config: MusclePathsConfig) -> list[str]:
    return [
        f"{name}: held-out error {1e3 * fit.length_rmse_m:.2f} mm of length, "
        f"{1e3 * fit.moment_arm_rmse_m:.2f} mm of moment arm"
        for name, fit in fits.items()
        if fit.length_rmse_m > config.length_rmse_m or fit.moment_arm_rmse_m > config.moment_arm_rmse_m
    ]
