"""The exported model moves as OpenSim's does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.core.status import Reason, StageError
from mint.kinematics.model.export import export_leg_model, items, load_model, vector
from mint.kinematics.model.forward_kinematics import ForwardKinematics

from .conftest import Derived


def _opensim_origins(path: Path, values: dict[str, np.ndarray], frame: int) -> dict[str, np.ndarray]:
    model = load_model(path)
    state = model.initSystem()
    coordinates = model.getCoordinateSet()
    for name in values:
        coordinates.get(name).setLocked(state, False)
    for name, series in values.items():
        coordinates.get(name).setValue(state, float(series[frame]), False)
    model.realizePosition(state)
    places = {}
    for body in items(model.getBodySet()):
        station = body.findStationLocationInGround(state, body.getMassCenter().scalarTimesEq(1.0))
        places[body.getName()] = np.array(vector(station))
    return places


def _random_poses(record: dict[str, Any], n: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(3)
    dependent = {c["dependent"] for c in record["couplers"]}
    names = [n for n in record["coordinates"] if n not in dependent]
    bounds = np.array(
        [[max(record["coordinates"][n]["lo"], -1.5), min(record["coordinates"][n]["hi"], 1.5)] for n in names]
    )
    return names, rng.uniform(bounds[:, 0], bounds[:, 1], size=(n, len(names)))


def _largest_error(path: Path, record: dict[str, Any]) -> dict[str, float]:
    kinematics = ForwardKinematics(record)
    names, q = _random_poses(record, 4)
    poses, values = kinematics.transforms(names, q), kinematics.values(names, q)
    errors: dict[str, float] = {}
    for frame in range(len(q)):
        for body, place in _opensim_origins(path, values, frame).items():
            rotation, origin = poses[body]
            ours = rotation[frame] @ np.array(record["bodies"][body]["com_m"]) + origin[frame]
            errors[body] = max(errors.get(body, 0.0), float(np.abs(ours - place).max()))
    return errors


def test_forward_kinematics_of_the_leg_model_equals_opensim(full_trunk: Derived, single_torso: Derived) -> None:
    for derived in (full_trunk, single_torso):
        assert max(_largest_error(derived.leg_path, derived.leg).values()) < 1e-9


def test_spline_joints_are_fitted_to_a_third_of_a_millimetre(full_trunk: Derived) -> None:
    errors = _largest_error(full_trunk.source_path, full_trunk.source)
    assert max(errors.values()) < 3e-4
    assert max(v for body, v in errors.items() if body not in _below_knees()) < 1e-6


def _below_knees() -> set[str]:
    return {f"{b}_{s}" for b in ("tibia", "patella", "talus", "calcn", "toes") for s in "rl"}


def test_export_keeps_masses_locks_and_contact_parameters(single_torso: Derived, full_trunk: Derived) -> None:
    assert sum(b["mass_kg"] for b in single_torso.leg["bodies"].values()) == pytest.approx(78.2, abs=1e-6)
    heel = next(c for c in single_torso.leg["contacts"] if c["name"].endswith("s1_r"))
    assert (heel["body"], heel["radius_m"], heel["stiffness"]) == ("calcn_r", 0.032, 1e6)
    assert full_trunk.source["coordinates"]["mtp_angle_r"]["locked"]
    assert not full_trunk.leg["coordinates"]["mtp_angle_r"]["locked"]


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        export_leg_model(tmp_path / "absent.osim", tmp_path / "out.json")
    assert caught.value.reason is Reason.FILE_MISSING and "absent.osim" in caught.value.detail
    (tmp_path / "broken.osim").write_text("not a model")
    with pytest.raises(StageError) as caught:
        export_leg_model(tmp_path / "broken.osim", tmp_path / "out.json")
    assert caught.value.reason is Reason.FILE_CORRUPT
