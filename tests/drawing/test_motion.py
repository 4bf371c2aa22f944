"""Which motion is drawn: the solved one, else the measured one, else none."""

from __future__ import annotations

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.drawing.chunks import measured_markers, read_chunks
from mint.drawing.motion import whole_body
from mint.drawing.places import drawn_frames
from mint.kinematics.leg_model.torso import LUMBAR
from tests.drawing.squat import LIFT_M, PRESSED_M, TURNED_RAD, Squat


@pytest.fixture
def chunks(drawn_squat: Squat) -> list:
    return read_chunks(drawn_squat.folder, [chunk["window"] for chunk in drawn_squat.merged.meta["chunks"]])


def test_frames_are_thinned_evenly_to_what_the_page_takes() -> None:
    assert drawn_frames(7, 147, 1500).tolist() == list(range(7, 147))
    assert drawn_frames(7, 147, 50).tolist() == list(range(7, 147, 3))
    assert len(drawn_frames(7, 147, 70)) == 70


def test_solved_frames_move_as_the_legs_were_solved(drawn_squat: Squat, chunks: list) -> None:
    frames = np.array([20, 40, 76])
    q, solved = whole_body(drawn_squat.model, drawn_squat.mapping, drawn_squat.merged, chunks, frames)
    assert solved.all()
    for name in ("pelvis_ty", "hip_flexion_r", "knee_angle_l", "arm_flex_r"):
        i = drawn_squat.model.coordinates.index(name)
        assert q[:, i] == pytest.approx(drawn_squat.q[frames, i], abs=1e-6)
    names, legs = drawn_squat.mapping.map(drawn_squat.model.coordinates, q)
    _, measured = drawn_squat.mapping.map(drawn_squat.model.coordinates, drawn_squat.q[frames])
    lean = (legs - measured)[:, [names.index(n) for n in LUMBAR]]
    assert lean == pytest.approx(np.tile([-TURNED_RAD, 0, 0], (3, 1)), abs=1e-4), "the torso is the leg solution's"


def test_a_gap_moves_as_its_markers_were_measured(drawn_squat: Squat, chunks: list) -> None:
    frames = np.array([76, 77, 100, 146])
    q, solved = whole_body(drawn_squat.model, drawn_squat.mapping, drawn_squat.merged, chunks, frames)
    assert solved.tolist() == [True, False, False, False]
    assert q[1:] == pytest.approx(drawn_squat.q[frames[1:]], abs=1e-9)


def test_frames_without_inverse_kinematics_have_no_pose(drawn_squat: Squat, chunks: list) -> None:
    frames = np.array([50, 100])
    q, solved = whole_body(drawn_squat.model, drawn_squat.mapping, drawn_squat.merged, chunks[:1], frames)
    assert solved.tolist() == [True, False]
    assert np.isfinite(q[0]).all() and np.isnan(q[1]).all()


def test_markers_lie_where_the_posed_model_has_them(drawn_squat: Squat, chunks: list) -> None:
    frames = np.array([30, 90])
    names, positions = measured_markers(chunks, frames)
    assert len(names) == 67 and [chunk.lifted_m for chunk in chunks] == pytest.approx([LIFT_M + PRESSED_M, LIFT_M])
    assert np.abs(positions - drawn_squat.markers[frames]).max() < 1e-5


def test_a_missing_marker_file_leaves_its_frames_without_markers(drawn_squat: Squat, chunks: list, tmp_path) -> None:
    chunks[1] = type(chunks[1])(tmp_path, chunks[1].start, chunks[1].stop, None, 0.0)
    names, positions = measured_markers(chunks, np.array([30, 90]))
    assert len(names) == 67 and np.isfinite(positions[0]).all() and np.isnan(positions[1]).all()


def test_activation_is_that_of_the_muscles_own_columns(drawing: Bundle, drawn_squat: Squat) -> None:
    names, solved = drawing.names("muscles"), drawing["solved"]
    assert drawing["leg_muscle"].sum() == 80 and len(names) == 318
    at = drawing["activation"][:, names.index("EO1_r")]
    assert (at[solved] == 0.75).all() and np.isnan(at[~solved]).all()
    legs = drawing["activation"][solved][:, [names.index(n) for n in ("addbrev_r", "vasmed_l")]]
    columns = [next(i for i, c in enumerate(_columns()) if c == f"LU_{n}") for n in ("addbrev_r", "vasmed_l")]
    assert np.array_equal(legs, drawn_squat.merged["activation"][:, columns])
    assert np.isfinite(drawing["activation"][solved]).sum(axis=1).tolist() == [82] * 70


def _columns() -> list[str]:
    from mint.core.tables import mint_columns

    return mint_columns()
