"""Stage trunk: a leg solution, the whole model's kinematics and the scaled model in, `trunk.npz` out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.trunk import TrunkConfig
from mint.core.ahead import Ahead
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import time_s
from mint.core.finding import Finding
from mint.core.status import REMEDY, Reason, StageError, StageStatus, Status
from mint.trunk.capacity import Capacity
from mint.trunk.demand import force_unit, ground_forces, pelvis_axes
from mint.trunk.model import Float, TrunkModel, load_model
from mint.trunk.motion import Motion, trunk_motion
from mint.trunk.optimize import Actors, TrunkSolution, choose_actors, optimize
from mint.trunk.paths import MusclePaths
from mint.trunk.reaction import lumbosacral_reaction
from mint.trunk.strands import missing_strands, strand_names
from mint.trunk.table import BALANCED, Role

STAGE = "trunk"


@Ahead
def subject(scaled_osim: str | Path, coordinate_table: str) -> TrunkModel:
    """The model of a subject, with what all windows read of its muscles. Raises `StageError` as `load_model` does."""
    model = load_model(scaled_osim, coordinate_table)
    MusclePaths(model, model.muscles)
    Capacity(model, model.muscles)
    return model


def ahead(scaled_osim: str | Path, config: TrunkConfig) -> None:
    """Make ahead what all windows of a subject share (`mint.core.ahead`)."""
    subject.ahead(scaled_osim, config.coordinate_table)


def run(
    trajectory_path: str | Path,
    ik_path: str | Path,
    scaled_osim: str | Path,
    output: str | Path,
    config: TrunkConfig,
    *,
    upstream: Sequence[str | Path] = (),
) -> Bundle:
    """Static optimization of the trunk over the window of a leg solution; writes and returns `trunk.npz`.

    `upstream` are further bundles (verify.npz) whose failure is passed on: a discarded solution is not worth a trunk.

    Arrays: `frames (n,)`, `muscles (M,)`, `activation, muscle_force_N (n, M)`, `reserve_coordinates (r,)`,
    `reserve, net_moment (n, r)` in `reserve_units (r,)`, Nm or N, `ideal_coordinates (k,)`, `ideal_moment (n, k)` N m,
    `struts (s,)`, `strut_force_N (n, s)`, `flagged (n,)`, `pelvis_residual (n, 6)` three forces N, three moments N m,
    `l5s1_reaction (n, 6)`, `l5s1_axis (3,)` (`mint.trunk.reaction`); meta `metrics`,
    `reserve_limit` of the judged coordinates, `muscles_without_arm`.
    """
    try:
        trajectory, ik = Bundle.read(trajectory_path), Bundle.read(ik_path)
        further = (Bundle.read(path) for path in upstream)
        bundle = passed_on(trajectory, ik, *further) or _solve(trajectory, ik, scaled_osim, config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    except KeyError as error:
        missing = StageError(Reason.FIELD_MISSING, f"{trajectory_path} or {ik_path}: {error}")
        bundle = Bundle(missing.as_status(STAGE))
    bundle.write(output)
    return bundle


def _solve(trajectory: Bundle, ik: Bundle, scaled_osim: str | Path, config: TrunkConfig) -> Bundle:
    model = subject(scaled_osim, config.coordinate_table)
    motion = trunk_motion(model, trajectory, ik)
    ground = ground_forces(model, trajectory)
    actors, given = actors_of(model, motion, trajectory)
    solution = optimize(model, motion, ground, actors, given, config)
    bundle = _bundle(model, motion, actors, solution, config)
    bundle.arrays |= lumbosacral_reaction(model, motion, ground, actors, solution, given)
    return bundle


def actors_of(model: TrunkModel, motion: Motion, trajectory: Bundle) -> tuple[Actors, Float]:
    """Who acts in a window, and forces (n, g) N of the muscles that the leg solution gives."""
    leg_muscles = trajectory.names("muscles") if "muscles" in trajectory else []
    actors = choose_actors(model, motion.q[0], leg_muscles)
    columns = [leg_muscles.index(name) for name in actors.given]
    return actors, trajectory["muscle_force_N"][:, columns] if columns else np.zeros((len(motion.frames), 0))


def reserve_limits(net_moment: Float, config: TrunkConfig) -> Float:
    """(r,) limit of each coordinate's reserve: a share of its peak net moment (n, r), at least the floor."""
    return np.maximum(config.max_reserve_share * np.abs(net_moment).max(axis=0), config.reserve_floor)


