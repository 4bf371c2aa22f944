"""The files of one trial: kinematics, ground forces, muscles, moments, markers, set-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.motionfiles import write_storage
from mint.exchange.layout import LEGS, WHOLE, ModelFiles, TrialFiles
from mint.exchange.loads import GroundLoads, write_external_loads
from mint.exchange.markers import write_markers
from mint.exchange.mechanics import Mechanics
from mint.exchange.residuals import pelvis_residuals
from mint.exchange.setups import forces_file, write_setups
from mint.exchange.solution import PartSolution, Stretch, legs_solution
from mint.exchange.states import state_columns
from mint.exchange.tables import angles_in_degrees, force_table, moment_columns
from mint.exchange.whole import whole_solution
from mint.kinematics.model.export import items
from mint.trunk.model import TrunkModel, load_model, state_order
from mint.verify.leg_dynamics import LegDynamics

Floats = NDArray[np.float64]
# Rows of kinematics per frame, and frames more on both sides than forces: enough that the spline of degree 5 that
# OpenSim's tools lay through the rows has the accelerations of the solution.
SAMPLES, BEYOND = 5, 3


@dataclass(frozen=True)
class Models:
    """Both models of a subject, loaded from their exported files."""

    legs: LegDynamics
    whole: TrunkModel
    files: Mapping[str, ModelFiles]
    rotational: Mapping[str, bool]

    def of(self, part: str) -> tuple[Any, Any]:
        """Model and state."""
        return (self.legs.model, self.legs.state) if part == LEGS else (self.whole.model, self.whole.state)

    def sphere_bodies(self, spheres: Sequence[str]) -> list[str]:
        """Bodies of the spheres of a solution."""
        carrier = {contact["name"]: contact["body"] for contact in self.legs.record["contacts"]}
        return [carrier[name] for name in spheres]


def load_models(project: Path, model: str, coordinates: Sequence[str]) -> Models:
    """The exported models of a subject; `coordinates` are those of the leg solution. Raises StageError."""
    files = {part: ModelFiles(project, model, part) for part in (LEGS, WHOLE)}
    legs, whole = LegDynamics(files[LEGS].osim, coordinates), load_model(files[WHOLE].osim)
    rotational = {
        c.getName(): c.getMotionType() == opensim.Coordinate.Rotational
        for each in (legs.model, whole.model)
        for c in items(each.getCoordinateSet())
    }
    return Models(legs, whole, files, rotational)


def write_trial(trial: TrialFiles, stretch: Stretch, models: Models) -> dict[str, Any]:
    """Write all files of a stretch; returns what the record says of it: name, seconds, what the pelvis lacks. Says so
    where that is much."""
    time_s = np.round(stretch.frames / FRAME_RATE_HZ, 2)
    parts = {
        LEGS: legs_solution(stretch, models.legs, state_order(*models.of(LEGS))),
        WHOLE: whole_solution(stretch, models.whole),
    }
    _write_kinematics(trial, time_s, stretch, list(parts.values()), models.rotational)
    bodies = models.sphere_bodies(stretch.chunks[0].names("trajectory", "spheres"))
    per_body = stretch.loads(bodies, per_foot=False)
    for kind, loads in (("GRF", per_body), ("GRF_resultant", stretch.loads(bodies, per_foot=True))):
        write_storage(trial.dynamics(kind), time_s, *loads.table(), name=trial.trial)
        write_external_loads(trial.dynamics(kind, ".xml"), trial.dynamics(kind), loads)
    record: dict[str, Any] = {"trial": trial.trial, "first_s": float(time_s[0]), "last_s": float(time_s[-1])}
    demands = {}
    for part, solution in parts.items():
        demands[part] = _write_forces(trial, time_s, stretch.frames, part, solution, per_body, models)
        states = state_columns(models.of(part)[0], solution, stretch.frames.astype(float))
        _write(trial.dynamics("states" if part == LEGS else f"states_{part}", ".sto"), time_s, states, trial)
        write_setups(trial, models.files[part], (float(time_s[0]), float(time_s[-1])), SAMPLES)
    residuals = pelvis_residuals(parts, demands, stretch.in_fade(), models.legs.weight_N())
    _write(trial.dynamics("residuals", ".sto"), time_s, residuals.columns(), trial)
    if warning := residuals.warning(trial.trial, LEGS):
        print(f"warning: {warning}")
    reserves = [f"{name}_reserve" for name in stretch.chunks[0].names("trajectory", "reserve_coordinates")]
    write_storage(
        trial.dynamics("reserves", ".sto"), time_s, reserves, stretch.blended("trajectory", "reserve"), name=trial.trial
    )
    write_markers(trial.markers, stretch)
    return record | residuals.record()


def _write_kinematics(
    trial: TrialFiles, time_s: Floats, stretch: Stretch, parts: Sequence[PartSolution], rotational: Mapping[str, bool]
) -> None:
    """Coordinates of both models: densely along the curves, and at frames with the activations of all muscles."""
    frames, windows = stretch.frames, stretch.windows
    spare = windows[0].keep_start - windows[0].start, windows[-1].stop - windows[-1].keep_stop + 1
    first, last = frames[0] - min(BEYOND, spare[0]), frames[-1] + min(BEYOND, spare[1])
    dense = np.arange(first * SAMPLES, last * SAMPLES + 1) / SAMPLES
    _write(trial.kinematics, dense / FRAME_RATE_HZ, _coordinates(parts, dense, rotational), trial, in_degrees=True)
    # Of a muscle that both models have, the leg model's.
    activation = {name: part.activation[:, i] for part in reversed(parts) for i, name in enumerate(part.muscles)}
    _write(trial.dynamics("activations", ".sto"), time_s, activation, trial)
    columns = _coordinates(parts, frames.astype(float), rotational)
    columns |= {f"{name}/activation": values for name, values in activation.items()}
    _write(trial.dynamics("kinematics_activations"), time_s, columns, trial, in_degrees=True)


def _coordinates(parts: Sequence[PartSolution], frames: Floats, rotational: Mapping[str, bool]) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    for part in parts:
        q = part.curve.at(frames)[0]
        columns |= {name: q[:, i] for i, name in enumerate(part.order) if name not in columns}
    return angles_in_degrees(columns, rotational)


def _write_forces(
    trial: TrialFiles,
    time_s: Floats,
    frames: NDArray[np.int64],
    part: str,
    solution: PartSolution,
    loads: GroundLoads,
    models: Models,
) -> Floats:
    """Forces of all muscles and actuators of a model, and its generalized forces, which are returned (n, u)."""
    model, state = models.of(part)
    table = force_table(
        Mechanics(model, state, solution.order), model, solution, solution.curve.at(frames.astype(float)), loads
    )
    _write(forces_file(trial, part), time_s, table.columns, trial)
    kinetics = dict(zip(moment_columns(solution.order, models.rotational), table.demand.T, strict=True))
    _write(trial.dynamics("kinetics" if part == LEGS else f"kinetics_{part}"), time_s, kinetics, trial)
    return table.demand


def _write(
    path: Path, time_s: Floats, columns: Mapping[str, Floats], trial: TrialFiles, in_degrees: bool = False
) -> None:
    write_storage(path, time_s, list(columns), np.stack(list(columns.values()), axis=1), trial.trial, in_degrees)
