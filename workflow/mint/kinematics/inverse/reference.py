"""OpenSim's own InverseKinematicsTool, as the reference of tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.core.motionfiles import MarkerTable, read_storage, write_trc
from mint.kinematics.inverse.filtering import Array

DEFAULT_ACCURACY, FINE_ACCURACY = 1e-5, 1e-7  # of the tool's assembler; at the first it stops short of the minimum


def inverse_kinematics(
    folder: Path,
    osim: Path,
    markers: MarkerTable,
    marker_weights: Mapping[str, float],
    coordinate_weights: Mapping[str, float],
    accuracy: float = DEFAULT_ACCURACY,
) -> tuple[list[str], Array, float]:
    """Coordinates, their values (n, m) rad or m, and the tool's seconds, model included; `folder` takes its files.

    Weights as those of `solve` (`inverse.solver`); coordinate tasks hold the model's default values. No marker may be
    lost: the tool divides by the sum of the weights of those it sees.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_trc(folder / "markers.trc", markers)
    model = opensim.Model(str(osim))
    tool = opensim.InverseKinematicsTool()
    tool.set_model_file(str(osim))
    tool.set_marker_file(str(folder / "markers.trc"))
    tool.set_IKTaskSet(_tasks(marker_weights, coordinate_weights))
    tool.set_accuracy(accuracy)
    tool.setStartTime(float(markers.time_s[0]))
    tool.setEndTime(float(markers.time_s[-1]))
    tool.set_report_errors(False)
    tool.setOutputMotionFileName(str(folder / "ik.mot"))
    tool.setResultsDir(str(folder))
    started = time.perf_counter()
    tool.run()
    seconds = time.perf_counter() - started
    _, names, values, in_degrees = read_storage(folder / "ik.mot")
    turning = [model.getCoordinateSet().get(name).getMotionType() == opensim.Coordinate.Rotational for name in names]
    return names, np.where(np.array(turning) & in_degrees, np.radians(values), values), seconds


def _tasks(marker_weights: Mapping[str, float], coordinate_weights: Mapping[str, float]) -> Any:
    """The tool weighs squares of coordinates against the weighted mean of squared marker errors."""
    tasks, total = opensim.IKTaskSet(), sum(marker_weights.values())
    for name, weight in marker_weights.items():
        marker = opensim.IKMarkerTask()
        marker.setName(name)
        marker.setWeight(float(weight))
        tasks.cloneAndAppend(marker)
    for name, weight in coordinate_weights.items():
        if weight > 0:
            coordinate = opensim.IKCoordinateTask()
            coordinate.setName(name)
            coordinate.setWeight(weight / total)
            tasks.cloneAndAppend(coordinate)
    return tasks
