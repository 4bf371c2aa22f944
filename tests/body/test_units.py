"""A wrong unit is called a wrong unit, not a wrong frame rate, and the right one is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body import stage
from mint.body.validate import run
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, read_trc, write_trc
from mint.core.status import Reason, StageStatus
from tests.body import synthetic

CONFIG = ValidateConfig()
TRIALS = "motion/opencap_subject4"
UNIT_M = {"m": 1.0, "cm": 0.01, "mm": 0.001}


def labelled(source: Path, target: Path, is_in: str, says: str) -> Path:
    """A trial whose coordinates are in one unit while its header names another."""
    table = read_trc(source)
    write_trc(target, MarkerTable(table.names, table.positions / UNIT_M[is_in], table.time_s, table.rate_hz), 1)
    target.write_text(target.read_text().replace("\tm\t", f"\t{says}\t", 1))
    return target


CONFUSED = [("mm", "cm"), ("mm", "m"), ("cm", "m"), ("cm", "mm"), ("m", "cm"), ("m", "mm")]


@pytest.mark.parametrize("trial", ["walking1", "squats1", "static1", "DJ1"])
@pytest.mark.parametrize(("is_in", "says"), CONFUSED)
def test_a_unit_that_the_body_disproves_is_corrected_with_a_warning(
    trial: str, is_in: str, says: str, shared: Any, tmp_path: Path
) -> None:
    good = run(shared(f"{TRIALS}/{trial}.trc"), "trc", tmp_path / "g.npz", CONFIG)
    path = labelled(shared(f"{TRIALS}/{trial}.trc"), tmp_path / "a.trc", is_in, says)
    bundle = run(path, "trc", tmp_path / "v.npz", CONFIG)
    assert bundle.ok, bundle.status.message
    np.testing.assert_allclose(bundle["markers"], good["markers"], atol=2e-6)
    (said,) = (text for text in bundle.status.warnings if "Units" in text)
    assert f"Units is {says}" in said and f"read as {is_in}, stature 1.7" in said


@pytest.mark.parametrize(("is_in", "says"), CONFUSED)
def test_markers_without_names_in_another_unit_are_refused_and_the_unit_is_named(
    is_in: str, says: str, shared: Any, tmp_path: Path
) -> None:
    table = read_trc(shared(f"{TRIALS}/squats1.trc"))
    names = [f"M{i}" for i in range(len(table.names))]
    write_trc(tmp_path / "unnamed.trc", MarkerTable(names, table.positions, table.time_s, table.rate_hz), 1)
    status = run(
        labelled(tmp_path / "unnamed.trc", tmp_path / "a.trc", is_in, says), "trc", tmp_path / "v.npz", CONFIG
    ).status
    assert status.reason is Reason.FIELD_VALUE, status.message
    assert f"{is_in} instead of {says} would make it" in status.message and "frame rate" not in status.message


def test_reflections_far_away_and_legs_alone_are_no_wrong_unit(shared: Any, tmp_path: Path) -> None:
    table = read_trc(shared(f"{TRIALS}/walking1.trc"))
    stray = table.positions.copy()
    stray[:, -5:] = 30.0 + 0.001 * np.arange(len(stray))[:, None, None]
    legs = [
        i
        for i, name in enumerate(table.names)
        if any(word in name.lower() for word in ("knee", "ankle", "toe", "calc", "sh"))
    ]
    for names, points in ((table.names, stray), ([table.names[i] for i in legs], table.positions[:, legs])):
        write_trc(tmp_path / "a.trc", MarkerTable(names, points, table.time_s, table.rate_hz), 1)
        status = run(tmp_path / "a.trc", "trc", tmp_path / "v.npz", CONFIG).status
        assert status.ok, status.message


def test_a_static_trial_in_another_unit_is_as_large_as_the_trial(shared: Any, tmp_path: Path) -> None:
    run(shared(f"{TRIALS}/walking1.trc"), "trc", tmp_path / "v.npz", CONFIG)

    def measured(static: Path) -> Bundle:
        return stage.run(tmp_path / "v.npz", None, None, tmp_path / "b.npz", BodyConfig(), static_path=static)

    good = measured(shared(f"{TRIALS}/static1.trc"))
    for is_in, says in CONFUSED:
        found = measured(labelled(shared(f"{TRIALS}/static1.trc"), tmp_path / "standing.trc", is_in, says))
        assert found.ok, found.status.message
        np.testing.assert_allclose(found["rest_markers"], good["rest_markers"], atol=2e-6)
        (said,) = (text for text in found.status.warnings if "times as far apart" in text)
        assert "standing.trc" in said and f"Units {says} in its header is wrong" in said
    table = read_trc(shared(f"{TRIALS}/static1.trc"))
    write_trc(tmp_path / "standing.trc", MarkerTable(table.names, 3 * table.positions, table.time_s, table.rate_hz))
    larger = measured(tmp_path / "standing.trc").status
    assert (
        larger.reason is Reason.SCALING and "standing.trc" in larger.message and "times as far apart" in larger.message
    )
    (tmp_path / "standing.trc").write_text(
        shared(f"{TRIALS}/static1.trc").read_text().replace("\tC7\t", "\tr_knee\t", 1)
    )
    twice = measured(tmp_path / "standing.trc").status
    assert not twice.ok and "standing.trc" in twice.message and "r_knee occurs more than once" in twice.message


def amass(folder: Path, data: dict[str, Any]) -> StageStatus:
    np.savez(folder / "a.npz", **data)
    return run(folder / "a.npz", "amass", folder / "v.npz", CONFIG).status


@pytest.mark.parametrize(("unit", "name"), [(100, "centimetres"), (1000, "millimetres")])
def test_a_standing_person_with_trans_in_another_unit_is_refused(unit: float, name: str, tmp_path: Path) -> None:
    data = synthetic.standing()
    status = amass(tmp_path, {**data, "trans": data["trans"] * unit * [0.01, 0.01, 1]})
    assert status.reason is Reason.FIELD_VALUE and "trans" in status.message and "frame rate" not in status.message
    assert f"; {name} would make it 0.95 m" in status.detail


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0])
def test_a_walk_with_trans_in_centimetres_is_refused_at_any_frame_rate(rate: float, tmp_path: Path) -> None:
    data = synthetic.motion()
    status = amass(tmp_path, {**data, "trans": data["trans"] * 100, "mocap_framerate": data["mocap_framerate"] * rate})
    assert status.reason is Reason.FIELD_VALUE and "not in metres" in status.message, status.message


def test_who_is_carried_without_moving_is_not_refused(tmp_path: Path) -> None:
    data = synthetic.standing()
    data["trans"] = data["trans"] + np.linspace(0, 4.5, len(data["trans"]))[:, None] * [1, 0, 0]
    status = amass(tmp_path, data)
    assert status.ok and any("is trans in metres?" in warning for warning in status.warnings)
