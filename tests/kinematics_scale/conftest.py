"""A subject of known proportions: the generic model scaled by hand, its markers, and a motion of its coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, write_trc
from mint.kinematics import scale
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics, task_weights
from mint.kinematics.inverse.problem import Problem, objective
from mint.kinematics.inverse.reference import FINE_ACCURACY, inverse_kinematics
from mint.kinematics.inverse.solver import solve
from mint.kinematics.model.coordinates import coordinate_rows, set_coordinate_ranges
from mint.kinematics.model.export import load_model
from mint.kinematics.model.marker_sets import read_marker_set
from mint.kinematics.scaling.model import marker_positions, replace_markers

MASS_KG = 70.0
FACTORS = {
    "pelvis sacrum": (1.05, 1.03, 1.01),
    "lumbar5 lumbar4 lumbar3 lumbar2 lumbar1 Abdomen": (1.05, 1.1, 1.01),
    "torso": (0.95, 1.08, 1.04),
    "head": (1.02, 1.02, 1.02),
    "femur_r femur_l patella_r patella_l": (1.1, 0.93, 1.1),
    "tibia_r tibia_l": (1.06, 0.96, 1.06),
    "talus_r talus_l calcn_r calcn_l toes_r toes_l": (1.04, 1.04, 0.97),
    "humerus_r humerus_l": (0.92, 0.9, 0.92),
    "ulna_r ulna_l radius_r radius_l hand_r hand_l": (1.07, 1.07, 1.07),
}
# Amplitude deg, frequency Hz, mean deg.
MOTION = {
    "pelvis_tilt": (10, 0.5, -5),
    "pelvis_list": (5, 0.9, 0),
    "pelvis_rotation": (20, 0.3, 60),
    "hip_flexion_r": (30, 0.9, 15),
    "hip_adduction_r": (6, 0.9, -2),
    "hip_rotation_r": (8, 0.9, 3),
    "knee_angle_r": (28, 0.9, 32),
    "ankle_angle_r": (14, 0.9, 3),
    "subtalar_angle_r": (5, 0.9, 1),
    "hip_flexion_l": (-30, 0.9, 15),
    "hip_adduction_l": (6, 0.9, -2),
    "hip_rotation_l": (-8, 0.9, 3),
    "knee_angle_l": (-28, 0.9, 32),
    "ankle_angle_l": (-14, 0.9, 3),
    "subtalar_angle_l": (-5, 0.9, 1),
    "L5_S1_Flex_Ext": (2, 0.9, -2),
    "L5_S1_Lat_Bending": (1.5, 0.9, 0),
    "L5_S1_axial_rotation": (2, 0.9, 0),
    "neck_flexion": (10, 0.7, 0),
    "neck_rotation": (20, 0.4, 0),
    "arm_flex_r": (25, 0.9, 0),
    "arm_add_r": (10, 0.5, -50),
    "arm_rot_r": (10, 0.6, 0),
    "elbow_flex_r": (20, 0.9, 40),
    "pro_sup_r": (20, 0.4, 90),
    "arm_flex_l": (-25, 0.9, 0),
    "arm_add_l": (10, 0.5, -50),
    "arm_rot_l": (10, 0.6, 0),
    "elbow_flex_l": (-20, 0.9, 40),
    "pro_sup_l": (20, 0.4, 90),
}


@dataclass
class Subject:
    """Files and bundle of the scaled subject, and its rest markers."""

    folder: Path
    bundle: Bundle
    rest: dict[str, Any]

    @property
    def osim(self) -> Path:
        return self.folder / "scaled.osim"

    @property
    def leg(self) -> Path:
        return self.folder / "leg.osim"


@dataclass
class Moving:
    """Markers `positions (n, 67, 3)` of the scaled model for coordinates `q (n, m)` in model order."""

    names: list[str]
    positions: Any
    coordinates: list[str]
    q: Any
    trc: Path


def marked_model(osim: Path) -> Any:
    model = load_model(osim)
    set_coordinate_ranges(model, coordinate_rows("pose2sim"))
    markers = read_marker_set("smplh67", "pose2sim")
    replace_markers(model, markers, markers.names)
    return model


def rest_markers(osim: Path, factors: dict[str, tuple[float, float, float]]) -> dict[str, Any]:
    """Markers in the default pose of the generic model scaled by `factors`, its lowest marker at y = 0."""
    model = marked_model(osim)
    state = model.initSystem()
    scales = opensim.ScaleSet()
    for bodies, values in factors.items():
        for body in bodies.split():
            item = opensim.Scale()
            item.setSegmentName(body)
            item.setScaleFactors(opensim.Vec3(*values))
            item.setApply(True)
            scales.cloneAndAppend(item)
    assert model.scale(state, scales, True, MASS_KG)
    points = marker_positions(model, model.initSystem())
    lowest = min(p[1] for p in points.values())
    return {name: p - [0, lowest, 0] for name, p in points.items()}


def write_body(path: Path, points: dict[str, Any], mass_kg: float = MASS_KG) -> Path:
    Bundle.of(
        "body",
        {"rest_markers": np.array(list(points.values())), "marker_names": list(points)},
        {"mass_kg": mass_kg, "rest_source": "shape"},
    ).write(path)
    return path


def run_scale(osim: Path, body: Path, folder: Path, **options: Any) -> Bundle:
    return scale.run(
        osim,
        [body],
        "smplh67",
        "pose2sim",
        folder / "scaled.osim",
        folder / "leg.osim",
        folder / "leg_model.json",
        folder / "scale.npz",
        options.pop("config", KinematicsConfig()),
        **options,
    )


@pytest.fixture(scope="session")
def subject(pose2sim_osim: Path, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    folder = tmp_path_factory.mktemp("subject")
    rest = rest_markers(pose2sim_osim, FACTORS)
    bundle = run_scale(pose2sim_osim, write_body(folder / "body.npz", rest), folder)
    assert bundle.ok, bundle.status.message
    return Subject(folder, bundle, rest)


@pytest.fixture(scope="session")
def moving(subject: Subject) -> Moving:
    """240 frames of all MOTION coordinates, walking along x at 1 m/s."""
    names = read_marker_set("smplh67", "pose2sim").names
    kinematics = MarkerKinematics(load_model(subject.osim), names)
    independent = kinematics.names
    frames = np.arange(240)
    time = frames / 50
    reduced = np.tile(kinematics.neutral, (len(frames), 1))
    for name, (amplitude, frequency, mean) in MOTION.items():
        angle = mean + amplitude * np.sin(2 * np.pi * frequency * time + 0.3)
        reduced[:, independent.index(name)] = np.radians(angle)
    reduced[:, independent.index("pelvis_tx")] = time
    reduced[:, independent.index("pelvis_ty")] = 0.93 + 0.02 * np.sin(2 * np.pi * 1.8 * time)
    positions = np.array([kinematics.positions(row) for row in reduced])
    trc = subject.folder / "all.trc"
    write_trc(trc, MarkerTable(names, positions, np.round(time, 2), 50.0))
    return Moving(names, positions, kinematics.coordinates, np.array([kinematics.full(row) for row in reduced]), trc)


def assert_tools_minimum(folder, osim, names, points, weights, tasks):
    """Noisy `points (n, k, 3)` m: our objective is not above that of OpenSim's tool, and markers end in the same place."""
    points = (points + np.random.default_rng(5).normal(0, 0.01, points.shape)).round(6)  # as a .trc has them
    times = np.arange(len(points)) / 50
    weights = {name: weights[name] for name in names}
    ours = solve(load_model(osim), names, points, times, weights, tasks, KinematicsConfig().tolerance_rad)
    coordinates, theirs, _ = inverse_kinematics(
        folder, osim, MarkerTable(names, points, times, 50.0), weights, tasks, FINE_ACCURACY
    )
    kinematics = MarkerKinematics(load_model(osim), names)
    for row, frame in enumerate(points):
        problem = Problem(frame, np.array(list(weights.values())), task_weights(kinematics, tasks), kinematics.neutral)
        costs, rms = [], []
        for order, q in ((ours.coordinates, ours.q[row]), (coordinates, theirs[row])):
            q = q[[order.index(name) for name in kinematics.names]]
            placed = kinematics.positions(q)
            costs.append(objective(problem, q, placed))
            rms.append(np.sqrt(np.mean(np.sum((placed - frame) ** 2, axis=1))))
        # The tool stops short of the minimum, by how much depends on the processor (0.24 % at most seen): what is below
        # its objective is no error as long as the markers end in the same place.
        assert costs[1] * (1 - 5e-3) <= costs[0] <= costs[1] * (1 + 1e-6)
        assert rms[0] == pytest.approx(rms[1], abs=1e-4)
