"""Stage body: clean motion goes in; mass, stature, ground, rest markers and part heights come out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.declared import Declared, Size
from mint.body.events import recorded
from mint.body.ground import find_ground
from mint.body.human import judge_poses
from mint.body.marker_map import read_marker_map
from mint.body.optical import measure_optical
from mint.body.parts import FEET, PARTS, lowest, part_vertices
from mint.body.resample import resample_positions, resample_rotations
from mint.body.shape import open_edges, rest_markers, stature_m, volume_m3
from mint.body.smplh import JOINTS, BodyModel, load
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.status import StageError, StageStatus
from mint.formats.ground_frame import z_up_to_y_up

STAGE = "body"
Floats = NDArray[np.float64]


def run(
    validated_path: str | Path,
    model_dir: str | Path | None,
    marker_map_csv: str | Path | None,
    output: str | Path,
    config: BodyConfig,
    *,
    static_path: str | Path | None = None,
    marker_bodies: Mapping[str, str] | None = None,
    human: HumanConfig | Mapping[str, Any] | None = None,
    mass_kg: float | None = None,
    height_m: float | None = None,
) -> Bundle:
    """Write `body.npz` of one sequence (contract in docs/reference/files.md).

    `model_dir` and `marker_map_csv` default to the configuration's. For optical markers `static_path` is the
    static trial that shapes the subject and `marker_bodies` maps marker to the OpenSim body that carries it.
    `human` (a section, or its values) says what a person's motion is like; `mass_kg` and `height_m` are declared in the
    sequence table.
    A failure becomes a status; nothing is raised.
    """
    try:
        validated = Bundle.read(validated_path)
        limits, declared = HumanConfig.model_validate(human or {}), Declared(mass_kg, height_m)
        bundle = passed_on(validated)
        if bundle is None and validated.meta["kind"] == "markers":
            bundle = measure_optical(validated, config, static_path, marker_bodies, limits, declared)
        elif bundle is None:
            bundle = measure_body(
                validated,
                model_dir or config.model_dir,
                marker_map_csv or config.marker_map,
                config,
                limits,
                declared,
            )
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def measure_body(
    validated: Bundle,
    model_dir: str | Path,
    marker_map_csv: str | Path,
    config: BodyConfig,
    human: HumanConfig,
    declared: Declared,
) -> Bundle:
    """Body of a sequence of body poses. Raises StageError."""
    model = load(model_dir, str(validated.meta["gender"]))
    names, vertices = read_marker_map(marker_map_csv, model)
    betas = validated["betas"]
    measured, warnings = _shape(model, betas, config)
    heights, lowest_marker, rest, joints = _heights(model, validated, vertices, config)
    size = Size(measured["stature_m"], measured["mass_kg"], "the mesh")
    verdict = judge_poses(validated, joints, size, declared, human)
    soles = heights[:, [PARTS.index(foot) for foot in FEET]]
    ground = find_ground(soles, lowest_marker, config)
    arrays = {
        "rest_markers": rest,
        "marker_names": np.asarray(names),
        "heights": heights - ground.ground_m,
        "part_names": np.asarray(PARTS),
    }
    meta = {
        **measured,
        "source": validated.meta["source"],
        "kind": "poses",
        "frame_rate_hz": float(validated.meta["frame_rate_hz"]),
        "gender": model.gender,
        "rest_source": "shape",
        "ground_m": ground.ground_m,
        "ground_paper_m": ground.paper_m,
        "ground_method": ground.method,
        "slow_share": ground.slow_share,
        **recorded(str(validated.meta.get("path")), verdict.events, human.jump_margin_s),
    }
    told = (*model.warnings, *warnings, *ground.warnings, *verdict.texts)
    return Bundle(StageStatus(STAGE, warnings=told), arrays, meta)


def _shape(model: BodyModel, betas: Floats, config: BodyConfig) -> tuple[dict[str, Any], list[str]]:
    from mint.body.forward import rest_vertices

    rest = rest_vertices(model, betas)
    volume = volume_m3(rest, model.faces)
    holes = open_edges(model.faces)
    warnings = [f"{model.path}: {holes} open edges: mass from volume is uncertain"] if holes else []
    return {
        "stature_m": stature_m(rest),
        "volume_m3": volume,
        "mass_kg": volume * config.density_kg_m3,
    }, warnings


def _heights(
    model: BodyModel, validated: Bundle, markers: NDArray[np.int64], config: BodyConfig
) -> tuple[Floats, Floats, Floats, Floats]:
    """Lowest height of parts `(K,P)` and markers `(K,)`, rest markers `(67,3)`, joints `(K,52,3)`; m, y up."""
    import torch

    from mint.body.forward import posed_batches, rest_vertices, shape_body

    rate = float(validated.meta["frame_rate_hz"])
    poses = resample_rotations(validated["poses"], rate)
    trans = resample_positions(validated["trans"], rate)
    parts = [*part_vertices(model.weights), markers]
    body = shape_body(model, validated["betas"])
    out = np.empty((len(poses), len(parts)))
    joints = np.empty((len(poses), JOINTS, 3))
    for frames, points, some_joints in posed_batches(
        body, poses, trans, batch=config.batch_frames, dtype=torch.float32
    ):
        out[frames] = lowest(z_up_to_y_up(points)[:, :, 1], parts)
        joints[frames] = z_up_to_y_up(some_joints)
    rest = rest_markers(rest_vertices(model, validated["betas"]), markers)
    return out[:, :-1], out[:, -1], rest, joints
