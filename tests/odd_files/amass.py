"""Rows of body poses in `.npz` files, made from a walk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.body.stick import stick_joints
from mint.core.bundle import Bundle
from mint.core.status import Reason
from tests.body.people import on_floor, walking
from tests.body.test_axes import Z_UP, aligned, pose_data
from tests.odd_files.rows import Refused, Right, Row

SOURCE = "amass"
GOOD = on_floor(walking())
FRAMES = len(GOOD[0])


def data(turn: Rotation = Z_UP, **changes: Any) -> dict[str, Any]:
    """The fields of the good file, some of them changed; those that are None left out."""
    made = pose_data(GOOD, turn) | changes
    return {name: value for name, value in made.items() if value is not None}


def row(kind: str, fields: dict[str, Any], expected: Right | Refused, issue: str = "") -> Row:
    def make(folder: Path) -> Path:
        np.savez(folder / "walk.npz", **fields)
        return folder / "walk.npz"

    return Row(kind, make, expected, issue)


def bytes_of(change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "walk.npz"
        np.savez(path, **data())
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def compare(validated: Bundle) -> None:
    """The joints are those of the walk, wherever it began."""
    ours = stick_joints(validated["poses"], validated["trans"]) @ Z_UP.as_matrix()
    pairs = [each - each[:1, :1] for each in (ours, stick_joints(*GOOD))]
    np.testing.assert_allclose(aligned(*pairs), pairs[1], atol=1e-6)


def with_nan(values: np.ndarray) -> np.ndarray:
    out = values.copy()
    out[17, 4] = np.nan
    return out


WALK = data()
STILL = np.tile(WALK["trans"][:1], (FRAMES, 1))
ORIENTATION = Reason.ORIENTATION

ROWS = [
    row("as it is", data(), Right()),
    row("another heading", data(Rotation.from_euler("z", 200, degrees=True) * Z_UP), Right()),
    row("y up", data(Rotation.identity()), Right(told=("+y is up", "turned to +z"))),
    row(
        "a camera's coordinates",
        data(Rotation.from_euler("x", 180, degrees=True)),
        Refused(
            ORIENTATION,
            ("-y axis", "expected along +z", "coordinates of a camera (y down)", "coordinates of the world"),
        ),
    ),
    row(
        "x up",
        data(Rotation.from_euler("z", -90, degrees=True)),
        Refused(ORIENTATION, ("+x axis", "expected along +z", "turn the file")),
    ),
    row("a floor that is not at zero", data(trans=WALK["trans"] + [0, 0, 0.3]), Right(), "amass #70"),
    row(
        "two rates",
        data(mocap_frame_rate=np.array(60.0)),
        Refused(Reason.FRAME_RATE, ("mocap_framerate", "mocap_frame_rate", "60", "100")),
        "amass #8",
    ),
    row(
        "the other name of the rate", data(mocap_framerate=None, mocap_frame_rate=np.array(100.0)), Right(), "amass #8"
    ),
    row("no rate", data(mocap_framerate=None), Refused(Reason.FIELD_MISSING, ("mocap_framerate",))),
    row("ten shape components", data(betas=np.zeros(10)), Right(), "amass #35"),
    row(
        "degrees",
        data(poses=np.degrees(WALK["poses"])),
        Refused(Reason.FIELD_VALUE, ("field poses", "as degrees it would be")),
    ),
    row("centimetres", data(trans=100 * WALK["trans"]), Refused(Reason.FIELD_VALUE, ("trans", "metres"))),
    row("no path of the root", data(trans=STILL), Refused(Reason.FIXED_ROOT, ("field trans",))),
    row(
        "no number",
        data(poses=with_nan(WALK["poses"])),
        Refused(Reason.NOT_FINITE, ("field poses, frame 17", "not a finite number")),
    ),
    row(
        "another number of rows",
        data(trans=WALK["trans"][:150]),
        Refused(Reason.FIELD_SHAPE, ("trans has 150 frames, poses has 200",)),
    ),
    row(
        "whole numbers",
        data(poses=WALK["poses"].astype(int)),
        Refused(Reason.FIELD_VALUE, ("field poses is int64", "whole numbers")),
    ),
    Row("cut", bytes_of(lambda raw: raw[: len(raw) // 2]), Refused(Reason.FILE_CORRUPT, ("walk.npz",))),
    Row("empty", bytes_of(lambda raw: b""), Refused(Reason.FILE_CORRUPT, ("walk.npz",))),
]
