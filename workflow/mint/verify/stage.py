"""Stage verify: OpenSim judges a solution, independently of the solver that found it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mint.config.verify import VerifyConfig
from mint.core.ahead import Ahead
from mint.core.bundle import Bundle, passed_on
from mint.core.status import REMEDY, StageError, StageStatus, Status
from mint.verify import limits, metrics, muscles
from mint.verify.leg_dynamics import PELVIS_ROTATIONS, PELVIS_TRANSLATIONS, LegDynamics, leg
from mint.verify.reactions import joint_reactions
from mint.verify.skeleton import skeleton_arrays

STAGE = "verify"
_PELVIS = (*PELVIS_ROTATIONS, *PELVIS_TRANSLATIONS)


read_paths = Ahead(Bundle.read)


def ahead(leg_osim: str | Path, paths_path: str | Path, config: VerifyConfig) -> None:
    """Make ahead what all windows of a subject share (`mint.core.ahead`), which does not depend on `config`."""
    leg.ahead(leg_osim)
    read_paths.ahead(paths_path)


def run(
    trajectory_path: str | Path,
    ik_path: str | Path,
    leg_osim: str | Path,
    output: str | Path,
    config: VerifyConfig,
    paths_path: str | Path | None = None,
) -> Bundle:
    """Judge one chunk and write verify.npz; a broken limit gives status `discarded`.

    `paths_path` is the subject's muscle_paths.npz (default: beside the leg model). Besides the contract the
    bundle holds `frames`, `coordinates`, `residual_force_N`, `residual_moment_Nm`, `penetration_m (n, 12)`,
    `reaction_joints` and `reaction` (`mint.verify.reactions`), the bodies' places (`skeleton_*`) and, in
    meta, `violations` and `range_excess_deg` by coordinate (reported only).
    """
    try:
        trajectory, ik = Bundle.read(trajectory_path), Bundle.read(ik_path)
        bundle = passed_on(ik, trajectory)
        if bundle is None:
            paths_path = Path(paths_path or Path(leg_osim).parent / "muscle_paths.npz")
            paths = read_paths(paths_path) if paths_path.is_file() else None
            bundle = judge(trajectory, ik, leg_osim, paths if paths is not None and paths.ok else None, config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def judge(trajectory: Bundle, ik: Bundle, leg_osim: str | Path, paths: Bundle | None, config: VerifyConfig) -> Bundle:
    """All metrics and the verdict. Raises `StageError` if the bundles and the model do not fit together."""
    names = trajectory.names("coordinates")
    dynamics = LegDynamics(leg_osim, names)
    q = np.asarray(trajectory["q"], dtype=float)
    inside = limits.judged(len(q), config.edge_frames)
    found = metrics.residuals(dynamics, trajectory)
    depth = metrics.penetration(dynamics, q)
    tracked, error = metrics.tracking_error(trajectory, ik)
    passive = set(trajectory.meta.get("passive_coordinates") or ())
    rotational = {name: bool(dynamics.record["coordinates"][name]["rotational"]) for name in names}
    moments = {name: found.inverse_dynamics[:, i] for i, name in enumerate(names)}
    verdicts = [
        limits.residual_violations(found, inside, config),
        limits.tracking_violations(tracked, error, rotational, passive, inside, config),
        limits.penetration_violations(depth, dynamics.spheres, inside, config),
        limits.reserve_violations(
            trajectory.names("reserve_coordinates"), trajectory["reserve"], moments, inside, config
        ),
    ]
    violations = [violation for found_violations, _ in verdicts for violation in found_violations]
    values: dict[str, float] = {name: value for _, numbers in verdicts for name, value in numbers.items()}
    values |= _force_metrics(dynamics, trajectory, found, inside)
    values |= _muscle_metrics(dynamics, trajectory, found, paths, config)
    arrays = {
        "frames": trajectory["frames"],
        "coordinates": trajectory["coordinates"],
        "inverse_dynamics": found.inverse_dynamics,
        "residual_force_N": found.force_N,
        "residual_moment_Nm": found.moment_Nm,
        "penetration_m": depth,
        **joint_reactions(dynamics, trajectory),
        **skeleton_arrays(dynamics.record, names, q),
    }
    meta = {
        "metrics": values,
        "violations": [v.detail for v in violations],
        "range_excess_deg": _range_excess(dynamics, names, q),
    }
    return Bundle(_status(violations, trajectory), arrays, meta)


def _status(violations: list[limits.Violation], trajectory: Bundle) -> StageStatus:
    if not violations:
        return StageStatus(STAGE)
    details = [f"{v.detail} at {_time(trajectory, v.frame_index):.2f} s" for v in violations]
    if suspect := trajectory.meta.get("suspect"):
        details.append(suspect)
    first = violations[0]
    t = _time(trajectory, first.frame_index)
    return StageStatus(
        STAGE,
        Status.DISCARDED,
        first.reason,
        "; ".join(details),
        REMEDY[first.reason],
        t,
        t,
        finding=first.finding,
    )


def _time(trajectory: Bundle, index: int) -> float:
    return round(int(trajectory["frames"][index]) / 50, 2)


def _force_metrics(
    dynamics: LegDynamics, trajectory: Bundle, found: metrics.Residuals, inside: slice
) -> dict[str, float]:
    """Ground force in body weights, stored moments and forces against OpenSim's."""
    names = trajectory.names("coordinates")
    joints = [i for i, name in enumerate(names) if name not in _PELVIS]
    vertical = trajectory["sphere_force_N"][:, :, 1].sum(axis=1) / dynamics.weight_N()
    difference = found.inverse_dynamics[:, joints] - trajectory["tau"][:, joints]
    worst = int(np.argmax(np.abs(difference[inside]).max(axis=0)))
    own = metrics.own_contact_error(dynamics, trajectory)
    return {
        "peak_vertical_force_BW": float(vertical[inside].max()),
        "mean_vertical_force_BW": float(vertical.mean()),
        "peak_vertical_force_edges_BW": float(vertical.max()),
        "joint_moment_difference_max_Nm": float(np.abs(difference[inside][:, worst]).max()),
        "joint_moment_difference_rms_Nm": float(np.sqrt(np.mean(difference[inside] ** 2))),
        "own_contact_difference_max_N": float(own.max()),
    }


