"""Leg models of two published models, derived once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mint.kinematics.leg_model.derive import LegModelReport, derive_leg_model
from mint.kinematics.model.export import export_leg_model, load_model, model_record


@dataclass
class Derived:
    source_path: Path
    source: dict[str, Any]
    leg_path: Path
    leg: dict[str, Any]
    report: LegModelReport


def _derive(source: Path, folder: Path) -> Derived:
    leg = folder / "leg.osim"
    report = derive_leg_model(source, leg)
    export_leg_model(leg, folder / "leg_model.json")
    record = json.loads((folder / "leg_model.json").read_text())
    return Derived(source, model_record(load_model(source)), leg, record, report)


@pytest.fixture(scope="session")
def full_trunk(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> Derived:
    """From the model with all vertebrae, ribs and a free sternum; Millard muscles, no contact."""
    return _derive(shared("models/cyclistFullBodyMuscle.osim"), tmp_path_factory.mktemp("full402"))


@pytest.fixture(scope="session")
def single_torso(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> Derived:
    """From a model that already has one torso and contact spheres."""
    return _derive(shared("models/LaiArnoldModified2017_contacts.osim"), tmp_path_factory.mktemp("lai"))
