"""Rows of `.bvh` files, made from someone who steps on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mint.body.stick import stick_joints
from mint.core.bundle import Bundle
from mint.core.status import Reason
from tests.body import synthetic
from tests.body.test_on_skeleton import FRAMES, RATE, stepping, upside_down
from tests.formats.bvh_files import Style, bvh_text
from tests.odd_files.rows import Refused, Right, Row

SOURCE = "bvh"
POSES, TRANS = stepping()
# Who steps sways; a path that rests is asked for.
TRANS = TRANS + 0.01 * np.sin(2 * np.pi * 0.8 * np.arange(FRAMES) / RATE)[:, None] * [1.0, 0.0, 0.0]
LEGS, HEAD = [1, 2, 4, 5, 7, 8], 15
TIME = "Frame Time: 0.0166667"


def text(style: Style | None = None, trans: np.ndarray = TRANS) -> str:
    return bvh_text(synthetic.joint_positions(), POSES, trans, RATE, style)


def row(kind: str, content: str | bytes, expected: Right | Refused, issue: str = "") -> Row:
    def make(folder: Path) -> Path:
        (folder / "walk.bvh").write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / "walk.bvh"

    return Row(kind, make, expected, issue)


def compare(validated: Bundle) -> None:
    """Legs and head are where the file has them, but for the centimetres by which feet that stand are held still."""
    found, right = (stick_joints(*each) for each in ((validated["poses"], validated["trans"]), (POSES, TRANS)))
    assert len(found) == FRAMES
    found, right = (each - each[:, :1] for each in (found, right))
    error = np.linalg.norm(found - right, axis=2)
    assert (
        np.median(error[:, LEGS], axis=0).max() < 0.015 and error[:, LEGS].max() < 0.035 and error[:, HEAD].max() < 0.03
    )


def rows_changed(change: Callable[[list[str]], list[str]]) -> str:
    head, _, rows = text().partition(f"{TIME}\n")
    return f"{head}{TIME}\n" + "\n".join(change(rows.strip().split("\n"))) + "\n"


def last(change: Callable[[str], str]) -> str:
    return rows_changed(lambda rows: [*rows[:-1], change(rows[-1])])


ROWS = [
    row("as it is", text(), Right()),
    row("Windows line ends and tabs", text().replace("  ", "\t").replace("\n", "\r\n"), Right()),
    row("UTF-16", text().encode("utf-16"), Right()),
    row("a prefix of names", text(Style(prefix="mixamorig:")), Right()),
    row("positions of all joints", text(Style(all_positions=True)), Right()),
    row("another order of rotations", text(Style(order="YXZ")), Right()),
    row("metres", text(Style(unit_m=1.0)), Right()),
    row("inches", text(Style(unit_m=0.0254)), Right(warned=("inch",))),
    row("a unit that is no person's", text(Style(unit_m=0.037)), Refused(Reason.STATURE, ("height_m",))),
    row("z up", text(Style(up="z")), Right(warned=("z is taken as up",))),
    row("head down", upside_down(text()), Refused(Reason.ORIENTATION, ("above the feet along -y",))),
    row("a rounded frame time", text().replace(TIME, "Frame Time: 0.0167"), Right()),
    row(
        "a rate as the frame time",
        text().replace(TIME, "Frame Time: 60"),
        Refused(Reason.FRAME_RATE, ("60", "frame_rate_override")),
    ),
    row(
        "fewer rows than frames",
        text().replace(f"Frames: {FRAMES}", "Frames: 300"),
        Refused(Reason.CONTRADICTION, ("300", f"{FRAMES} rows")),
    ),
    row(
        "cut in a row",
        last(lambda one: one[: len(one) // 2]),
        Refused(Reason.FIELD_SHAPE, ("walk.bvh", "frame 149", "channels")),
    ),
    row("a word in a row", last(lambda one: f"x{one}"), Refused(Reason.FIELD_VALUE, ("frame 149", "no number"))),
    row("no number", last(lambda one: f"nan{one[one.index(' ') :]}"), Refused(Reason.NOT_FINITE, ("frame 149",))),
    row("cut in the hierarchy", text()[:300], Refused(Reason.FILE_CORRUPT, ("MOTION",))),
    row(
        "two people",
        text().replace("MOTION", "ROOT Other\n{\n}\nMOTION"),
        Refused(Reason.FILE_CORRUPT, ("second ROOT", "one person")),
    ),
    row(
        "names of another skeleton",
        text().replace("LeftUpLeg", "FrontPaw"),
        Refused(Reason.FIELD_MISSING, ("left_hip", "FrontPaw")),
    ),
    row(
        "no path",
        text().replace("CHANNELS 6 Xposition Yposition Zposition", "CHANNELS 3"),
        Refused(Reason.FIXED_ROOT, ("position",)),
    ),
]
