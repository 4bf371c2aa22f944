"""Registration on a person of known proportions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.core.status import Reason, StageError
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.registration.frames import Seen
from mint.kinematics.registration.register import Registration, register
from tests.kinematics_scale.register_person import CLUSTERS, UNNAMED, Person, only, person, renamed

LENGTHS = ("thigh_y", "shank_y")


def run(osim: Path, seen: Seen, height_m: float | None = None) -> Registration:
    return register(osim, seen, "pose2sim", coordinate_rows("pose2sim"), height_m, "static.trc")


@pytest.fixture(scope="module")
def someone(pose2sim_osim: Path) -> Person:
    return person(pose2sim_osim)


@pytest.fixture(scope="module")
def found(pose2sim_osim: Path, someone: Person) -> Registration:
    return run(pose2sim_osim, someone.seen)


def factors_of(found: Registration, someone: Person) -> dict[str, float]:
    return dict(zip(someone.factors, found.fit.factors.tolist(), strict=True))


def test_factors_come_back(found, someone):
    got = factors_of(found, someone)
    for name in LENGTHS:
        assert got[name] == pytest.approx(someone.factors[name], abs=0.025), name
    for name, value in someone.factors.items():
        assert got[name] == pytest.approx(value, abs=0.06), name


def test_every_marker_is_on_its_body(found, someone):
    assert {row.marker: row.body for row in found.rows} == someone.bodies


def test_markers_fit_to_a_few_millimetres(found):
    assert max(row.residual_m for row in found.rows) < 0.012
    assert np.sqrt(np.mean([row.residual_m**2 for row in found.rows])) < 0.006


def test_clusters_and_unnamed_markers_have_no_landmark_and_landmarks_have_theirs(found):
    landmark = {row.marker: row.landmark for row in found.rows}
    assert landmark["RASI"] == "anterior_superior_iliac_spine_r" and landmark["LKNI"] == "medial_femoral_epicondyle_l"
    assert {landmark[name] for name in UNNAMED} == {"cluster"}
    assert {landmark[side + stem.upper()] for stem in CLUSTERS for side in "RL"} == {"cluster"}


def test_the_same_markers_give_the_same_numbers(found, pose2sim_osim, someone):
    again = run(pose2sim_osim, someone.seen)
    assert repr(again.rows) == repr(found.rows) and again.factors == found.factors


def test_a_mirrored_person_gives_the_mirrored_result(found, pose2sim_osim, someone):
    other = {name: {"R": "L", "L": "R"}[name[0]] + name[1:] for name in someone.seen.names if name[0] in "RL"}
    mirrored = run(pose2sim_osim, replace(renamed(someone.seen, other), points=someone.seen.points * [1, 1, -1]))
    assert np.allclose(mirrored.fit.factors, found.fit.factors, atol=2e-3)
    place = {row.marker: row.place_m for row in mirrored.rows}
    for row in found.rows:
        assert np.allclose(place[other.get(row.marker, row.marker)] * np.array([1, 1, -1]), row.place_m, atol=2e-3), row


def test_a_stated_height_gives_the_size(pose2sim_osim, someone):
    size = [run(pose2sim_osim, someone.seen, height).fit.size for height in (1.5, 1.8)]
    assert size[0] < size[1]


def test_markers_of_left_and_right_that_are_exchanged_are_refused_by_name(pose2sim_osim, someone):
    seen = renamed(someone.seen, {"RKNE": "LKNE", "LKNE": "RKNE", "RKNI": "LKNI", "LKNI": "RKNI"})
    with pytest.raises(StageError) as error:
        run(pose2sim_osim, seen)
    assert error.value.reason is Reason.SIDES
    assert "RKNE" in error.value.detail and "LKNE" in error.value.detail and "RASI" not in error.value.detail


def test_a_leg_without_landmarks_is_refused_with_what_to_add(pose2sim_osim, someone):
    gone = ("LKNE", "LKNI", "LANK", "LMED", "LHEE", "LMT1", "LMT5")
    with pytest.raises(StageError) as error:
        run(pose2sim_osim, only(someone.seen, [name for name in someone.seen.names if name not in gone]))
    assert error.value.reason is Reason.MARKER_MISSING
    assert "left foot" in error.value.detail and "right" not in error.value.detail
    assert error.value.remedy and "LHEE" in error.value.remedy


def test_unknown_names_are_refused_with_the_names_that_are_known(pose2sim_osim, someone):
    with pytest.raises(StageError) as error:
        run(pose2sim_osim, renamed(someone.seen, {name: f"M{i}" for i, name in enumerate(someone.seen.names)}))
    assert error.value.reason is Reason.MARKER_MISSING and "landmarks" in error.value.detail


def test_one_standing_frame_serves_for_markers_that_the_trials_lack(pose2sim_osim, someone):
    points = someone.seen.points.copy()
    only_static = [someone.seen.names.index(name) for name in ("RKNI", "LKNI", "RMED", "LMED")]
    points[1:, only_static] = np.nan
    points[0, someone.seen.names.index("STRN")] = np.nan
    found = run(pose2sim_osim, replace(someone.seen, points=points))
    got = factors_of(found, someone)
    assert all(got[name] == pytest.approx(someone.factors[name], abs=0.03) for name in LENGTHS)
    assert {row.marker: row.body for row in found.rows} == someone.bodies


def test_trials_alone_scale_a_person_too(pose2sim_osim, someone):
    found = run(pose2sim_osim, someone.seen.rows(~someone.seen.standing))
    got = factors_of(found, someone)
    assert all(got[name] == pytest.approx(someone.factors[name], abs=0.04) for name in LENGTHS)


def test_a_standing_frame_alone_scales_a_person_and_leaves_unnamed_markers_out(pose2sim_osim, someone):
    found = run(pose2sim_osim, someone.seen.rows(someone.seen.standing))
    got = factors_of(found, someone)
    assert all(got[name] == pytest.approx(someone.factors[name], abs=0.05) for name in LENGTHS)
    assert not {row.marker for row in found.rows} & set(UNNAMED)
    assert any("U_11" in text for text in found.warnings)


def test_a_static_trial_of_another_person_is_refused(pose2sim_osim, someone):
    points = someone.seen.points.copy()
    points[0] *= 1.3
    with pytest.raises(StageError, match="bones are 130 % as long") as error:
        run(pose2sim_osim, replace(someone.seen, points=points))
    assert error.value.reason is Reason.SCALING


def test_a_marker_on_another_segment_than_its_name_says_is_told_and_put_there(pose2sim_osim, someone):
    points = someone.seen.points.copy()
    points[:, someone.seen.names.index("RTHI1")] = points[:, someone.seen.names.index("RTIB2")] + [0.0, 0.02, 0.0]
    found = run(pose2sim_osim, replace(someone.seen, points=points))
    assert {row.marker: row.body for row in found.rows}["RTHI1"] == "tibia_r"


def test_a_landmark_that_is_somewhere_else_on_its_body_does_not_bend_the_fit(found, pose2sim_osim, someone):
    names = {"CLAV": "STRN", "STRN": "CLAV"}
    exchanged = run(pose2sim_osim, renamed(someone.seen, names))
    assert any("CLAV" in text and "STRN" in text for text in exchanged.warnings)
    assert np.allclose(exchanged.fit.factors, found.fit.factors, atol=0.04)
    assert max(row.residual_m for row in exchanged.rows if row.marker in names) < 0.015


def test_skin_that_slides_over_a_thigh_does_not_change_lengths(pose2sim_osim, someone):
    points = someone.seen.points.copy()
    slide = 0.015 * np.sin(np.arange(len(points)))[:, None] * [0, 1, 0]
    for name in ("RTHI1", "RTHI2", "LTHI1", "LTHI2"):
        points[:, someone.seen.names.index(name)] += slide
    got = factors_of(run(pose2sim_osim, replace(someone.seen, points=points)), someone)
    assert all(got[name] == pytest.approx(someone.factors[name], abs=0.03) for name in LENGTHS)
