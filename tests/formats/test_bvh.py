"""BVH files are read with bounds: any order of channels, any line ends; what is damaged or hostile is one message."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.bvh import bvh_header
from mint.formats.bvh_motion import read_bvh
from mint.formats.trials import Given
from mint.retarget.chain import chain
from tests.body import synthetic
from tests.formats.bvh_files import BODY, Style, bvh_text

Floats = NDArray[np.float64]
CONFIG = ValidateConfig()
RATE = 60.0


def text(style: Style | None = None, frames: int = 60) -> str:
    data = synthetic.motion(frames, RATE)
    return bvh_text(synthetic.joint_positions(), data["poses"], data["trans"], RATE, style)


def places(path: Path) -> Floats:
    """Joints `(n,22,3)` in the file's unit, by depth-first order."""
    trial = read_bvh(path, CONFIG, Given())
    points, _ = chain(trial.offsets, trial.parents, trial.local, trial.offsets[:, 0])
    return np.asarray(points[:, ~trial.ends])


def written(folder: Path, content: str | bytes, name: str = "a.bvh") -> Path:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


@pytest.mark.parametrize("order", ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"])
@pytest.mark.parametrize("all_positions", [False, True])
def test_joints_are_in_the_same_places_in_any_order_of_channels(
    order: str, all_positions: bool, tmp_path: Path
) -> None:
    """Five decimals of degrees and centimetres over a chain of eight bones: less than 0.001 cm."""
    expected = places(written(tmp_path, text()))
    found = places(written(tmp_path, text(Style(order=order, all_positions=all_positions))))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_the_first_rotation_channel_is_the_outermost(tmp_path: Path) -> None:
    content = (
        """HIERARCHY
ROOT a
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT b
  {
    OFFSET 0 0 2
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 1 0 0
    }
  }
}
MOTION
Frames: 60
Frame Time: 0.01666667
"""
        + "1 2 3 30 40 50 10 20 70\n" * 60
    )
    trial = read_bvh(written(tmp_path, content), CONFIG, Given())
    points, _ = chain(trial.offsets, trial.parents, trial.local, trial.offsets[:, 0])
    first = Rotation.from_euler("ZXY", [30, 40, 50], degrees=True)
    second = first * Rotation.from_euler("ZXY", [10, 20, 70], degrees=True)
    b = np.array([1.0, 2, 3]) + first.apply([0.0, 0, 2])
    np.testing.assert_allclose(points[0], [[1, 2, 3], b, b + second.apply([1.0, 0, 0])], atol=1e-12)
    # By hand: y leads z to x by 50 deg, x lifts it by 40 deg, z turns it by 30 deg.
    z_axis = np.array(
        [
            np.sin(np.radians(50)),
            -np.sin(np.radians(40)) * np.cos(np.radians(50)),
            np.cos(np.radians(40)) * np.cos(np.radians(50)),
        ]
    )
    about_z = np.array([[np.cos(np.radians(30)), -0.5, 0], [0.5, np.cos(np.radians(30)), 0], [0, 0, 1]])
    np.testing.assert_allclose(points[0, 1], [1, 2, 3] + 2 * about_z @ z_axis, atol=1e-12)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("\n", "\r"),
        lambda t: "\ufeff" + t,
        lambda t: t + "\n\n  \n",
        lambda t: t.replace("{", "{ ").replace("OFFSET ", "OFFSET\t"),
        lambda t: t.replace("Frames:", "Frames:\t"),
        lambda t: t.replace("ROOT Hips\n{", "ROOT Hips {"),
        lambda t: t.replace("rotation", "Rotation").replace("HIERARCHY", "Hierarchy"),
    ],
)
def test_other_spellings_of_the_text_are_the_same_motion(change: Any, tmp_path: Path) -> None:
    expected = places(written(tmp_path, text()))
    np.testing.assert_array_equal(places(written(tmp_path, change(text()))), expected)


def test_utf16_is_the_same_motion(tmp_path: Path) -> None:
    expected = places(written(tmp_path, text()))
    np.testing.assert_array_equal(places(written(tmp_path, text().encode("utf-16"))), expected)


@pytest.mark.parametrize(
    ("time_s", "rate"),
    [
        ("0.0083333", 120.0),
        (".0333333", 30.0),
        ("0.01668335", 59.94),
        ("0.016667", 60.0),
        ("0.0083", 120.0),
        ("0.0417", 24.0),
        ("0.04170837", 23.976),
    ],
)
def test_a_rounded_frame_time_means_the_whole_rate(time_s: str, rate: float, tmp_path: Path) -> None:
    content = text(frames=200).replace(f"Frame Time: {1 / RATE:.7f}", f"Frame Time: {time_s}")
    assert bvh_header(written(tmp_path, content), CONFIG).rate_hz == pytest.approx(rate, rel=1e-4)


def late(change: Any) -> Any:
    """A change of the last row alone."""
    return lambda t: "\n".join([*t.split("\n")[:-2], change(t.split("\n")[-2]), ""])


