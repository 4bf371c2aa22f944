"""Sets of actuators that go with an exported model."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

from mint.exchange.xml import element, write_document

ENDING = "_actuator"
# Strength [N m, N] of actuators in static optimization, whose objective is the sum of squared controls: where no muscle
# acts moments are free, where muscles act 1 N m costs as much as a fully active muscle.
FREE, DEAR = 1000.0, 1.0


def write_actuators(path: Path, strength: Mapping[str, float], ending: str = ENDING) -> None:
    """A force set of coordinate actuators `<coordinate><ending>` with optimal forces by coordinate, in N m or N."""
    root = ElementTree.Element("OpenSimDocument", Version="40000")
    objects = element(element(root, "ForceSet", name=path.stem), "objects")
    for coordinate, optimal in strength.items():
        actuator = element(objects, "CoordinateActuator", name=f"{coordinate}{ending}")
        element(actuator, "coordinate", coordinate)
        element(actuator, "optimal_force", f"{optimal:g}")
        element(actuator, "min_control", "-Inf")
        element(actuator, "max_control", "Inf")
    write_document(path, root)
