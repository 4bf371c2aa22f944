"""Synthetic results of every stage, from known functions of time, laid out as the workflow lays them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, Window, time_s, windows
from mint.core.finding import NO_FINDING, Finding
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, StageStatus, Status
from mint.core.tables import table

MASS_KG = 70.0
WEIGHT_N = MASS_KG * 9.80665
SPHERES = [f"s{i}_{side}" for side in "rl" for i in range(1, 7)]
COORDINATES = [
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
    "hip_flexion_r",
    "knee_angle_r",
    "hip_flexion_l",
    "knee_angle_l",
]
BODIES = [
    "pelvis",
    "femur_r",
    "tibia_r",
    "calcn_r",
    "toes_r",
    "femur_l",
    "tibia_l",
    "calcn_l",
    "toes_l",
    "torso",
    "head",
    "humerus_r",
    "radius_r",
    "humerus_l",
    "radius_l",
]
MARKERS = {"LASI": 0, "RKNE": 2, "RHEE": 3, "RTOE": 4, "T10": 9, "HEAD_TOP": 10}
JOINTS = [f"{joint}_{side}" for side in "rl" for joint in ("hip", "knee", "ankle")]
L5S1_AXIS = np.array([0.6, 0.8, 0.0])
PARENTS = [-1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 9, 11, 9, 13]


def leg_muscles() -> list[str]:
    rows = table("muscles_402")
    return [str(name)[3:] for name in rows["mint_column"][rows["region"] == "lower_limb"]]


def trunk_muscles() -> list[str]:
    """Trunk strands of the small model, shuffled order, and two fascicles without a MinT column."""
    rows = table("muscles_402")
    names = [name for name in rows["pose2sim_model"][rows["region"] == "trunk"] if isinstance(name, str)]
    return ["unnamed_fascicle_r", *names[::-1], "unnamed_fascicle_l"]


def activation_truth(frames: np.ndarray, count: int, phase: float = 0.0) -> np.ndarray:
    """Activation of muscle i at a frame: smooth, different for each muscle, within [0, 1]."""
    i = np.arange(count)
    return 0.45 + 0.4 * np.sin(0.11 * frames[:, None] + 0.7 * i + phase)


def cop_truth(frames: np.ndarray) -> np.ndarray:
    """Centre of pressure (n, 2, 3) m of right and left foot."""
    x = 0.01 * frames[:, None] + np.array([0.1, -0.05])
    z = np.broadcast_to(np.array([0.12, -0.11]), x.shape) + 0.01 * np.sin(0.2 * frames[:, None])
    return np.stack([x, np.zeros_like(x), z], axis=-1)


def torque_truth(frames: np.ndarray) -> np.ndarray:
    """Free vertical torque (n, 2) N m."""
    return np.stack([3.0 + np.sin(0.1 * frames), -2.0 + 0 * frames], axis=-1)


def force_truth(frames: np.ndarray) -> np.ndarray:
    """Ground force (n, 2, 3) N: stance of each foot in turn, with shear; the swing foot is unloaded."""
    swing = np.sin(2 * np.pi * frames / 60)
    right = np.clip(0.5 + 0.8 * swing, 0, 1)
    vertical = WEIGHT_N * np.stack([right, 1 - right], axis=-1)
    return np.stack([0.1 * vertical, vertical, -0.05 * vertical], axis=-1)


def sphere_truth(frames: np.ndarray) -> np.ndarray:
    """Points (n, 12, 3) m of the contact spheres: a foot stands where it is put down and swings while it is unloaded."""
    middle = np.array([45, 15])  # of the swing of right and left foot, frames
    x = 0.6 * np.floor((frames[:, None] - middle) / 60 + 1) + np.array([0.1, -0.05])
    feet = np.stack([x, np.zeros_like(x), np.broadcast_to([0.12, -0.11], x.shape)], axis=-1)
    along = np.array([[-0.08, 0, 0], [0.1, 0, -0.02], [0.1, 0, 0.02], [0.02, 0, 0], [0.14, 0, -0.02], [0.14, 0, 0.02]])
    return np.concatenate([feet[:, :1] + along, feet[:, 1:] + along], axis=1)


def moment_about_origin(force: np.ndarray, cop: np.ndarray, torque: np.ndarray) -> np.ndarray:
    out = np.cross(cop, force)
    out[..., 1] += torque
    return out


def position_truth(frames: np.ndarray) -> np.ndarray:
    """Positions (n, B, 3) m of a figure that walks along x and swings its limbs."""
    rest = np.array(
        [
            [0, 0.95, 0],
            [0, 0.9, 0.09],
            [0, 0.5, 0.1],
            [-0.04, 0.05, 0.1],
            [0.13, 0.03, 0.1],
            [0, 0.9, -0.09],
            [0, 0.5, -0.1],
            [-0.04, 0.05, -0.1],
            [0.13, 0.03, -0.1],
            [0, 1.1, 0],
            [0, 1.55, 0],
            [0, 1.42, 0.2],
            [0, 1.12, 0.25],
            [0, 1.42, -0.2],
            [0, 1.12, -0.25],
        ]
    )
    out = np.repeat(rest[None], len(frames), axis=0)
    swing = 0.3 * np.sin(2 * np.pi * frames / 60)[:, None]
    out[:, 2:5, 0] += swing * np.array([0.4, 1.0, 1.0])
    out[:, 6:9, 0] -= swing * np.array([0.4, 1.0, 1.0])
    out[:, [12, 14], 0] += np.concatenate([-swing, swing], axis=1)
    out[:, :, 0] += 0.01 * frames[:, None]
    return out


def moment_truth(frames: np.ndarray) -> np.ndarray:
    """Generalized forces (n, c) of `COORDINATES`."""
    return 20.0 * np.cos(0.07 * frames[:, None] + np.arange(len(COORDINATES)))


def reaction_truth(frames: np.ndarray) -> np.ndarray:
    """Loads (n, 6, 6) of `JOINTS`: force, then moment."""
    scale = np.array([200.0, -2000.0, 100.0, 5.0, 3.0, 1.0])
    return scale * (1.2 + np.sin(0.09 * frames[:, None, None] + np.arange(6)[:, None]))


class Project:
    """A results folder with synthetic stage results; chunk results can be changed or left out."""

    def __init__(self, folder: Path) -> None:
        self.results = folder / "results"
        self.root = folder
        self.plan: dict[str, Any] = {"sequences": {}, "subjects": {}}

    def add(
        self,
        name: str,
        last_frame: int,
        *,
        dataset: str = "KIT",
        subject: str = "s1",
        path: str | None = None,
        problem: StageStatus | None = None,
        notes: Sequence[str] = (),
        **extra: Any,
    ) -> dict[str, Any]:
        record = {
            "sequence_id": name,
            "source": "amass",
            "kind": "poses",
            "path": path or f"amass/{name}_poses.npz",
            "dataset": dataset,
            "subject": subject,
            "gender": None,
            "mass_kg": None,
            "height_m": None,
            "frame_rate_override": None,
            "static_path": None,
            "marker_set": None,
            "belt_velocity_m_s": None,
            "babel_sid": -1,
            "subject_id": f"{dataset}-{subject}",
            "last_frame": last_frame,
            "duration_s": time_s(last_frame),
            "windows": [asdict(w) for w in windows(last_frame)],
            "problem": problem.to_json() if problem else None,
            **extra,
        }
        self.plan["sequences"][name] = record
        own = {"gender": "female", "path": record["path"], "notes": list(notes)}
        Bundle.of("validate", {"poses": np.zeros((1, 156))}, own).write(self.file(name, "validated.npz"))
        heights = {"heights": np.zeros((max(last_frame, 0) + 1, 2)), "part_names": ["foot_r", "foot_l"]}
        Bundle.of("body", heights, {"mass_kg": MASS_KG, "stature_m": 1.72}).write(self.file(name, "body.npz"))
        return record

    def file(self, name: str, file: str) -> Path:
        path = self.results / "sequences" / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def paths(self, name: str, chunk: int) -> dict[str, Path]:
        return {
            stage: self.file(name, f"chunks/{chunk:03d}/{stage}.npz")
            for stage in ("ik", "support", "trajectory", "verify", "trunk")
        }

    def markers(self, name: str, chunk: int) -> Path:
        return self.file(name, f"chunks/{chunk:03d}/markers.trc")

    def mark(self, name: str, change: Callable[[Window, np.ndarray, np.ndarray], None] | None = None) -> None:
        """Write the markers of every chunk with a margin of 10 frames; `change(window, frames, positions)` may edit them."""
        for values in self.plan["sequences"][name]["windows"]:
            window = Window(**values)
            frames = np.arange(max(window.start - 10, 0), window.stop + 11)
            positions = position_truth(frames)[:, list(MARKERS.values())]
            if change:
                change(window, frames, positions)
            table = MarkerTable(list(MARKERS), positions, frames / FRAME_RATE_HZ, FRAME_RATE_HZ)
            write_trc(self.markers(name, window.chunk), table, int(frames[0]))

    def solve(
        self, name: str, change: Callable[[Window, dict[str, Bundle]], None] | None = None, skip: tuple[int, ...] = ()
    ) -> None:
        """Write the results of every chunk; `change` may edit them in place before."""
        for values in self.plan["sequences"][name]["windows"]:
            window = Window(**values)
            if window.chunk in skip:
                continue
            bundles = chunk_bundles(window)
            if change:
                change(window, bundles)
            for stage, path in self.paths(name, window.chunk).items():
                bundles[stage].write(path)

    def merge(self, name: str, foot_parts: Sequence[str] = ("foot",), **settings: Any) -> Bundle:
        from mint.config.merge import MergeConfig
        from mint.sequence import merge

        record = self.plan["sequences"][name]
        chunks = [
            {"markers": self.markers(name, w["chunk"]), **self.paths(name, w["chunk"])} for w in record["windows"]
        ]
        return merge.run(
            record,
            chunks,
            self.file(name, "sequence.npz"),
            MergeConfig(**settings),
            validated=self.file(name, "validated.npz"),
            body=self.file(name, "body.npz"),
            foot_parts=foot_parts,
        )


def chunk_bundles(window: Window) -> dict[str, Bundle]:
    """Ok results of all stages for a window, the truth at every node."""
    frames = np.arange(window.start, window.stop + 1)
    n = len(frames)
    legs, trunk = leg_muscles(), trunk_muscles()
    force, cop = force_truth(frames), cop_truth(frames)
    q = 0.1 * np.sin(0.05 * frames[:, None] + np.arange(len(COORDINATES)))
    sphere_force = np.repeat(force, 6, axis=1) / 6
    leg_activation, trunk_activation = activation_truth(frames, len(legs)), activation_truth(frames, len(trunk), 1.0)
    bundles = {
        "ik": Bundle.of(
            "ik",
            {
                "frames": frames,
                "coordinates": [*COORDINATES, "L5_S1_FE"],
                "q": np.concatenate([q, q[:, :1]], axis=1),
                "leg_coordinates": COORDINATES,
                "leg_q": q,
                "marker_rms_m": np.full(n, 0.012),
                "marker_max_m": np.full(n, 0.03),
                "marker_max_name": ["T10"] * n,
                "com": np.tile([0.0, 1.0, 0.0], (n, 1)),
                "com_velocity": np.zeros((n, 3)),
                "com_acceleration": np.zeros((n, 3)),
            },
        ),
        "support": Bundle.of("support", {}, {"belt_velocity_m_s": [0, 0, 0], "flags": []}),
        "trajectory": Bundle.of(
            "trajectory",
            {
                "frames": frames,
                "coordinates": COORDINATES,
                "q": q,
                "qd": 0.1 * q,
                "muscles": legs,
                "activation": leg_activation,
                "muscle_force_N": 1000 * leg_activation,
                "spheres": SPHERES,
                "sphere_force_N": sphere_force,
                "sphere_point_m": sphere_truth(frames),
                "grf_force_N": force,
                "grf_moment_Nm": moment_about_origin(force, cop, torque_truth(frames)),
            },
            {
                "attempts": [
                    {
                        "formulation": "staged",
                        "status": "Solve_Succeeded",
                        "iterations": 120 + window.chunk,
                        "wall_s": 40.0 + window.chunk,
                    }
                ],
                "formulation": "staged",
            },
        ),
        "verify": Bundle.of(
            "verify",
            {
                "frames": frames,
                "skeleton_bodies": BODIES,
                "skeleton_parent": np.array(PARENTS),
                "skeleton_position": position_truth(frames),
                "coordinates": COORDINATES,
                "inverse_dynamics": moment_truth(frames),
                "reaction_joints": JOINTS,
                "reaction": reaction_truth(frames),
            },
            {
                "metrics": {
                    "pelvis_force_residual_percent": 1.5 + window.chunk,
                    "tracking_rms_worst_deg": 1.2,
                    "tracking_rms_knee_angle_r_deg": 1.2,
                    "penetration_m": 0.011,
                }
            },
        ),
        "trunk": Bundle.of(
            "trunk",
            {
                "frames": frames,
                "muscles": trunk,
                "activation": trunk_activation,
                "muscle_force_N": 200 * trunk_activation,
                "reserve_coordinates": np.array(["flexion", "bending"]),
                "reserve_units": np.array(["Nm", "Nm"]),
                "reserve": np.outer(frames, [0.01, -0.02]),
                "l5s1_reaction": -reaction_truth(frames)[:, 0],
                "l5s1_axis": L5S1_AXIS,
            },
            {"metrics": {"reserve_max_Nm": 2.0}},
        ),
    }
    for seconds, (stage, bundle) in enumerate(bundles.items(), start=1):
        solver = {"iterations": 120 + window.chunk, "attempt": 1} if stage == "trajectory" else {}
        bundle.status = StageStatus(stage, wall_s=float(seconds), max_rss_mb=100.0 * seconds, **solver)
    return bundles


def fail_from(
    bundles: dict[str, Bundle],
    stage: str,
    status: Status,
    reason: Reason,
    detail: str = "here",
    finding: Finding = NO_FINDING,
) -> None:
    """Let a stage fail: it and all later ones carry its status, as stages pass failures on."""
    failed = StageStatus(stage, status, reason, detail, wall_s=9.0, max_rss_mb=900.0, finding=finding)
    order = list(bundles)
    for later in order[order.index(stage) :]:
        meta = bundles[later].meta if later == stage else {}
        bundles[later] = Bundle(failed, {}, meta)