# What is wrong: (change of the text, reason, words of the message).
BROKEN: dict[str, tuple[Any, Reason, tuple[str, ...]]] = {
    "no MOTION": (lambda t: t[: t.index("MOTION")], Reason.FILE_CORRUPT, ("MOTION",)),
    "ends in the hierarchy": (lambda t: t[:300], Reason.FILE_CORRUPT, ("MOTION",)),
    "open brace": (lambda t: t.replace("}\nMOTION", "MOTION"), Reason.FILE_CORRUPT, ("braces",)),
    "closed twice": (lambda t: t.replace("}\nMOTION", "}\n}\nMOTION"), Reason.FILE_CORRUPT, ("line",)),
    "two roots": (
        lambda t: t.replace("MOTION", "ROOT Prop\n{\n}\nMOTION"),
        Reason.FILE_CORRUPT,
        ("second ROOT", "one person"),
    ),
    "same name twice": (
        lambda t: t.replace("JOINT LeftLeg", "JOINT LeftUpLeg"),
        Reason.FILE_CORRUPT,
        ("LeftUpLeg", "twice"),
    ),
    "offset of two numbers": (
        lambda t: t.replace("OFFSET 0.00000 0.00000 0.00000", "OFFSET 0 0", 1),
        Reason.FILE_CORRUPT,
        ("OFFSET",),
    ),
    "unknown channel": (lambda t: t.replace("Zrotation", "Wrotation", 1), Reason.FILE_CORRUPT, ("Wrotation",)),
    "wrong count of channels": (lambda t: t.replace("CHANNELS 6", "CHANNELS 5"), Reason.FILE_CORRUPT, ("CHANNELS",)),
    "row too short": (late(lambda row: row[: row.rindex(" ")]), Reason.FIELD_SHAPE, ("frame 59", "69 channels")),
    "a word in a row": (late(lambda row: "x" + row), Reason.FIELD_VALUE, ("frame 59", "no number")),
    "NaN in a row": (late(lambda row: "nan" + row[row.index(" ") :]), Reason.NOT_FINITE, ("frame 59",)),
    "fewer rows than frames": (
        lambda t: t.replace("Frames: 60", "Frames: 90"),
        Reason.CONTRADICTION,
        ("90", "60 rows"),
    ),
    "a rate as frame time": (
        lambda t: t.replace("Frame Time: 0.0166667", "Frame Time: 60"),
        Reason.FRAME_RATE,
        ("60", "frame_rate_override"),
    ),
    "no frame time": (lambda t: t.replace("Frame Time: 0.0166667\n", ""), Reason.FILE_CORRUPT, ("Frame Time",)),
    "negative frame time": (lambda t: t.replace("0.0166667", "-0.0166667"), Reason.FRAME_RATE, ("Frame Time",)),
    "no path": (
        lambda t: t.replace("CHANNELS 6 Xposition Yposition Zposition", "CHANNELS 3"),
        Reason.FIXED_ROOT,
        ("position",),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_message(name: str, tmp_path: Path) -> None:
    change, reason, words = BROKEN[name]
    with pytest.raises(StageError) as error:
        read_bvh(written(tmp_path, change(text())), CONFIG, Given())
    assert error.value.reason is reason, error.value.detail
    message = f"{error.value.detail} {error.value.as_status('validate').remedy}"
    assert all(word in message for word in ("a.bvh", *words)), message


def test_a_frame_count_that_is_a_little_off_is_a_warning_and_the_rows_count(tmp_path: Path) -> None:
    header = bvh_header(written(tmp_path, text().replace("Frames: 60", "Frames: 61")), CONFIG)
    assert header.frames == 60 and "the rows count" in header.warnings[0]


def nested(depth: int) -> str:
    opened = "".join(f"JOINT j{i}\n{{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n" for i in range(depth))
    return (
        f"HIERARCHY\nROOT r\n{{\nOFFSET 0 0 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n{opened}"
        + ("}\n" * (depth + 1) + "MOTION\nFrames: 0\nFrame Time: 0.01\n")
    )


HOSTILE = {
    "nested a thousand times": nested(900),
    "ten thousand joints": nested(0).replace(
        "}\nMOTION", "".join(f"JOINT k{i}\n{{\nOFFSET 0 0 0\n}}\n" for i in range(10_000)) + "}\nMOTION"
    ),
    "endless hierarchy": "HIERARCHY\n" + "ROOT r\n" * 400_000 + "MOTION\n",
    "endless name": "HIERARCHY\nROOT " + "x" * 900_000 + "\n{\n}\nMOTION\nFrames: 1\nFrame Time: 1\n",
    "absurd frames": text().replace("Frames: 60", "Frames: 99999999999999999999"),
    "numbers without end": text().replace("OFFSET 0.00000 0.00000 0.00000", "OFFSET 1e999 0 0", 1),
    "underscores in numbers": late(lambda row: "1_0" + row[row.index(" ") :])(text()),
    "null characters": text().replace(" ", "\0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_without_work(name: str, tmp_path: Path) -> None:
    path, start = written(tmp_path, HOSTILE[name]), time.process_time()
    with pytest.raises(StageError) as error:
        read_bvh(path, CONFIG, Given())
    assert len(error.value.detail) < 2000 and "\n" not in error.value.detail
    assert time.process_time() - start < 30  # a guard against work that grows with a number in the file


def test_every_joint_of_the_writer_is_read(tmp_path: Path) -> None:
    assert places(written(tmp_path, text())).shape == (60, BODY, 3)