def _muscle_metrics(
    dynamics: LegDynamics,
    trajectory: Bundle,
    found: metrics.Residuals,
    paths: Bundle | None,
    config: VerifyConfig,
) -> dict[str, float]:
    """Muscle lengths and moments against OpenSim at a few frames; not where a spring acts as well."""
    frames = muscles.chosen_frames(len(trajectory["q"]), config.muscle_frames, config.edge_frames)
    if not frames:
        return {}
    out: dict[str, float] = {}
    if paths is not None:
        errors = muscles.length_errors(dynamics, trajectory, paths, frames)
        out["muscle_length_error_max_m"] = float(np.abs(errors).max())
        out["muscle_length_error_rms_m"] = float(np.sqrt(np.mean(errors**2)))
    names, reserves = trajectory.names("coordinates"), trajectory.names("reserve_coordinates")
    differences = []
    for name, moment in muscles.muscle_moments(dynamics, trajectory, frames).items():
        if name in (trajectory.meta.get("passive_coordinates") or ()):
            continue
        total = moment + (trajectory["reserve"][frames, reserves.index(name)] if name in reserves else 0.0)
        differences.append(total - found.inverse_dynamics[frames, names.index(name)])
    if differences:
        out["muscle_moment_difference_max_Nm"] = float(np.abs(differences).max())
        out["muscle_moment_difference_rms_Nm"] = float(np.sqrt(np.mean(np.square(differences))))
    return out


def _range_excess(dynamics: LegDynamics, names: list[str], q: np.ndarray[Any, Any]) -> dict[str, float]:
    """How far each angle leaves the model's range, in degrees (only those that do)."""
    out = {}
    for i, name in enumerate(names):
        c = dynamics.record["coordinates"][name]
        excess = max(float((c["lo"] - q[:, i]).max()), float((q[:, i] - c["hi"]).max()))
        if c["rotational"] and excess > 0:
            out[name] = float(np.degrees(excess))
    return out
