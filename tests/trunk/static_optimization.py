"""OpenSim's own StaticOptimization on the trunk part of a model, as the reference."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import opensim

from mint.core.motionfiles import read_storage, write_storage
from mint.trunk.model import TrunkModel
from mint.trunk.motion import Motion
from mint.trunk.table import Role

IDEAL_FORCE = 3e3  # N m or N: makes everything but trunk muscles and trunk reserves nearly free of cost


def reference_model(osim: Path, ours: TrunkModel, muscles: list[str], reserve_optimal_force: float) -> opensim.Model:
    """Only the given muscles, reserves at the equilibrium coordinates and free actuators at all others."""
    model = opensim.Model(str(osim))
    forces = model.updForceSet()
    for i in reversed(range(forces.getSize())):
        if forces.get(i).getName() not in muscles:
            forces.remove(i)
    for i in range(forces.getSize()):
        opensim.Muscle.safeDownCast(forces.get(i)).setMinControl(0.01)
    for row in ours.rows:
        if row.role in (Role.COUPLED, Role.LOCKED) or row.name.endswith("_beta"):
            continue
        actuator = opensim.CoordinateActuator(row.name)
        actuator.setName(f"{row.name}_actuator")
        actuator.setOptimalForce(reserve_optimal_force if row.role is Role.MUSCLES else IDEAL_FORCE)
        actuator.setMinControl(-1e6)
        actuator.setMaxControl(1e6)
        model.addForce(actuator)
    model.finalizeConnections()
    return model


def run_reference(folder: Path, model: opensim.Model, ours: TrunkModel, motion: Motion, first: int, last: int,
                  ) -> tuple[np.ndarray, list[str], float]:
    """Activations (k, m) of rows first..last of the motion, muscle names, and seconds per frame."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "reference.osim"
    model.printToXML(str(path))
    write_storage(folder / "motion.mot", motion.frames / 50.0, ours.coordinates, motion.q)
    tool = opensim.AnalyzeTool()
    tool.setName("so")
    tool.setModelFilename(str(path))
    tool.setCoordinatesFileName(str(folder / "motion.mot"))
    tool.setLowpassCutoffFrequency(-1)
    start, end = motion.frames[first] / 50.0, motion.frames[last] / 50.0
    tool.setStartTime(start)
    tool.setFinalTime(end)
    tool.setResultsDir(str(folder))
    analysis = opensim.StaticOptimization()
    analysis.setStartTime(start)
    analysis.setEndTime(end)
    analysis.setUseModelForceSet(True)
    analysis.setActivationExponent(2)
    analysis.setUseMusclePhysiology(True)
    analysis.setConvergenceCriterion(1e-5)
    analysis.setMaxIterations(1000)
    tool.updAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML(str(folder / "setup.xml"))
    started = time.perf_counter()
    opensim.AnalyzeTool(str(folder / "setup.xml")).run()
    seconds = time.perf_counter() - started
    _, names, values, _ = read_storage(folder / "so_StaticOptimization_activation.sto")
    return values, names, seconds / len(values)
