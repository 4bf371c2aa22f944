"""The scaled models with the parameters that they were solved with, complete in one folder."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import opensim

from mint.config.trajectory import strain_of
from mint.core.atomic import atomic_path, write_text
from mint.core.names import sanitized
from mint.core.status import StageError
from mint.exchange.actuators import DEAR, FREE, write_actuators
from mint.exchange.layout import GEOMETRY, LEGS, WHOLE, ModelFiles
from mint.exchange.readme import write_readme
from mint.exchange.setups import CONTACT, PASSIVE
from mint.kinematics.model.export import items, load_model
from mint.trunk.strands import mint_name_of

_LEAST_PENNATION_RAD = 0.02  # as in the equations of the trajectory, which keep a fiber's width above zero


@dataclass(frozen=True)
class Solved:
    """Parameters of the trajectory optimization and of the trunk's that an exported model takes over."""

    activation_time_s: float
    deactivation_time_s: float
    tendon_strain: float
    achilles_strain: float
    muscle_damping: float
    mtp_pattern: str
    mtp_stiffness: float
    mtp_damping: float
    trunk_passive_forces: bool


def run(
    leg: str | Path,
    scaled: str | Path,
    geometry: Path | None,
    record: str | Path,
    model: str,
    solved: Mapping[str, Any],
) -> None:
    """Export both models of a subject into the folder of `record`, and write there what became of them: JSON with
    `status`, `ok` or what is wrong with the subject's models."""
    project, status = Path(record).parent, "ok"
    try:
        for part, source in ((LEGS, leg), (WHOLE, scaled)):
            write_model(Path(source), ModelFiles(project, model, part), Solved(**solved), geometry)
        write_readme(project, model)
    except StageError as error:
        status = str(error)
    write_text(record, json.dumps({"status": status, "model": model}, indent=1))


def write_model(source: Path, files: ModelFiles, solved: Solved, geometry: Path | None) -> None:
    """Write the model of `source` as it was solved with, its actuators and the surfaces that it shows.

    Muscles of the leg model have compliant tendons and activation dynamics, and a copy of it has rigid tendons for
    static optimization; those of the whole model are rigid, as its trunk was solved. Contact of the
    feet is there but does not act: the ground forces of the project stand for it, and would count twice. `geometry` is
    a folder with surfaces of bones; the model loses those that it does not hold.
    """
    model = load_model(source)
    model.setName(files.stem)
    _set_muscles(model, set(mint_name_of("lower_limb")) | set(_leg_names()), files.part, solved)
    for coordinate in items(model.getCoordinateSet()):
        coordinate.setDefaultClamped(False)  # a solution may leave a range a little, and tools would move it back
    free = [c.getName() for c in items(model.getCoordinateSet())]
    passive = [name for name in free if fnmatchcase(name, solved.mtp_pattern)]
    _add_springs(model, passive, solved)
    _switch_contact_off(model)
    _print(model, files.osim, geometry)
    if files.rigid != files.osim:
        for muscle in items(model.getMuscles()):
            muscle.set_ignore_tendon_compliance(True)
        _print(model, files.rigid, geometry)
    write_actuators(files.actuators, dict.fromkeys(free, 1.0))
    write_actuators(files.reserves, _reserve_strength(model, files.part), "_reserve")


def _print(model: Any, path: Path, geometry: Path | None) -> None:
    model.finalizeConnections()
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        model.printToXML(str(temporary))
        _with_surfaces(temporary, geometry, path.parent / GEOMETRY)


def _leg_names() -> list[str]:
    return [name.removeprefix("LU_") for name in mint_name_of("lower_limb").values()]


def _set_muscles(model: Any, legs: Collection[str], part: str, solved: Solved) -> None:
    for each in items(model.getMuscles()):
        if opensim.Thelen2003Muscle.safeDownCast(each) is not None:
            continue  # it knows neither
        each.set_ignore_activation_dynamics(False)  # only a state is shown as a colour
        each.set_ignore_tendon_compliance(part != LEGS)
        muscle, of_leg = opensim.DeGrooteFregly2016Muscle.safeDownCast(each), each.getName() in legs
        if muscle is None:
            continue
        muscle.set_ignore_passive_fiber_force(of_leg or not solved.trunk_passive_forces)
        if of_leg:
            muscle.set_activation_time_constant(solved.activation_time_s)
            muscle.set_deactivation_time_constant(solved.deactivation_time_s)
            strain = strain_of(muscle.getName(), solved.tendon_strain, solved.achilles_strain)
            muscle.set_tendon_strain_at_one_norm_force(strain)
            muscle.set_fiber_damping(solved.muscle_damping)
            muscle.set_active_force_width_scale(1.0)
            pennation = max(muscle.get_pennation_angle_at_optimal(), _LEAST_PENNATION_RAD)
            muscle.set_pennation_angle_at_optimal(pennation)


def _add_springs(model: Any, coordinates: list[str], solved: Solved) -> None:
    for name in coordinates:
        spring = opensim.SpringGeneralizedForce(name)
        spring.setName(f"{name}_spring")
        spring.setStiffness(solved.mtp_stiffness)
        spring.setRestLength(0.0)
        spring.setViscosity(solved.mtp_damping)
        model.addForce(spring)
    _group(model, PASSIVE, [f"{name}_spring" for name in coordinates])


def _switch_contact_off(model: Any) -> None:
    contacts = [f for f in items(model.updForceSet()) if f.getConcreteClassName() == "SmoothSphereHalfSpaceForce"]
    for force in contacts:
        force.set_appliesForce(False)
    _group(model, CONTACT, [force.getName() for force in contacts])


def _group(model: Any, name: str, members: list[str]) -> None:
    forces = model.updForceSet()
    forces.addGroup(name)
    for member in members:
        forces.addObjectToGroup(name, member)


def _reserve_strength(model: Any, part: str) -> dict[str, float]:
    """Optimal forces by coordinate: of independent ones only, since a coupler carries the others."""
    dependent = {
        coupler.getDependentCoordinateName()
        for constraint in items(model.getConstraintSet())
        if (coupler := opensim.CoordinateCouplerConstraint.safeDownCast(constraint)) is not None
    }
    muscled = ("hip_", "knee_", "ankle_", "subtalar_", "mtp_", *(("L", "T") if part != LEGS else ()))
    return {
        c.getName(): DEAR if c.getName().startswith(muscled) else FREE
        for c in items(model.getCoordinateSet())
        if c.getName() not in dependent and not c.getDefaultLocked()
    }


def _with_surfaces(osim: Path, source: Path | None, target: Path) -> None:
    """Copy the surfaces that the model shows, and take out of it those that there are none of."""
    document = ElementTree.parse(osim)
    for parent in document.getroot().iter("attached_geometry"):
        for mesh in list(parent.iter("Mesh")):
            name = Path((mesh.findtext("mesh_file") or "").strip())
            found = source / name.name if source is not None else None
            if found is not None and found.is_file() and sanitized(name.stem) == name.stem:
                target.mkdir(parents=True, exist_ok=True)
                if not (target / name.name).exists():
                    shutil.copyfile(found, target / name.name)
                for tag in mesh.iter("mesh_file"):
                    tag.text = name.name
            else:
                parent.remove(mesh)
    document.write(osim, encoding="utf-8", xml_declaration=True)
