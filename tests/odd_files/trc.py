"""Rows of `.trc` files, made from a walk of key points."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import Reason
from tests.body.people import NAMES, key_points, on_floor, walking
from tests.body.test_axes import aligned, in_axes
from tests.odd_files.rows import Refused, Right, Row

SOURCE = "trc"
RATE_HZ = 100
GOOD = key_points(on_floor(walking()))
NAMED = list(NAMES)
FRAMES = len(GOOD)
KEYS = (
    "DataRate",
    "CameraRate",
    "NumFrames",
    "NumMarkers",
    "Units",
    "OrigDataRate",
    "OrigDataStartFrame",
    "OrigNumFrames",
)
Change = Callable[[str], "str | bytes"]
# Cells of one marker in some frames, which are lost there.
LOST = (slice(60, 70), NAMED.index("RElbow"))


def text(
    points: np.ndarray = GOOD,
    names: Sequence[str] = NAMED,
    time: Sequence[str] | None = None,
    lost: str | None = None,
    **header: object,
) -> str:
    """A good file, or one with other points, names, times, words of the header, or a word where a marker is lost."""
    count = len(points)
    values = {
        "DataRate": RATE_HZ,
        "CameraRate": RATE_HZ,
        "NumFrames": count,
        "NumMarkers": len(names),
        "Units": "m",
        "OrigDataRate": RATE_HZ,
        "OrigDataStartFrame": 1,
        "OrigNumFrames": count,
    } | header
    lines = [
        "PathFileType\t4\t(X/Y/Z)\twalk.trc",
        "\t".join(KEYS),
        "\t".join(str(values[key]) for key in KEYS),
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{i + 1}" for i in range(len(names)) for axis in "XYZ"),
        "",
    ]
    for i, row in enumerate(points):
        cells = [[f"{x:.6f}" for x in point] for point in row]
        if lost is not None and i in range(FRAMES)[LOST[0]]:
            cells[LOST[1]] = [lost] * 3
        when = time[i] if time is not None else f"{i / RATE_HZ:.3f}"
        lines.append(f"{i + 1}\t{when}\t" + "\t".join(cell for each in cells for cell in each))
    return "\n".join(lines) + "\n"


def written(content: str | bytes) -> Callable[[Path], Path]:
    """Maker of a file with this content."""

    def make(folder: Path) -> Path:
        path = folder / "walk.trc"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def row(kind: str, content: str | bytes, expected: Right | Refused, issue: str = "") -> Row:
    """A row whose file is not the good one."""
    assert content not in (text(), text().encode()) or kind == "as it is"
    return Row(kind, written(content), expected, issue)


def lines(change: Callable[[list[str]], list[str]]) -> str:
    return "\n".join(change(text().split("\n")))


def turned(up: str, heading_deg: float = 0.0) -> str:
    return text(in_axes(GOOD, up, heading_deg))


def times(step_s: float) -> list[str]:
    return [f"{step_s * i:.4f}" for i in range(FRAMES)]


def mirrored(axis: int) -> np.ndarray:
    return GOOD * np.where(np.arange(3) == axis, -1.0, 1.0)


def other_side(name: str, joints: tuple[str, ...] = ()) -> str:
    swap = name[0] in "RL" and (not joints or name[1:] in joints)
    return ("L" if name[0] == "R" else "R") + name[1:] if swap else name


def folder_for_file(folder: Path) -> Path:
    (folder / "walk.trc").mkdir()
    return folder / "walk.trc"


def markers_of(validated: Bundle) -> np.ndarray:
    """The markers of the walk `(n, m, 3)` m, in its order."""
    names = validated.names("marker_names")
    assert set(NAMED) <= set(names)
    return np.asarray(validated["markers"][:, [names.index(name) for name in NAMED]])


def compare(validated: Bundle) -> None:
    """The markers are those of the walk, up to the heading; filled gaps are as near as a spline comes."""
    assert validated.meta["frame_rate_hz"] == RATE_HZ
    np.testing.assert_allclose(aligned(markers_of(validated), GOOD), GOOD, atol=1e-3)


NAME_CELLS = "\t".join(["Frame#", "Time", "\t\t\t".join(NAMED)])
AS_IT_IS = Right()
EXTRA = np.concatenate([GOOD, GOOD[:, :1] + 1.0], axis=1)

ROWS = [
    row("as it is", text(), AS_IT_IS),
    # Text.
    row("lines of Windows", text().replace("\n", "\r\n"), AS_IT_IS),
    row("lines that end twice", text().replace("\n", "\r\r\n"), AS_IT_IS),
    row("lines of an old Macintosh", text().replace("\n", "\r"), AS_IT_IS),
    row("Ctrl-Z at the end", text() + "\x1a", AS_IT_IS),
    row("byte order mark", text().encode("utf-8-sig"), AS_IT_IS),
    row("UTF-16", text().encode("utf-16"), AS_IT_IS),
    row("blanks for tabs", "\n".join(" ".join(line.split()) for line in text().split("\n")), AS_IT_IS, "openma #59"),
    row("tabs mixed with blanks", re.sub(r"(?<=\d)\t(?=-?\d+\.\d{6}\t-?\d+\.\d{6}(\t|\n))", " ", text()), AS_IT_IS),
    row(
        "semicolons between columns",
        text().replace("\t", ";"),
        Refused(Reason.FILE_CORRUPT, ("DataRate", "';' separates the columns", "by tabs")),
    ),
    row(
        "commas for points",
        re.sub(r"(\d)\.(\d{6})", r"\1,\2", text()),
        Refused(Reason.FIELD_VALUE, ("line 7, column 3", "is no number", "with a point, not with a comma")),
    ),
    row(
        "web page of an error",
        "<!DOCTYPE html>\n<html><body>404</body></html>\n",
        Refused(Reason.FILE_CORRUPT, ("no line with DataRate and NumFrames", "download or export")),
    ),
    row(
        "pointer of Git LFS",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        Refused(Reason.FILE_CORRUPT, ("no line with DataRate and NumFrames",)),
    ),
    row("empty", "", Refused(Reason.FILE_CORRUPT, ("no line with DataRate and NumFrames",))),
    Row("folder", folder_for_file, Refused(Reason.FILE_UNREADABLE, ("regular file",))),
    row(
        "cut after two thirds",
        text()[: len(text()) * 2 // 3],
        Refused(Reason.FIELD_VALUE, ("line 139 ends after column 12 of 50", "truncated")),
    ),
    row(
        "cut within the last row",
        text()[:-48],
        Refused(Reason.FIELD_VALUE, ("line 206 ends after column 45 of 50", "truncated")),
    ),
    row(
        "nothing but the header",
        "\n".join(text().split("\n")[:6]) + "\n",
        Refused(Reason.FIELD_VALUE, ("NumFrames is 200", "0 rows")),
    ),
    # Header.
    row(
        "seven keys",
        text().replace("\tOrigNumFrames", "").replace(f"\t1\t{FRAMES}\n", "\t1\n"),
        AS_IT_IS,
        "opensim-core #2289",
    ),
    row("labels between blanks", text().replace("\tX2\tY2", " X2 Y2"), AS_IT_IS, "opensim-gui #1102"),
    row(
        "labels that begin at five",
        re.sub(r"(?<=\t)([XYZ])(\d+)", lambda m: m[1] + str(int(m[2]) + 4), text()),
        AS_IT_IS,
        "opensim-core #2345",
    ),
    row(
        "labels X0, Y0, Z1",
        re.sub(r"(?<=\t)([XY])(\d+)", lambda m: m[1] + str(int(m[2]) - 1), text()),
        Refused(Reason.FIELD_VALUE, ("line 5 labels a column", "expected")),
        "pyC3D2OSIM #1",
    ),
    row(
        "names after single tabs",
        text().replace(NAME_CELLS + "\t\t", "Frame#\t Time\t " + "\t".join(NAMED)),
        AS_IT_IS,
        "MoCapTools #1",
    ),
    row(
        "a column more than NumMarkers, never seen",
        text(np.concatenate([GOOD, 0 * GOOD[:, :1]], axis=1), [*NAMED, "foo"], NumMarkers=len(NAMED)),
        Right(("NumMarkers is 16, but 17 markers are named", "never seen and left out: foo")),
        "opensim-core #2487",
    ),
    row(
        "a few rows less than NumFrames",
        text(NumFrames=FRAMES + 6),
        Right(("NumFrames is 206, but there are 200 rows",)),
        "openma #59",
    ),
    row("a marker that nobody named", text(EXTRA, [*NAMED, "*60"]), AS_IT_IS, "opensim-creator #1068"),
    row(
        "a name twice",
        text(names=[*NAMED[:-1], "RKnee"]),
        Refused(Reason.FIELD_VALUE, ("marker name RKnee occurs more than once", "its own name")),
    ),
    row(
        "the last name missing",
        text().replace("\t\t\tLBigToe\t\t", ""),
        Refused(Reason.FIELD_VALUE, ("names 15 markers", "columns of 16", "which name belongs")),
    ),
    # Units.
    row(
        "millimetres labelled metres",
        text(1000 * GOOD),
        Right(("Units is m", "read as mm, stature 1.7")),
        "opensim-core #3501",
    ),
    row(
        "metres labelled millimetres",
        text(Units="mm"),
        Right(("Units is mm", "read as m, stature 1.7")),
        "opensim-core #2938",
    ),
    row("centimetres labelled metres", text(100 * GOOD), Right(("Units is m", "read as cm"))),
    row("a giant", text(1.7 * GOOD), Refused(Reason.STATURE, ("stature from segments", "expected 0.9 to 2.3 m"))),
    row(
        "a unit of its own",
        text(Units="furlong"),
        Refused(Reason.FIELD_VALUE, ("Units is 'furlong'", "known are m, dm, cm, mm")),
    ),
    # Clocks.
    row(
        "time of half the rate",
        text(time=times(2 / RATE_HZ)),
        Refused(Reason.FRAME_RATE, ("DataRate is 100 Hz", "0.02 s apart", "50 Hz", "frame_rate_override")),
    ),
    row("time in milliseconds", text(time=[str(10 * i) for i in range(FRAMES)]), Right(("milliseconds",))),
    row("frame numbers for time", text(time=[str(i) for i in range(FRAMES)]), Right(("Time column is no clock",))),
    row(
        "time that begins again",
        text(time=times(1 / RATE_HZ)[:120] + times(1 / RATE_HZ)[:80]),
        Refused(Reason.FRAME_RATE, ("DataRate is 100 Hz", "frame_rate_override")),
    ),
    row("a rate of nothing", text(DataRate=0), Refused(Reason.FRAME_RATE, ("DataRate is 0", "must be positive"))),
    row(
        "rows of a second missing",
        lines(lambda all_: all_[:60] + all_[160:]),
        Refused(Reason.FIELD_VALUE, ("line 61: Frame# jumps: frames are missing (155 after 54)",)),
    ),
    row(
        "rows in the wrong order",
        lines(lambda all_: all_[:60] + all_[100:160] + all_[60:100] + all_[160:]),
        Refused(Reason.FIELD_VALUE, ("Frame# jumps",)),
    ),
    row("every frame twice", text(np.repeat(GOOD[:100], 2, axis=0)), Refused(Reason.REPEATED_FRAMES, ("repeat",))),
    # Cells.
    *(
        row(f"gaps as {word or 'blanks'}", text(lost=word), AS_IT_IS)
        for word in ("", " ", "0", "0.000000", "NaN", "9999.0", "-1.#IND")
    ),
    row(
        "a word in a cell",
        text().replace("\n40\t0.390\t", "\n40\t0.390\tx"),
        Refused(Reason.FIELD_VALUE, ("line 46, column 3", "is no number")),
    ),
    # Axes.
    row("walking along -x", turned("y", 90), AS_IT_IS),
    row("walking along z", turned("y", 180), AS_IT_IS),
    row("z up", turned("z"), Right(told=("+z is up", "turned to +y")), "pose2sim #121"),
    row("upside down", turned("-y"), Right(told=("-y is up", "turned to +y")), "pose2sim #55"),
    row("sideways", turned("x"), Right(told=("+x is up", "turned to +y")), "opencap-core #179"),
    row(
        "a mirrored side",
        text(mirrored(0)),
        Refused(Reason.SIDES, ("toes in front", "exchanged in the names, or one axis", "right-handed axes")),
    ),
    row(
        "a mirrored vertical",
        text(mirrored(1)),
        Refused(Reason.SIDES, ("exchanged in the names, or one axis of the file",)),
    ),
    row(
        "y and z exchanged",
        text(GOOD[:, :, [0, 2, 1]]),
        Refused(Reason.SIDES, ("exchanged in the names, or one axis of the file",)),
    ),
    row(
        "left and right exchanged",
        text(names=[other_side(name) for name in NAMED]),
        Refused(Reason.SIDES, ("exchanged in the names", "exchange the names of left and right")),
    ),
    row(
        "left and right exchanged at the knees",
        text(names=[other_side(name, ("Knee",)) for name in NAMED]),
        Refused(Reason.SIDES, ("exchanged at", "knee")),
    ),
]
