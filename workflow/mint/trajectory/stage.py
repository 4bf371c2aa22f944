"""Stage trajectory: a motion and a leg model go in; consistent motion, ground forces and leg muscles come out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import BPoly

from mint.config.trajectory import TrajectoryConfig
from mint.core.ahead import Ahead
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import FRAME_RATE_HZ, time_s
from mint.core.status import Reason, StageError, StageStatus
from mint.support.feet import soles_of
from mint.trajectory.attempts.diagnosis import named, said, suspects
from mint.trajectory.attempts.legs import solve_joint
from mint.trajectory.attempts.results import muscle_arrays, skeleton_arrays, weakness
from mint.trajectory.attempts.work import MILLION, Attempts
from mint.trajectory.compiled.toolchain import find_toolchain
from mint.trajectory.feet.given import with_plates
from mint.trajectory.feet.guide import no_guide, step_guide
from mint.trajectory.feet.height import pelvis_height_offset
from mint.trajectory.mesh.blocks import Blocks, load_or_build
from mint.trajectory.model.tree import Tree, build_tree, read_model
from mint.trajectory.muscles.path_derivatives import LegPaths
from mint.trajectory.muscles.paths import PathSet, outside, reach, read_paths
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.leg import make_legs, paths_of_legs
from mint.trajectory.problems.skeleton import make_scales
from mint.trajectory.solvers.linear_solver import LinearSolver, linear_solver

Array = np.ndarray[Any, Any]
STAGE = "trajectory"


@dataclass(frozen=True)
class Subject:
    """What all windows of a subject share: its leg model (`leg_model.json`) as it was read and as a tree, equations of
    motion, paths of muscles and their derivatives by side, and the linear solver."""

    record: dict[str, Any]
    tree: Tree
    blocks: Blocks
    paths: PathSet
    leg_paths: dict[str, LegPaths]
    solver: LinearSolver


@Ahead
def subject(
    leg_model_path: str | Path, muscle_paths_path: str | Path, cache: str | Path, config: TrajectoryConfig
) -> Subject:
    """Read a subject. Raises `StageError` (FILE_CORRUPT, FIELD_MISSING, MODEL_INCOMPLETE, SOLVER_SETUP)."""
    solver = linear_solver(config, cache)
    record = read_model(leg_model_path)
    tree = build_tree(record)
    blocks = load_or_build(tree, cache, find_toolchain(config.compiler, config.use_compiler))
    paths = read_paths(Bundle.read(muscle_paths_path))
    return Subject(record, tree, blocks, paths, paths_of_legs(paths, tree), solver)


def ahead(
    leg_model_path: str | Path, muscle_paths_path: str | Path, cache: str | Path, config: TrajectoryConfig
) -> None:
    """Make ahead what all windows of a subject share (`mint.core.ahead`)."""
    if Bundle.read(muscle_paths_path).ok:
        subject.ahead(leg_model_path, muscle_paths_path, cache, config)


def run(
    leg_model_path: str | Path,
    muscle_paths_path: str | Path,
    ik_path: str | Path,
    support_path: str | Path,
    cache: str | Path,
    output: str | Path,
    config: TrajectoryConfig | None = None,
    measured_path: str | Path | None = None,
) -> Bundle:
    """Solve one chunk and write the bundle of docs/reference/files.md (trajectory.npz); a failure becomes its status.

    `measured_path` is the measured.npz of the sequence, read where `ground_force` is tracked.
    """
    config = config or TrajectoryConfig()
    started = time.monotonic()
    attempts, slow, given = Attempts(work_limit=round(config.work_limit * MILLION)), "", None
    try:
        ik, support = Bundle.read(ik_path), Bundle.read(support_path)
        bundle = passed_on(ik, support, Bundle.read(muscle_paths_path))
        if bundle is None:
            whole = subject(leg_model_path, muscle_paths_path, cache, config)
            attempts.linear_solver, slow = whole.solver.options, whole.solver.warning
            belt = np.array(support.meta.get("belt_velocity_m_s", [0.0, 0.0, 0.0]), dtype=float)
            if config.ground_force == "tracked" and measured_path is not None:
                support, given = _with_plates(whole, ik, support, measured_path, config)
            bundle = solve_window(whole, ik, support, belt, config, attempts)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE), meta={"attempts": attempts.to_json()})
    if bundle.ok and given is not None:
        bundle.meta["given_share"] = given
    if bundle.status.stage == STAGE:
        bundle.meta |= {"work": attempts.work / MILLION, "work_limit": config.work_limit, "linear_solver_slow": slow}
        bundle.status = replace(
            bundle.status,
            iterations=attempts.iterations,
            attempt=max(1, len(attempts.rows)),
            wall_s=round(time.monotonic() - started, 3),
            warnings=(*bundle.status.warnings, *([slow] if slow else [])),
        )
    bundle.write(output)
    return bundle


def _with_plates(
    whole: Subject, ik: Bundle, support: Bundle, measured_path: str | Path, config: TrajectoryConfig
) -> tuple[Bundle, float]:
    """What is known of the feet, with what the plates measured, and the share of both feet's frames that they tell."""
    measured = Bundle.read(measured_path)
    if not measured.ok:
        return support, 0.0
    tree = whole.tree
    soles = soles_of(whole.record, ik.names("leg_coordinates"), ik["leg_q"])
    return with_plates(support, measured, soles, tree.mass * float(np.linalg.norm(tree.gravity)), config.given)


