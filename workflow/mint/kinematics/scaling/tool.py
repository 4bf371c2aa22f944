"""OpenSim's ScaleTool: its setup file from a marker set, and its run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, StageError
from mint.kinematics.model.marker_sets import Array, MarkerSet, Measurement

_SECONDS = (0.0, 0.1)  # two identical frames: the tool averages over a time range and wants more than one


def run_scale_tool(folder: Path, points: Mapping[str, Array], marker_set: MarkerSet, mass_kg: float) -> Path:
    """Scale `generic.osim` of a folder to the rest `points` (name -> (3,) m, y up); return `scaled.osim` there.

    Bodies scale by the mean ratio of marker distances, masses keep their distribution and add up to `mass_kg`.
    Measurements whose markers are not all present are left out. The tool's marker placer is not used: its
    assembly stops far from the minimum (see `mint.kinematics.inverse.solver`) and its pose cannot be read.
    Raises `StageError(SCALING)`.
    """
    names = sorted(points)
    positions = np.repeat(np.array([[points[name] for name in names]]), len(_SECONDS), axis=0)
    write_trc(folder / "static.trc", MarkerTable(names, positions, np.array(_SECONDS), 10.0))
    setup = _setup(folder / "generic.osim", points, marker_set, mass_kg, folder / "scaled.osim")
    return _run_tool(folder, setup, f"{len(points)} markers")


def run_manual_scale(folder: Path, factors: Mapping[str, Sequence[float]], mass_kg: float) -> Path:
    """Scale `generic.osim` of a folder by factors x, y, z of bodies; return `scaled.osim` there.

    Masses keep their distribution and add up to `mass_kg`. Raises `StageError(SCALING)`.
    """
    tool, scaler = _tool(folder / "generic.osim", "manualScale", mass_kg, folder / "scaled.osim")
    objects = ElementTree.SubElement(ElementTree.SubElement(scaler, "ScaleSet", name="registered"), "objects")
    for body, values in factors.items():
        item = ElementTree.SubElement(objects, "Scale")
        _add(item, scales=" ".join(f"{value:.12g}" for value in values), segment=body, apply="true")
    _add(ElementTree.SubElement(tool, "MarkerPlacer"), apply="false")
    return _run_tool(folder, tool, f"{len(factors)} factors")


def _run_tool(folder: Path, tool: ElementTree.Element, of: str) -> Path:
    model_osim, output_osim, setup = (folder / name for name in ("generic.osim", "scaled.osim", "scale_setup.xml"))
    root = ElementTree.Element("OpenSimDocument", Version="40500")
    root.append(tool)
    ElementTree.ElementTree(root).write(setup, encoding="utf-8", xml_declaration=True)
    opensim.Logger.setLevelString("error")
    try:
        # Returns False although all is well when the placer is off; the model file tells.
        opensim.ScaleTool(str(setup)).run()
    except RuntimeError as error:
        raise StageError(Reason.SCALING, f"OpenSim's ScaleTool: {error}") from error
    if not output_osim.exists():
        raise StageError(
            Reason.SCALING, f"OpenSim's ScaleTool wrote no {output_osim.name} from {model_osim.name} and {of}"
        )
    return output_osim


def _setup(
    model_osim: Path, points: Mapping[str, Array], marker_set: MarkerSet, mass_kg: float, output_osim: Path
) -> ElementTree.Element:
    tool, scaler = _tool(model_osim, "measurements", mass_kg, output_osim)
    _add(scaler, marker_file="static.trc", time_range=f"{_SECONDS[0]} {_SECONDS[1]}")
    _measurements(scaler, [m for m in marker_set.measurements if usable(m, points)])
    _add(ElementTree.SubElement(tool, "MarkerPlacer"), apply="false")
    return tool


def _tool(
    model_osim: Path, order: str, mass_kg: float, output_osim: Path
) -> tuple[ElementTree.Element, ElementTree.Element]:
    """The tool's set-up and, in it, that of its ModelScaler."""
    tool = ElementTree.Element("ScaleTool", name="scaled")
    _add(tool, mass=mass_kg, height=-1, age=-1)
    maker = ElementTree.SubElement(tool, "GenericModelMaker")
    _add(maker, model_file=model_osim.name, marker_set_file="Unassigned")
    scaler = ElementTree.SubElement(tool, "ModelScaler")
    _add(
        scaler,
        apply="true",
        scaling_order=order,
        preserve_mass_distribution="true",
        output_model_file=output_osim.name,
        output_scale_file="scale_set.xml",
    )
    return tool, scaler


def usable(measurement: Measurement, points: Mapping[str, Any]) -> bool:
    """Whether all markers of the measurement are there."""
    return all(name in points for pair in measurement.pairs for name in pair)


def _measurements(scaler: ElementTree.Element, measurements: Iterable[Measurement]) -> None:
    objects = ElementTree.SubElement(ElementTree.SubElement(scaler, "MeasurementSet", name="measurements"), "objects")
    for measurement in measurements:
        item = ElementTree.SubElement(objects, "Measurement", name=measurement.name)
        _add(item, apply="true")
        pairs = ElementTree.SubElement(ElementTree.SubElement(item, "MarkerPairSet"), "objects")
        for pair in measurement.pairs:
            _add(ElementTree.SubElement(pairs, "MarkerPair"), markers=" ".join(pair))
        bodies = ElementTree.SubElement(ElementTree.SubElement(item, "BodyScaleSet"), "objects")
        for body in measurement.bodies:
            _add(ElementTree.SubElement(bodies, "BodyScale", name=body), axes=" ".join(measurement.axes))


def read_scale_factors(folder: Path, bodies: Iterable[str]) -> dict[str, list[float]]:
    """Scale factors x, y, z per body that the tool wrote (it also lists frames that only carry geometry)."""
    wanted = set(bodies)
    out = {}
    for scale in ElementTree.parse(folder / "scale_set.xml").getroot().iter("Scale"):
        body = str(scale.findtext("segment")).strip()
        if body in wanted:
            out[body] = [float(x) for x in str(scale.findtext("scales")).split()]
    return out


def _add(parent: ElementTree.Element, **children: object) -> None:
    for name, value in children.items():
        ElementTree.SubElement(parent, name).text = str(value)
