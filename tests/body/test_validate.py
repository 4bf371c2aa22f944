"""Broken input: one clear message each, naming file, field and remedy; never an exception, never an unpickling."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, Status
from tests.body import synthetic

CONFIG = ValidateConfig()
Fields = dict[str, Any]


class RunsWhenUnpickled:
    """An object whose unpickling creates a folder."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.witness),)


def replaced(**changes: Any) -> Callable[[Fields], Fields]:
    return lambda data: {**data, **changes}


def without(*fields: str) -> Callable[[Fields], Fields]:
    return lambda data: {name: value for name, value in data.items() if name not in fields}


def with_value(field: str, frame: int, value: float) -> Callable[[Fields], Fields]:
    def change(data: Fields) -> Fields:
        values = data[field].copy()
        values[frame, 2] = value
        return {**data, field: values}

    return change


def faster(factor: float) -> Callable[[Fields], Fields]:
    return lambda data: {**data, "mocap_framerate": data["mocap_framerate"] * factor}


def cut(data: Fields, count: int) -> Fields:
    return {**data, "poses": data["poses"][:count], "trans": data["trans"][:count]}


# what is broken -> (change, reason, words that the message must hold)
BROKEN: dict[str, tuple[Callable[[Fields], Fields], Reason, tuple[str, ...]]] = {
    "no poses": (without("poses"), Reason.FIELD_MISSING, ("poses", "missing")),
    "no trans": (without("trans"), Reason.FIELD_MISSING, ("trans", "missing")),
    "no betas": (without("betas"), Reason.FIELD_MISSING, ("betas", "missing")),
    "no frame rate": (without("mocap_framerate"), Reason.FIELD_MISSING, ("mocap_framerate", "frame_rate_override")),
    "SMPL-X poses": (replaced(poses=np.zeros((200, 165))), Reason.CONTRADICTION, ("source is amass", "smplx")),
    "SMPL poses": (replaced(poses=np.zeros((200, 72))), Reason.CONTRADICTION, ("source is amass", "smpl:")),
    "flat trans": (replaced(trans=np.zeros(600)), Reason.FIELD_SHAPE, ("trans", "(600,)")),
    "other length": (replaced(trans=np.zeros((199, 3))), Reason.FIELD_SHAPE, ("trans", "199", "200")),
    "12 betas": (replaced(betas=np.zeros(12)), Reason.FIELD_SHAPE, ("betas", "10 or 16")),
    "NaN pose": (with_value("poses", 17, np.nan), Reason.NOT_FINITE, ("poses", "frame 17")),
    "infinite trans": (with_value("trans", 3, np.inf), Reason.NOT_FINITE, ("trans", "frame 3")),
    "text poses": (replaced(poses=np.full((200, 156), "x")), Reason.FIELD_VALUE, ("poses", "numbers")),
    "millimetres": (with_value("trans", 5, 912.0), Reason.FIELD_VALUE, ("trans", "frame 5", "912")),
    "whole numbers": (
        lambda d: {**d, "poses": d["poses"].astype(int)},
        Reason.FIELD_VALUE,
        ("poses", "int64", "whole numbers"),
    ),
    "absurd pose": (with_value("poses", 5, 90.0), Reason.FIELD_VALUE, ("poses", "frame 5", "90")),
    "absurd shape": (replaced(betas=np.full(16, 30.0)), Reason.FIELD_VALUE, ("betas", "30")),
    "unknown gender": (replaced(gender=np.array("robot")), Reason.FIELD_VALUE, ("gender", "robot", "sequence table")),
    "zero frame rate": (faster(0), Reason.FRAME_RATE, ("mocap_framerate", "0 Hz", "frame_rate_override")),
    "negative frame rate": (faster(-1), Reason.FRAME_RATE, ("mocap_framerate",)),
    "NaN frame rate": (faster(np.nan), Reason.FRAME_RATE, ("mocap_framerate",)),
    "text frame rate": (replaced(mocap_framerate=np.array("fast")), Reason.FRAME_RATE, ("mocap_framerate",)),
    "root too fast": (
        lambda d: {**d, "trans": d["trans"] * [20, 1, 1]},
        Reason.FRAME_RATE,
        ("trans", "root speed", "frame_rate_override"),
    ),
    "joints too fast": (
        lambda d: {**faster(3)(d), "trans": d["trans"] * 0, "poses": d["poses"] * 6},
        Reason.FRAME_RATE,
        ("poses", "frame_rate_override"),
    ),
    "too short": (lambda d: cut(d, 55), Reason.TOO_SHORT, ("55 frames", "0.6 s")),
    "no frames": (lambda d: cut(d, 0), Reason.TOO_SHORT, ("0 frames",)),
    "absurd length": (
        lambda d: {
            **d,
            "poses": np.zeros((30_000, 156), np.int8),
            "trans": np.zeros((30_000, 3), np.int8),
            "mocap_framerate": np.array(20),
        },
        Reason.TOO_LONG,
        ("30000 frames", "1200 s"),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_gives_one_clear_message(name: str, tmp_path: Path) -> None:
    change, reason, words = BROKEN[name]
    path = tmp_path / "bad_poses.npz"
    np.savez(path, **change(synthetic.motion()))
    status = run(path, "amass", tmp_path / "validated.npz", CONFIG).status
    assert (status.status, status.reason) == (Status.FAILED, reason), status.message
    message = status.message
    assert status.remedy and "\n" not in message
    for word in ("bad_poses.npz", *words):
        assert word in message, f"{word!r} is not in {message!r}"
    assert Bundle.read(tmp_path / "validated.npz").status == status


@pytest.mark.parametrize("field", ["poses", "gender", "betas"])
def test_pickled_field_is_refused_and_never_unpickled(field: str, tmp_path: Path) -> None:
    path, witness = tmp_path / "bad_poses.npz", tmp_path / "witness"
    hostile = np.empty(1, dtype=object)
    hostile[0] = RunsWhenUnpickled(witness)
    np.savez(path, **{**synthetic.motion(), field: hostile})
    status = run(path, "amass", tmp_path / "validated.npz", CONFIG).status
    assert status.reason is Reason.FIELD_VALUE
    assert f"field {field} is a pickled object array" in status.message
    assert not witness.exists()
    with np.load(path, allow_pickle=True) as data:
        data[field]
    assert witness.exists(), "the test's object must act when it is unpickled, or the test proves nothing"


@pytest.mark.parametrize("keep", [0, 10, 5_000, -400])
def test_truncated_file_is_corrupt(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "bad_poses.npz"
    np.savez_compressed(path, **synthetic.motion())
    path.write_bytes(path.read_bytes()[:keep])
    status = run(path, "amass", tmp_path / "validated.npz", CONFIG).status
    assert status.reason is Reason.FILE_CORRUPT and "bad_poses.npz" in status.message


def test_damaged_bytes_inside_are_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "bad_poses.npz"
    np.savez_compressed(path, **synthetic.motion())
    content = bytearray(path.read_bytes())
    content[3000:3040] = bytes(40)
    path.write_bytes(content)
    status = run(path, "amass", tmp_path / "validated.npz", CONFIG).status
    assert status.reason is Reason.FILE_CORRUPT and "field poses" in status.message


def test_missing_file_and_unknown_source_are_statuses(tmp_path: Path) -> None:
    assert run(tmp_path / "no.npz", "amass", tmp_path / "a.npz", CONFIG).status.reason is Reason.FILE_MISSING
    assert run(tmp_path / "no.trc", "trc", tmp_path / "b.npz", CONFIG).status.reason is Reason.FILE_MISSING
    assert run(tmp_path / "no.xyz", "xyz", tmp_path / "c.npz", CONFIG).status.reason is Reason.TABLE


@pytest.mark.parametrize(
    "gender", [np.array("female"), np.array(b"female"), np.array(["FEMALE"]), np.array("b'female'")]
)
def test_gender_is_read_in_every_spelling(gender: np.ndarray, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **{**synthetic.motion(), "gender": gender})
    assert run(tmp_path / "a.npz", "amass", tmp_path / "v.npz", CONFIG).meta["gender"] == "female"
    assert run(tmp_path / "a.npz", "amass", tmp_path / "v.npz", CONFIG, gender="male").meta["gender"] == "male"


@pytest.mark.parametrize("key", ["mocap_framerate", "mocap_frame_rate"])
@pytest.mark.parametrize("betas", [10, 16])
def test_both_frame_rate_spellings_and_both_beta_lengths_are_read(key: str, betas: int, tmp_path: Path) -> None:
    data = without("mocap_framerate")(synthetic.motion())
    np.savez(tmp_path / "a.npz", **{**data, key: np.array([100.0]), "betas": data["betas"][:betas]})
    bundle = run(tmp_path / "a.npz", "amass", tmp_path / "v.npz", CONFIG)
    assert bundle.ok and bundle.meta["frame_rate_hz"] == 100.0
    np.testing.assert_array_equal(bundle["betas"], np.r_[data["betas"][:betas], np.zeros(16 - betas)])
    assert (
        run(tmp_path / "a.npz", "amass", tmp_path / "v.npz", CONFIG, frame_rate_override=60.0).meta["frame_rate_hz"]
        == 60.0
    )


def test_doubtful_speed_is_a_warning_not_a_failure(tmp_path: Path) -> None:
    data = synthetic.motion()
    np.savez(tmp_path / "a.npz", **{**data, "trans": data["trans"] * [12, 1, 1]})
    status = run(tmp_path / "a.npz", "amass", tmp_path / "v.npz", CONFIG).status
    assert status.ok and any("root speed" in warning for warning in status.warnings)
    np.savez(tmp_path / "a.npz", **data)
    assert run(tmp_path / "a.npz", "amass", tmp_path / "v.npz", CONFIG).status.warnings == ()
