"""Names that a marker set does not know: what differs, which parts lack markers, and what strangers may not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body import stage, validate
from mint.body.marker_names import near_misses, spelling_hint, what_differs
from mint.body.marker_parts import parts_of
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, read_trc, write_trc
from mint.core.status import Reason
from mint.core.tables import table

TRIALS = "motion/opencap_subject4"
BODIES = {str(row.marker): str(row.body) for row in table("marker_sets/opencap_vicon/markers_pose2sim").itertuples()}


def measure(markers: MarkerTable, folder: Path, config: BodyConfig | None = None) -> Bundle:
    write_trc(folder / "trial.trc", markers, 1)
    validate.run(folder / "trial.trc", "trc", folder / "v.npz", ValidateConfig())
    return stage.run(folder / "v.npz", None, None, folder / "b.npz", config or BodyConfig(), marker_bodies=BODIES)


@pytest.fixture(scope="module")
def squat(shared: Any) -> MarkerTable:
    whole = read_trc(shared(f"{TRIALS}/squats1.trc"))
    return MarkerTable(whole.names, whole.positions[:150], whole.time_s[:150], whole.rate_hz)


def renamed(markers: MarkerTable, name: Any) -> MarkerTable:
    return MarkerTable([name(each) for each in markers.names], markers.positions, markers.time_s, markers.rate_hz)


def with_strangers(markers: MarkerTable, extra: np.ndarray) -> MarkerTable:
    names = [*markers.names, *(f"*C_{i}" for i in range(extra.shape[1]))]
    return MarkerTable(names, np.concatenate([markers.positions, extra], axis=1), markers.time_s, markers.rate_hz)


@pytest.mark.parametrize(
    ("found", "how"),
    [
        ("Subject01:L_knee", "prefix `Subject01:`"),
        ("l_knee", "capital letters"),
        ("L knee", "separators"),
        ("L.knee", "separators"),
        ("Left_knee", "side"),
        ("knee_L", "side"),
        ("L_kneee", "spelling"),
        ("Subject01:l_knee", "prefix `Subject01:` in front and capital letters"),
    ],
)
def test_a_near_miss_of_spelling_says_what_differs(found: str, how: str) -> None:
    assert near_misses(["L_knee", "L_toe"], [found]) == {"L_knee": found}
    assert how in what_differs("L_knee", found)


def test_other_markers_are_no_near_misses() -> None:
    assert near_misses(["r_thigh1", "L_knee"], ["r_thigh7", "r_knee", "C7", "head"]) == {}
    assert spelling_hint(["L_knee"], ["C7"]) == ""


def test_names_of_a_hostile_file_are_compared_in_bounded_time() -> None:
    names = ["x" * 5000 + str(i) for i in range(3000)]
    assert near_misses([f"L_marker{i}" for i in range(300)], names) == {}


def test_a_prefix_of_the_person_on_all_names_counts_nowhere(squat: MarkerTable, tmp_path: Path) -> None:
    ours, theirs = (
        measure(renamed(squat, lambda name, before=before: f"{before}{name}"), tmp_path)
        for before in ("", "Subject01:")
    )
    assert ours.ok and theirs.names("marker_names") == ours.names("marker_names")
    np.testing.assert_array_equal(theirs["heights"], ours["heights"])


def test_another_prefix_on_all_names_is_what_differs(squat: MarkerTable, tmp_path: Path) -> None:
    status = measure(renamed(squat, lambda name: f"S1_{name}"), tmp_path).status
    assert status.reason is Reason.MARKER_MISSING
    assert "trial.trc" in status.detail and "`S1_C7`" in status.detail
    assert "rename" in status.remedy


def test_left_markers_of_another_spelling_are_refused_by_name(squat: MarkerTable, tmp_path: Path) -> None:
    status = measure(renamed(squat, lambda name: "l" + name[1:] if name.startswith("L_") else name), tmp_path).status
    assert status.reason is Reason.MARKER_MISSING
    assert "left shank" in status.detail and "right" not in status.detail
    assert "`l_5meta` for `L_5meta`" in status.detail and "capital letters" in status.detail


def test_three_matching_markers_are_refused(squat: MarkerTable, tmp_path: Path) -> None:
    three = renamed(squat, lambda name: name if name in ("C7", "L.ASIS", "r.ASIS") else f"x{name}")
    status = measure(three, tmp_path).status
    assert status.reason is Reason.MARKER_MISSING and "left foot" in status.detail


def test_a_lower_body_is_kept_and_the_arms_are_named(squat: MarkerTable, tmp_path: Path) -> None:
    bundle = measure(renamed(squat, lambda name: f"x{name}" if "elbow" in name or "wrist" in name else name), tmp_path)
    assert bundle.ok, bundle.status.message
    assert any("right upper arm" in warning and "left forearm" in warning for warning in bundle.status.warnings)


def test_the_measured_names_are_accepted_and_strangers_listed_once(squat: MarkerTable, tmp_path: Path) -> None:
    bundle = measure(squat, tmp_path)
    assert bundle.ok and set(bundle.names("marker_names")) <= set(BODIES)
    assert sum("`L_HJC`" in warning and "ignored" in warning for warning in bundle.status.warnings) == 1


def test_a_reflection_on_the_floor_is_on_no_part(squat: MarkerTable, tmp_path: Path) -> None:
    plain = measure(squat, tmp_path)
    floor = np.tile([0.4, 0.003, 0.4], (len(squat.positions), 1, 1))
    bundle = measure(with_strangers(squat, floor), tmp_path)
    assert bundle.ok and any("`*C_0`" in warning for warning in bundle.status.warnings)
    np.testing.assert_array_equal(bundle["heights"], plain["heights"])
    assert parts_of(["*C_1", "C7"], None) == ["", "torso"]


@pytest.mark.parametrize("seen", [0, 3])
def test_empty_columns_refuse_no_trial(seen: int, squat: MarkerTable, tmp_path: Path) -> None:
    empty = np.full((len(squat.positions), 80, 3), np.nan)
    empty[:seen] = 1.0
    bundle = measure(with_strangers(squat, empty), tmp_path)
    assert bundle.ok, bundle.status.message


def test_mostly_missing_markers_of_the_set_are_refused(squat: MarkerTable, tmp_path: Path) -> None:
    positions = squat.positions.copy()
    positions[np.arange(len(positions)) // 10 % 4 > 0] = np.nan
    status = measure(MarkerTable(squat.names, positions, squat.time_s, squat.rate_hz), tmp_path).status
    assert status.reason is Reason.NOT_FINITE and "69 %" in status.detail


def test_what_is_missing_after_the_person_has_left_counts_for_nothing(squat: MarkerTable, tmp_path: Path) -> None:
    positions = squat.positions.copy()
    positions[40:] = np.nan
    bundle = measure(MarkerTable(squat.names, positions, squat.time_s, squat.rate_hz), tmp_path)
    assert bundle.ok, bundle.status.message
    assert [note for note in bundle.meta["notes"] if "from 0.0 to 0.38 s: only that is computed" in note]