def _bundle(model: TrunkModel, motion: Motion, actors: Actors, solution: TrunkSolution, config: TrunkConfig) -> Bundle:
    names = model.names(*BALANCED)
    ideal = model.names(Role.IDEAL)
    limit = reserve_limits(solution.net_moment, config)
    judged = np.array([row.role is Role.MUSCLES for row in model.rows if row.role in BALANCED])
    excess = np.where(judged, np.abs(solution.reserve) / limit, 0.0)
    flagged = excess.max(axis=1) > 1.0
    translations, rotations = pelvis_axes(model)
    arrays = {
        "frames": motion.frames,
        "muscles": np.array(actors.muscles),
        "activation": solution.activation,
        "muscle_force_N": solution.muscle_force_N,
        "reserve_coordinates": np.array(names),
        "reserve": solution.reserve,
        "reserve_units": np.array([force_unit(model, name) for name in names], dtype=np.str_),
        "net_moment": solution.net_moment,
        "ideal_coordinates": np.array(ideal, dtype=np.str_),
        "ideal_moment": solution.demand[:, model.index(Role.IDEAL)],
        "struts": np.array(actors.struts, dtype=np.str_),
        "strut_force_N": solution.strut_N,
        "flagged": flagged,
        "pelvis_residual": solution.demand[:, translations + rotations],
    }
    force = np.linalg.norm(solution.demand[:, translations], axis=1)
    moment = np.linalg.norm(solution.demand[:, rotations], axis=1)
    metrics: dict[str, Any] = {
        "flagged_share": float(flagged.mean()),
        "pelvis_residual_max_percent_bw": float(100.0 * force.max() / model.weight_N),
        "pelvis_residual_rms_percent_bw": float(100.0 * np.sqrt(np.mean(force**2)) / model.weight_N),
        "pelvis_residual_moment_max_Nm": float(moment.max()),
        "objective_mean": float(np.mean(np.sum(solution.activation**2, axis=1))),
    }
    for j, name in enumerate(names):
        metrics[f"reserve_max_{name}_{force_unit(model, name)}"] = float(np.abs(solution.reserve[:, j]).max())
    meta = {
        "metrics": metrics,
        "coordinate_table": model.table_name,
        "model_mass_kg": model.mass_kg,
        "reserve_limit": {name: float(x) for name, x, j in zip(names, limit, judged, strict=True) if j},
        "muscles_without_arm": actors.without_arm,
    }
    warnings = _warnings(model, actors, metrics, config)
    status = _judge(model, motion, excess, solution, limit, flagged, config, warnings)
    return Bundle(status, arrays, meta)


def _warnings(model: TrunkModel, actors: Actors, metrics: dict[str, Any], config: TrunkConfig) -> tuple[str, ...]:
    out = []
    missing = missing_strands(model.muscles, model.table_name)
    if missing:
        out.append(
            f"the model lacks the muscles of {len(missing)} MinT strands that its kind has: "
            f"{', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}; their columns stay empty"
        )
    silent = strand_names(actors.without_arm, "trunk")
    if silent:
        out.append(
            f"{len(silent)} MinT strands have no moment arm at any trunk coordinate of this model: "
            f"{', '.join(sorted(silent)[:4])} ..."
        )
    residual = metrics["pelvis_residual_max_percent_bw"]
    if residual > 100.0 * config.max_pelvis_residual_share:
        out.append(f"pelvis residual of the trunk model is {residual:.1f} % of body weight")
    return tuple(out)


def _judge(
    model: TrunkModel,
    motion: Motion,
    excess: Float,
    solution: TrunkSolution,
    limit: Float,
    flagged: NDArray[np.bool_],
    config: TrunkConfig,
    warnings: tuple[str, ...],
) -> StageStatus:
    if float(flagged.mean()) <= config.max_flagged_share:
        return StageStatus(STAGE, warnings=warnings)
    frame, j = np.unravel_index(int(np.argmax(excess)), excess.shape)
    name = model.names(*BALANCED)[j]
    unit = force_unit(model, name)
    times = [time_s(int(k)) for k in motion.frames]
    reserve = abs(solution.reserve[frame, j])
    detail = (
        f"{name} needs a reserve of {reserve:.1f} {unit} at t = {times[frame]:.2f} s "
        f"(limit {limit[j]:.1f} {unit}); {int(flagged.sum())} of {len(flagged)} frames exceed it"
    )
    hit = np.flatnonzero(flagged)
    return StageStatus(
        STAGE,
        Status.DISCARDED,
        Reason.TRUNK_RESERVE,
        detail,
        REMEDY[Reason.TRUNK_RESERVE],
        times[int(hit[0])],
        times[int(hit[-1])],
        warnings=warnings,
        finding=Finding("reserve", coordinate=name, node=int(frame)),
    )
