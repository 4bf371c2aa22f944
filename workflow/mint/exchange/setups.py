"""Set-ups of OpenSim's tools that run as they are, with paths relative to their folder."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from mint.exchange.layout import LEGS, ModelFiles, TrialFiles
from mint.exchange.xml import element, write_document

# Forces of an exported model that are no muscles and that inverse dynamics leaves out as well: passive joints and the
# contact of the feet, which the ground forces stand for.
PASSIVE, CONTACT = "passive_joints", "foot_contact"


def write_setups(trial: TrialFiles, model: ModelFiles, span_s: tuple[float, float], samples: int) -> list[Path]:
    """Set-ups of a trial on a model over a span of time; `samples` is the number of rows of kinematics per frame."""
    ending = "" if model.part == LEGS else f"_{model.part}"
    writers = {
        "inverse_dynamics": _inverse_dynamics,
        "static_optimization": _static_optimization,
        "joint_reaction": _joint_reaction,
        "analyze": _analyze,
    }
    out = []
    for kind, make in writers.items():
        path = trial.folder / f"setup_{kind}{ending}_{trial.trial}.xml"
        root = ElementTree.Element("OpenSimDocument", Version="40000")
        tool = make(root, path.parent, trial, model, samples, ending)
        tool.set("name", f"{trial.trial}{ending}")
        if kind == "inverse_dynamics":
            element(tool, "time_range", f"{span_s[0]:.8g} {span_s[1]:.8g}")
        else:
            element(tool, "initial_time", f"{span_s[0]:.8g}")
            element(tool, "final_time", f"{span_s[1]:.8g}")
        write_document(path, root)
        out.append(path)
    return out


def forces_file(trial: TrialFiles, part: str) -> Path:
    """Forces of all muscles and actuators of a model."""
    return trial.dynamics("forces" if part == LEGS else f"forces_{part}")


def _inverse_dynamics(
    root: ElementTree.Element, folder: Path, trial: TrialFiles, model: ModelFiles, samples: int, ending: str
) -> ElementTree.Element:
    tool = element(root, "InverseDynamicsTool")
    element(tool, "results_directory", "results")
    element(tool, "model_file", _relative(model.osim, folder))
    element(tool, "forces_to_exclude", f"Muscles {PASSIVE} {CONTACT}")
    element(tool, "external_loads_file", trial.dynamics("GRF", ".xml").name)
    element(tool, "coordinates_file", _relative(trial.kinematics, folder))
    element(tool, "lowpass_cutoff_frequency_for_coordinates", "-1")
    element(tool, "output_gen_force_file", f"inverse_dynamics{ending}_{trial.trial}.sto")
    return tool


def _static_optimization(
    root: ElementTree.Element, folder: Path, trial: TrialFiles, model: ModelFiles, samples: int, ending: str
) -> ElementTree.Element:
    tool, analyses = _analyze_tool(root, folder, trial, model.rigid, model.reserves)
    analysis = _analysis(analyses, "StaticOptimization", samples)
    element(analysis, "use_model_force_set", True)
    element(analysis, "activation_exponent", 2)
    element(analysis, "use_muscle_physiology", True)
    return tool


def _joint_reaction(
    root: ElementTree.Element, folder: Path, trial: TrialFiles, model: ModelFiles, samples: int, ending: str
) -> ElementTree.Element:
    tool, analyses = _analyze_tool(root, folder, trial, model.osim, model.actuators)
    analysis = _analysis(analyses, "JointReaction", samples)
    element(analysis, "forces_file", forces_file(trial, model.part).name)
    element(analysis, "joint_names", "ALL")
    element(analysis, "apply_on_bodies", "child")
    element(analysis, "express_in_frame", "child")
    return tool


def _analyze(
    root: ElementTree.Element, folder: Path, trial: TrialFiles, model: ModelFiles, samples: int, ending: str
) -> ElementTree.Element:
    tool, analyses = _analyze_tool(root, folder, trial, model.osim, None)
    element(_analysis(analyses, "Kinematics", samples), "coordinates", "all")
    element(_analysis(analyses, "BodyKinematics", samples), "bodies", "all")
    return tool


def _analyze_tool(
    root: ElementTree.Element, folder: Path, trial: TrialFiles, model: Path, actuators: Path | None
) -> tuple[ElementTree.Element, ElementTree.Element]:
    tool = element(root, "AnalyzeTool")
    element(tool, "model_file", _relative(model, folder))
    element(tool, "replace_force_set", False)
    element(tool, "force_set_files", _relative(actuators, folder) if actuators else "")
    element(tool, "results_directory", "results")
    element(tool, "output_precision", 12)
    element(tool, "solve_for_equilibrium_for_auxiliary_states", False)
    element(tool, "external_loads_file", trial.dynamics("GRF", ".xml").name)
    element(tool, "coordinates_file", _relative(trial.kinematics, folder))
    element(tool, "lowpass_cutoff_frequency_for_coordinates", "-1")
    analyses = element(element(tool, "AnalysisSet", name="analyses"), "objects")
    return tool, analyses


def _analysis(objects: ElementTree.Element, kind: str, samples: int) -> ElementTree.Element:
    analysis = element(objects, kind, name=kind)
    element(analysis, "on", True)
    element(analysis, "step_interval", samples)
    element(analysis, "in_degrees", True)
    return analysis


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
