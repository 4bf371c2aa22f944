"""What an AMASS file says twice: its clock, its frames, its body. A contradiction is refused or named, in planning too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.formats.header import motion_header
from tests.body import synthetic

CONFIG = ValidateConfig()
FRAMES, RATE = 200, 100.0


def validated(folder: Path, override: float | None = None, gender: str | None = None, **fields: Any) -> Bundle:
    np.savez(folder / "a.npz", **{**synthetic.motion(FRAMES, RATE), **fields})
    return run(folder / "a.npz", "amass", folder / "v.out", CONFIG, gender=gender, frame_rate_override=override)


def refused(folder: Path, reason: Reason, *words: str, planning: bool = True, **fields: Any) -> None:
    status = validated(folder, **fields).status
    assert status.reason is reason, status.message
    for word in ("a.npz", *words):
        assert word in status.message
    if planning:
        with pytest.raises(StageError) as error:
            motion_header(folder / "a.npz", "amass", CONFIG)
        assert error.value.detail == status.detail


def warned(folder: Path, *words: str, **fields: Any) -> Bundle:
    bundle = validated(folder, **fields)
    assert bundle.ok, bundle.status.message
    assert any(all(word in warning for word in words) for warning in bundle.status.warnings), bundle.status.warnings
    return bundle


def test_a_duration_that_contradicts_the_rate_is_refused_with_both_rates(tmp_path: Path) -> None:
    refused(
        tmp_path,
        Reason.FRAME_RATE,
        "mocap_framerate is 100 Hz",
        "mocap_time_length is 4 s for 200 frames, 50 Hz",
        "frame_rate_override",
        mocap_time_length=np.array(4.0),
    )


@pytest.mark.parametrize("seconds", [2.0, 1.99, 2.01, 1.98, 2.02])
def test_two_frames_of_a_duration_are_rounding(seconds: float, tmp_path: Path) -> None:
    assert validated(tmp_path, mocap_time_length=np.array(seconds)).status.warnings == ()


def test_a_small_difference_of_the_duration_is_a_warning(tmp_path: Path) -> None:
    bundle = warned(tmp_path, "mocap_time_length is 2.06 s", "97.0874 Hz", mocap_time_length=np.array([2.06]))
    assert bundle.meta["frame_rate_hz"] == RATE


@pytest.mark.parametrize(
    "value", [np.array("long"), np.array(np.nan), np.array(-1.0), np.zeros(3), np.array([None], dtype=object)]
)
def test_a_duration_that_is_none_is_named_and_not_compared(value: np.ndarray, tmp_path: Path) -> None:
    warned(tmp_path, "mocap_time_length", "not compared", mocap_time_length=value)


def test_an_override_decides_between_rate_and_duration_and_is_compared(tmp_path: Path) -> None:
    elapsed = np.array(4.0)
    for override, wrong in ((50.0, "mocap_framerate is 100"), (100.0, "mocap_time_length says 50 Hz")):
        bundle = warned(
            tmp_path, f"frame_rate_override is {override:g} Hz", wrong, override=override, mocap_time_length=elapsed
        )
        assert (bundle.meta["frame_rate_hz"], bundle.meta["stated_rate_hz"], bundle.meta["stated_duration_s"]) == (
            override,
            RATE,
            4.0,
        )


def test_two_spellings_of_the_rate_must_agree(tmp_path: Path) -> None:
    refused(
        tmp_path,
        Reason.FRAME_RATE,
        "mocap_framerate is 100 Hz",
        "mocap_frame_rate is 50 Hz",
        mocap_frame_rate=np.array(50),
    )
    warned(tmp_path, "mocap_frame_rate is 102 Hz", "first counts", mocap_frame_rate=np.array(102))
    assert validated(tmp_path, mocap_frame_rate=np.array(100)).status.warnings == ()


@pytest.mark.parametrize("field", ["dmpls", "root_orient", "pose_body", "marker_data"])
def test_rows_of_other_fields_tell_of_poses_that_were_thinned_out(field: str, tmp_path: Path) -> None:
    shape = (5, 3) if field == "marker_data" else (8,)
    refused(
        tmp_path, Reason.FIELD_SHAPE, f"field {field} has 400 frames, poses has 200", **{field: np.zeros((400, *shape))}
    )
    warned(tmp_path, f"field {field} has 199 frames", **{field: np.zeros((199, *shape))})
    assert validated(tmp_path, **{field: np.zeros((200, *shape))}).status.warnings == ()


@pytest.mark.parametrize("labels", [np.zeros((53, 3)), np.array([None] * 53, dtype=object), np.array(["LFHD"] * 53)])
def test_labels_of_markers_are_no_frames(labels: np.ndarray, tmp_path: Path) -> None:
    assert validated(tmp_path, markers=labels, labels=labels).status.warnings == ()


def test_poses_are_compared_with_their_parts(tmp_path: Path) -> None:
    poses = synthetic.motion(FRAMES, RATE)["poses"]
    parts = {"root_orient": poses[:, :3], "pose_body": poses[:, 3:66], "pose_hand": poses[:, 66:]}
    assert validated(tmp_path, **{name: part.astype(np.float32) for name, part in parts.items()}).status.warnings == ()
    turned = parts["root_orient"].copy()
    turned[7] *= 1 - 2 * np.pi / np.linalg.norm(turned[7])  # the same turn, written the other way round
    assert validated(tmp_path, root_orient=turned).status.warnings == ()
    for turn, outcome in ((0.02, warned), (0.2, None)):
        changed = {"pose_body": parts["pose_body"].copy()}
        changed["pose_body"][33, 4] += turn
        if outcome is not None:
            outcome(tmp_path, "field pose_body, frame 33", "poses counts", **changed)
        else:
            refused(tmp_path, Reason.FIELD_VALUE, "field pose_body, frame 33", planning=False, **changed)


def test_a_file_of_another_body_model_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path, Reason.FIELD_VALUE, "surface_model_type is 'smplx'", "smplh", surface_model_type=np.array("smplx")
    )
    for good in ("smplh", "SMPL-H", "smpl+h"):
        assert validated(tmp_path, surface_model_type=np.array(good)).status.warnings == ()
    warned(tmp_path, "surface_model_type is 'ghum'", surface_model_type=np.array("ghum"))


def test_the_number_of_betas_is_compared(tmp_path: Path) -> None:
    warned(tmp_path, "num_betas is 10, betas has 16", num_betas=np.array(10))
    assert validated(tmp_path, num_betas=np.array(16)).status.warnings == ()


def test_the_table_wins_over_the_gender_of_the_file_and_says_so(tmp_path: Path) -> None:
    assert warned(tmp_path, "gender is female", "says male", gender="male").meta["gender"] == "male"
    assert validated(tmp_path, gender="female").status.warnings == ()


@pytest.mark.parametrize(
    "rate", [np.array([]), np.array([100.0, 100.0]), np.array(100 + 1j), np.array(True), np.array("1e3 Hz")]
)
def test_what_is_no_rate_is_named_as_it_is(rate: np.ndarray, tmp_path: Path) -> None:
    refused(tmp_path, Reason.FRAME_RATE, "mocap_framerate", "frame_rate_override", mocap_framerate=rate)


def test_poses_in_degrees_are_recognized(tmp_path: Path) -> None:
    poses = np.rad2deg(synthetic.motion(FRAMES, RATE)["poses"])
    refused(tmp_path, Reason.FIELD_VALUE, "field poses", "as degrees it would be", planning=False, poses=poses)
