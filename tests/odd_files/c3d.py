"""Rows of `.c3d` files, made from a walk of key points over one force plate, z up and in millimetres, as laboratories have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import Reason
from tests.body.test_axes import aligned, in_axes
from tests.formats.c3d_files import DEC, C3d, plates
from tests.odd_files import trc
from tests.odd_files.rows import Refused, Right, Row

SOURCE = "c3d"
FRAMES = trc.FRAMES
LOAD_N = np.linspace(0, 700, 2 * FRAMES)
# Where the load is along x on the plate [m].
CENTRE_M = np.linspace(-0.1, 0.15, 2 * FRAMES)
# Corners of the plate on the floor, y up [m].
CORNERS = np.array([[0.5, 0, 0.3], [-0.5, 0, 0.3], [-0.5, 0, -0.3], [0.5, 0, -0.3]])


def file(up: str = "z", points: np.ndarray = trc.GOOD, sign: float = 1.0, scale: float = 1000.0, **changes: Any) -> C3d:
    """The good file, or one with another vertical, other points, the opposite force, lengths or parts."""
    load = np.zeros((6, 2 * FRAMES))
    load[2], load[4] = sign * LOAD_N, -1000 * sign * LOAD_N * CENTRE_M
    made: dict[str, Any] = {
        "points": scale * in_axes(points, up),
        "labels": trc.NAMED,
        "analog": load,
        "samples": 2,
        "analog_labels": list("abcdef"),
        "analog_units": ["N", "N", "N", "Nmm", "Nmm", "Nmm"],
        "further": {
            "FORCE_PLATFORM": plates(
                [2], 1000 * in_axes(CORNERS, up)[None], np.array([[0.0, 0.0, -40.0]]), np.arange(1, 7)[None]
            )
        },
    }
    return C3d(**{**made, **changes})


def written(content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "walk.c3d"
        path.write_bytes(content())
        return path

    return make


def row(kind: str, made: C3d | Callable[[], bytes], expected: Right | Refused, issue: str = "") -> Row:
    return Row(kind, written(made.content if isinstance(made, C3d) else made), expected, issue)


def compare(validated: Bundle) -> None:
    """Markers and plate are those that the file was made from."""
    trc.compare(validated)
    if "plate_force_N" not in validated:
        return
    (force,), (centre,), (corners,) = (validated[f"plate_{name}"] for name in ("force_N", "centre_m", "corners_m"))
    np.testing.assert_allclose(force, LOAD_N[:, None] * [0, 1, 0], atol=1e-3)
    expected = CENTRE_M[:, None] * [1, 0, 0]
    expected[LOAD_N < 21] = centre[LOAD_N < 21] = np.nan
    # The plate turns with the person.
    both = [
        np.concatenate([markers, points[::2, None], plate[None].repeat(FRAMES, axis=0)], axis=1)
        for markers, points, plate in ((trc.markers_of(validated), centre, corners), (trc.GOOD, expected, CORNERS))
    ]
    np.testing.assert_allclose(aligned(*both), both[1], atol=1e-3)


def with_gap() -> np.ndarray:
    points = trc.GOOD.copy()
    points[60:70, 3] = np.nan
    return points


def two_people() -> C3d:
    both = np.concatenate([trc.GOOD, trc.GOOD + 2.0], axis=1)
    return file(points=both, labels=[f"{who}:{name}" for who in ("Ann", "Bob") for name in trc.NAMED])


NO_PLATE: dict[str, Any] = {"further": {}, "analog": np.zeros((0, 0)), "analog_labels": [], "analog_units": []}
TOLD = Right(told=("+z is up", "turned to +y"))

ROWS = [
    row("as it is", file(), TOLD),
    row("y up", file("y"), Right()),
    row("x up", file("x"), Right(told=("+x is up",)), "opencap-core #179"),
    row("integers", file(real=False, **NO_PLATE), TOLD),
    row("of a DEC processor", file(processor=DEC), TOLD),
    row("a negative residual in a gap", file(points=with_gap()), TOLD),
    row("the force on the plate", file(sign=-1.0), TOLD),
    row("metres", file(scale=1.0, unit="m", **NO_PLATE), TOLD),
    row("a person's prefix", file(labels=[f"Ann:{name}" for name in trc.NAMED]), TOLD),
    row("two people", two_people(), Refused(Reason.FIELD_VALUE, ("2 people, Ann, Bob", "column subject"))),
    row(
        "points that nobody named",
        file(points=trc.EXTRA, labels=[*trc.NAMED, "*12"]),
        Right(("1 of 17 points have no label",), ("+z is up",)),
        "opensim-creator #1068",
    ),
    row("no unit", file(unit=""), Right(("POINT:UNITS",), ("+z is up",)), "ezc3d #299"),
    row(
        "millimetres labelled metres",
        file(unit="m"),
        Refused(Reason.FIELD_VALUE, ("POINT:UNITS cannot be right", "mm instead of m")),
    ),
    row(
        "metres labelled millimetres",
        file(scale=1.0),
        Refused(Reason.FIELD_VALUE, ("POINT:UNITS cannot be right", "m instead of mm")),
    ),
    row(
        "mirrored",
        file(points=trc.mirrored(0)),
        Refused(Reason.SIDES, ("exchanged in the names, or one axis of the file",)),
    ),
    row("a single frame", file(points=trc.GOOD[:1], analog=np.zeros((6, 2))), Refused(Reason.TOO_SHORT, ("1 frames",))),
    row("cut", lambda: file().content()[:-4000], Refused(Reason.FILE_CORRUPT, ("walk.c3d", "frames"))),
    row(
        "a .trc under that name",
        lambda: trc.text().encode(),
        Refused(Reason.CONTRADICTION, ("source is c3d", "the content is trc")),
    ),
    row("empty", lambda: b"", Refused(Reason.FILE_CORRUPT, ("walk.c3d",))),
]
