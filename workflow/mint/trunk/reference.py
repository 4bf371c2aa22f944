"""OpenSim's own StaticOptimization of the trunk, as the reference of tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from scipy.interpolate import make_interp_spline

from mint.config.trunk import TrunkConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.motionfiles import read_storage, write_storage
from mint.trunk.model import Float, TrunkModel
from mint.trunk.motion import Motion
from mint.trunk.optimize import Actors, reserve_optimal_force
from mint.trunk.table import BALANCED, Role

_IDEAL_FORCE = 3e3  # N m or N: makes everything but trunk muscles and trunk reserves nearly free of cost
_TOLERANCE, _ITERATIONS = 1e-5, 1000


@dataclass(frozen=True)
class Reference:
    """`activation (n, m)`, `reserve (n, e)` and `strut (n, s)` as multiples of their optimal force; seconds of the
    tool per frame."""

    activation: Float
    reserve: Float
    strut: Float
    seconds_per_frame: float


def static_optimization(
    folder: Path, osim: Path, ours: TrunkModel, actors: Actors, motion: Motion, rows: range, config: TrunkConfig
) -> Reference:
    """Solve `rows` of a motion with the tool; `folder` takes its files.

    The same problem as `mint.trunk.optimize`, but for pennation, which the tool leaves out: muscles and struts of
    `actors`, without its given muscles; reserves at the coordinates with an equation; nearly free actuators at all
    others, so that forces on feet and legs do not matter. Couplings that the model lacks become constraints of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "reference.osim"
    _model(osim, ours, actors, config).printToXML(str(path))
    write_storage(folder / "motion.mot", motion.frames / FRAME_RATE_HZ, ours.coordinates, motion.q)
    tool = opensim.AnalyzeTool()
    tool.setName("so")
    tool.setModelFilename(str(path))
    tool.setCoordinatesFileName(str(folder / "motion.mot"))
    tool.setLowpassCutoffFrequency(-1)
    start, end = motion.frames[rows[0]] / FRAME_RATE_HZ, motion.frames[rows[-1]] / FRAME_RATE_HZ
    tool.setStartTime(start)
    tool.setFinalTime(end)
    tool.setResultsDir(str(folder))
    analysis = opensim.StaticOptimization()
    analysis.setStartTime(start)
    analysis.setEndTime(end)
    analysis.setUseModelForceSet(True)
    analysis.setActivationExponent(2)
    analysis.setUseMusclePhysiology(True)
    analysis.setConvergenceCriterion(_TOLERANCE)
    analysis.setMaxIterations(_ITERATIONS)
    tool.updAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML(str(folder / "setup.xml"))
    started = time.process_time()
    opensim.AnalyzeTool(str(folder / "setup.xml")).run()
    seconds = time.process_time() - started
    _, names, values, _ = read_storage(folder / "so_StaticOptimization_activation.sto")

    def columns(wanted: Sequence[str]) -> Float:
        return np.asarray(values[:, [names.index(name) for name in wanted]])

    balanced = [f"{name}_actuator" for name in ours.names(*BALANCED)]
    return Reference(columns(actors.muscles), columns(balanced), columns(actors.struts), seconds / len(values))


def as_the_tool_sees(motion: Motion) -> Motion:
    """The motion with the tool's own speeds and accelerations: those of natural splines of degree 5 through
    coordinates, and through these speeds."""
    time_s = motion.frames / FRAME_RATE_HZ
    natural = [(3, np.zeros(motion.q.shape[1])), (4, np.zeros(motion.q.shape[1]))]

    def slopes(values: Float) -> Float:
        return np.asarray(make_interp_spline(time_s, values, k=5, bc_type=(natural, natural)).derivative()(time_s))

    speeds = slopes(motion.q)
    return Motion(motion.frames, motion.q, speeds, slopes(speeds))


def as_the_tool_turns(model: TrunkModel) -> TrunkModel:
    """The model whose muscles follow all of its coordinates, as the tool's do (`mint.trunk.motion.seen_by_muscles`)."""
    return replace(model, rows=[replace(row, muscle_share=1.0) for row in model.rows])


def _model(osim: Path, ours: TrunkModel, actors: Actors, config: TrunkConfig) -> Any:
    """Only the acting muscles and struts, reserves, and free actuators."""
    model = opensim.Model(str(osim))
    forces, kept = model.updForceSet(), {*actors.muscles, *actors.struts}
    for i in reversed(range(forces.getSize())):
        if forces.get(i).getName() not in kept:
            forces.remove(i)
    for name in actors.muscles:
        muscle = opensim.Muscle.safeDownCast(forces.get(name))
        muscle.setMinControl(config.min_activation)
        muscle.setMaxControl(config.max_activation)
    for coordinate in (model.updCoordinateSet().get(name) for name in ours.coordinates):
        coordinate.set_clamped(False)  # the tool would move what lies outside its range back into it
    optimal = dict(zip(ours.names(*BALANCED), reserve_optimal_force(ours, config), strict=True))
    for row in ours.rows:
        if row.coupling == "model" or row.role is Role.LOCKED:
            continue
        if row.role is Role.COUPLED:
            model.addConstraint(_coupler(row.name, row.shares))
            continue
        actuator = opensim.CoordinateActuator(row.name)
        actuator.setName(f"{row.name}_actuator")
        actuator.setOptimalForce(float(optimal.get(row.name, _IDEAL_FORCE)))
        actuator.setMinControl(-1e6)
        actuator.setMaxControl(1e6)
        model.addForce(actuator)
    model.finalizeConnections()
    return model


def _coupler(dependent: str, shares: dict[str, float]) -> Any:
    """Constraint that a coordinate is the sum of shares of others."""
    names, coefficients = opensim.ArrayStr(), opensim.ArrayDouble()
    for name, share in shares.items():
        names.append(name)
        coefficients.append(share)
    coefficients.append(0.0)
    constraint = opensim.CoordinateCouplerConstraint()
    constraint.setName(f"{dependent}_coupler")
    constraint.setDependentCoordinateName(dependent)
    constraint.setIndependentCoordinateNames(names)
    constraint.setFunction(opensim.LinearFunction(coefficients))
    return constraint
