"""One model's inverse kinematics against OpenSim's tool, in a process of its own (imports OpenSim).

`python bench/trunk_ik.py CHUNK_FOLDER SUBJECT_FOLDER WORK_FOLDER` prints the numbers as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.kinematics import KinematicsConfig
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.motionfiles import MarkerTable
from mint.kinematics.ik import weights_of, window_markers
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.inverse.reference import DEFAULT_ACCURACY, FINE_ACCURACY, inverse_kinematics
from mint.kinematics.inverse.solver import solve
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.export import load_model
from mint.kinematics.model.marker_sets import marker_set_of

Array = np.ndarray[Any, Any]
FINE_FRAMES = 30
REPEATS = 3


def compared(chunk: Path, subject: Path, work: Path) -> dict[str, Any]:
    """Seconds per frame of both, model included, and how far their root mean square marker errors are apart."""
    osim, scale, config = subject / "scaled.osim", Bundle.read(subject / "scale.npz"), KinematicsConfig()
    rows = coordinate_rows(str(scale.meta["model"]))
    weights = weights_of(marker_set_of(scale), load_model(osim))
    frames = Bundle.read(chunk / "ik.npz")["frames"]
    names, positions, window = window_markers(chunk / "markers.trc", (int(frames[0]), int(frames[-1])), config)
    used = [name for name in names if name in weights]
    table = MarkerTable(used, positions[:, [names.index(name) for name in used]], window / FRAME_RATE_HZ, FRAME_RATE_HZ)
    kinematics = MarkerKinematics(load_model(osim), used)
    tasks = {name: rows[name]["ik_weight"] for name in kinematics.names}
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        ours = solve(load_model(osim), used, table.positions, table.time_s, weights, tasks, config.tolerance_rad)
        seconds.append(time.perf_counter() - started)
    per_frame = float(np.median(seconds)) / len(window)
    own = errors(kinematics, ours.coordinates, ours.q, table.positions)
    found: dict[str, Any] = {"ik_seconds_per_frame": round(per_frame, 5)}
    for kind, accuracy, count in (("", DEFAULT_ACCURACY, len(window)), ("_fine", FINE_ACCURACY, FINE_FRAMES)):
        part = MarkerTable(used, table.positions[:count], table.time_s[:count], FRAME_RATE_HZ)
        coordinates, q, tool_s = inverse_kinematics(
            work, osim, part, {name: weights[name] for name in used}, tasks, accuracy
        )
        theirs = errors(kinematics, coordinates, q, part.positions)
        found |= {
            f"opensim_ik{kind}_seconds_per_frame": round(tool_s / count, 4),
            f"ik_speedup{kind}": round(tool_s / count / per_frame, 1),
            f"ik_rms_above_opensim{kind}_mm": round(1e3 * float(np.mean(own[:count] - theirs)), 4),
        }
        if kind:
            found["ik_rms_difference_mm"] = round(1e3 * float(np.max(np.abs(own[:count] - theirs))), 4)
    return found


def errors(kinematics: MarkerKinematics, coordinates: list[str], q: Array, points: Array) -> Array:
    """Root mean square distance (n,) m of markers at `q (n, m)` from `points (n, k, 3)` m."""
    columns = [coordinates.index(name) for name in kinematics.names]
    placed = np.array([kinematics.positions(row[columns]) for row in q])
    return np.asarray(np.sqrt(np.mean(np.sum((placed - points) ** 2, axis=2), axis=1)))


if __name__ == "__main__":
    print(json.dumps(compared(*(Path(argument).resolve() for argument in sys.argv[1:]))))