def solve_window(
    whole: Subject, ik: Bundle, support: Bundle, belt_velocity: Array, config: TrajectoryConfig, attempts: Attempts
) -> Bundle:
    """Solve one window. Raises `StageError` (NOT_FINITE, FIELD_MISSING, OUT_OF_FITTED_RANGE, NOT_CONVERGED,
    WORK_LIMIT)."""
    tree, blocks, paths = whole.tree, whole.blocks, whole.paths
    factor = config.mesh_factor
    step_s = 1.0 / (FRAME_RATE_HZ * factor)
    target = refined(tracked_motion(ik, tree), factor)
    scales = make_scales(tree, config)
    target[:, :, scales.passive] = 0.0
    gravity = float(np.linalg.norm(tree.gravity))
    limits = reach(paths, tree.coordinates, np.radians(config.range_tolerance_deg))
    guide = step_guide(
        support, len(target), factor, tree.mass * gravity, config.step_point_weight, config.step_force_weight
    )
    case = SkeletonCase(tree, blocks, scales, target, step_s, belt_velocity, config, limits, guide)
    height = tree.coordinates.index("pelvis_ty")
    offset, need = pelvis_height_offset(case.dynamics, target, height, tree.mass, gravity)
    target[:, 0, height] += offset
    excess = np.radians(config.range_excess_deg)
    if beyond := outside(target[:, 0], (limits[0] - excess, limits[1] + excess), tree.coordinates):
        found = beyond[0][1]
        raise StageError(
            Reason.OUT_OF_FITTED_RANGE,
            "; ".join(text for text, _ in beyond),
            finding=replace(found, node=(found.node or 0) // factor),
        )
    unusual = suspects(
        replace(case, target=target[::factor], step_s=1.0 / FRAME_RATE_HZ, guide=no_guide(len(ik["frames"]))), ik
    )
    legs = make_legs(whole.record, paths, case, whole.leg_paths)
    try:
        solution = solve_joint(case, legs, attempts)
    except StageError as error:
        raise named(error, unusual) from error
    arrays, meta = skeleton_arrays(case, solution.motion)
    arrays |= muscle_arrays(legs, solution, paths.muscles)
    warnings = weakness(case, legs, solution, arrays["tau"])
    arrays = {name: values if values.dtype.kind == "U" else values[::factor] for name, values in arrays.items()}
    frames = ik["frames"]
    meta |= {
        "attempts": attempts.to_json(),
        "pelvis_height_offset_m": offset,
        "needed_mean_force_N": need,
        "belt_velocity_m_s": belt_velocity.tolist(),
        "formulation": "joint",
        "linear_solver": config.linear_solver,
        "suspect": said(unusual),
        "reserve_share": solution.reserve_share,
        "compiled": blocks.compiled,
        "passive_coordinates": [tree.coordinates[i] for i in scales.passive],
    }
    if not blocks.compiled:
        warnings.append("no C compiler: the interpreter was used")
    status = StageStatus(
        STAGE, t_start_s=time_s(int(frames[0])), t_end_s=time_s(int(frames[-1])), warnings=tuple(warnings)
    )
    return Bundle(status, {"frames": np.asarray(frames), **arrays}, meta)


def refined(motion: Array, factor: int) -> Array:
    """Positions, speeds and accelerations (factor (K - 1) + 1, 3, n) on a mesh `factor` times as fine as that of
    `motion (K, 3, n)`: the quintic through all three between two nodes."""
    if factor == 1:
        return motion
    coarse = np.arange(len(motion)) / FRAME_RATE_HZ
    fine = np.arange(factor * (len(motion) - 1) + 1) / (FRAME_RATE_HZ * factor)
    between = BPoly.from_derivatives(coarse, motion)
    out = np.stack([between(fine), between(fine, 1), between(fine, 2)], axis=1)
    out[::factor] = motion
    return out


def tracked_motion(ik: Bundle, tree: Tree) -> Array:
    """Motion (K, 3, n) in the tree's coordinates. Raises `StageError` for missing or non-finite coordinates."""
    names = ik.names("leg_coordinates")
    missing = [c for c in tree.coordinates if c not in names]
    if missing:
        raise StageError(Reason.FIELD_MISSING, f"ik.npz, leg_coordinates: {missing}")
    index = [names.index(c) for c in tree.coordinates]
    target = np.stack([ik[key][:, index] for key in ("leg_q", "leg_qd", "leg_qdd")], axis=1).astype(float)
    if not np.isfinite(target).all():
        frame, _, coordinate = np.argwhere(~np.isfinite(target))[0]
        raise StageError(Reason.NOT_FINITE, f"ik.npz, {tree.coordinates[coordinate]}, frame {ik['frames'][frame]}")
    return target
