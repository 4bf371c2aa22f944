"""A .trc says many things twice: names by column, numbers of markers and frames, two clocks. None is believed alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import numpy as np
import pytest

from mint.core.status import Reason, StageError
from mint.core.trc import MarkerTable, read_claims, read_trc

RATE, ROWS = 100.0, 150
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


def positions(rows: int = ROWS, markers: int = 4) -> np.ndarray:
    """Distinct values everywhere: marker, axis and row can be told from a value."""
    return np.arange(markers)[None, :, None] + 0.1 * np.arange(3) + 0.0001 * np.arange(rows)[:, None, None]


def text(**changes: object) -> str:
    """A good .trc, with some of its parts changed."""
    names = changes.get("names", ["A", "B", "C", "D"])
    rows = int(str(changes.get("rows", ROWS)))
    values = changes.get("values", positions(rows))
    assert isinstance(names, list) and isinstance(values, np.ndarray)
    frame = np.asarray(changes.get("frame", np.arange(1, rows + 1)))
    time = changes.get("time", [f"{i / RATE:.5f}" for i in range(rows)])
    assert isinstance(time, list)
    header = {
        "DataRate": RATE,
        "CameraRate": RATE,
        "NumFrames": rows,
        "NumMarkers": len(names),
        "Units": "m",
        "OrigDataRate": RATE,
        "OrigDataStartFrame": 1,
        "OrigNumFrames": rows,
    } | dict(changes.get("header", {}))  # type: ignore[call-overload]
    count = values.shape[1]
    labels = changes.get("labels", "\t".join(f"{axis}{i + 1}" for i in range(count) for axis in "XYZ"))
    out = [
        "PathFileType\t4\t(X/Y/Z)\ta.trc",
        "\t".join(header),
        "\t".join(map(str, header.values())),
        str(changes.get("name_line", "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t")),
        f"\t\t{labels}",
        "",
    ]
    out += [
        f"{f}\t{t}\t" + "\t".join(f"{x:.5f}" for x in row.ravel())
        for f, t, row in zip(frame, time, values, strict=True)
    ]
    return "\n".join(out) + "\n"


def read(folder: Path, content: str | bytes, override_hz: float | None = None) -> MarkerTable:
    """The table; planning, which sees the beginning and the end only, must tell the same of it."""
    path = folder / "a.trc"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = read_trc(path, override_hz)
    claims = read_claims(path, override_hz)
    assert (claims.frames, claims.clock.rate_hz) == (len(table.positions), table.rate_hz)
    return table


def refused(folder: Path, content: str, reason: object, *words: str) -> None:
    (folder / "a.trc").write_text(content)
    with pytest.raises(StageError) as error:
        read_trc(folder / "a.trc")
    assert error.value.reason == reason, error.value.detail
    for word in ("a.trc", *words):
        assert word in error.value.detail + error.value.remedy


SPELLINGS: dict[str, Callable[[str], str | bytes]] = {
    "as it is": lambda t: t,
    "byte order mark": lambda t: t.encode("utf-8-sig"),
    "lines of Windows": lambda t: t.replace("\n", "\r\n"),
    "lines of an old Macintosh": lambda t: t.replace("\n", "\r"),
    "UTF-16": lambda t: t.encode("utf-16"),
    "tabs at the end of lines": lambda t: t.replace("\n", "\t\t\n"),
    "no blank line above the table": lambda t: t.replace("\n\n", "\n"),
    "blank lines in the table": lambda t: t.replace("\n20\t", "\n\n \n20\t"),
    "no end of the last line": lambda t: t.rstrip("\n"),
    "spaces instead of tabs": lambda t: "\n".join(" ".join(line.split()) for line in t.split("\n")),
    "keys in small letters": lambda t: t.replace("DataRate\tCameraRate\tNumFrames", "datarate\tcamerarate\tNUMFRAMES"),
    "no first line": lambda t: t.split("\n", 1)[1],
    "two tabs between values": lambda t: t.replace(f"{RATE}\t{RATE}\t{ROWS}\t", f"  {RATE}\t\t {RATE}\t\t{ROWS}\t"),
    "frames with decimals": lambda t: t.replace(f"\t{ROWS}\t", f"\t{ROWS}.0\t", 1),
    "names between single tabs": lambda t: t.replace("\tA\t\t\tB\t\t\tC\t\t\tD\t\t", "\tA\tB\tC\tD"),
    "names between two tabs": lambda t: t.replace("\tA\t\t\tB\t\t\tC\t\t\tD\t\t", "\tA\t\tB\t\tC\t\tD"),
    "no labels": lambda t: "\n".join(line for line in t.split("\n") if not line.startswith("\t\tX1")),
    "blanks between coordinates, tabs between markers": lambda t: "\n".join(
        re.sub(r"(\d)\t(?=[\d.]+\t[\d.]+(\t[\d.]+\t[\d.]+\t[\d.]+)*$)", r"\1 ", line) if i > 5 else line
        for i, line in enumerate(t.split("\n"))
    ),
    "a blank between frame and time": lambda t: re.sub(
        r"^(\d+)\t", r"\1  ", t.replace("Frame#\tTime", "Frame#  Time"), flags=re.MULTILINE
    ).replace(f"{RATE}  {RATE}", f"{RATE}\t{RATE}"),
    "names between blanks, columns between tabs": lambda t: t.replace("\tA\t\t\tB\t\t\tC\t\t\tD\t\t", "\tA B C D"),
    "labels between blanks (opensim-gui #1102)": lambda t: t.replace("\tX2\tY2", " X2 Y2"),
    "names after a tab and a blank (MoCapTools #1)": lambda t: t.replace(
        "Frame#\tTime\tA\t\t\tB\t\t\tC\t\t\tD\t\t", "Frame#\t Time\t A\tB\tC\tD"
    ),
    "seven keys (opensim-core #2289)": lambda t: t.replace("\tOrigNumFrames", "").replace(f"\t1\t{ROWS}\n", "\t1\n"),
    "no values for the original": lambda t: t.replace(f"\tm\t{RATE}\t1\t{ROWS}", "\tm"),
    "labels that begin at five (opensim-core #2345)": lambda t: re.sub(
        r"([XYZ])(\d)", lambda m: m[1] + str(int(m[2]) + 4), t
    ),
    "lines that end twice": lambda t: t.replace("\n", "\r\r\n"),
    "the end of a text under DOS": lambda t: t + "\x1a",
    "labels in small letters": lambda t: t.replace("X", "x").replace("Path", "PATH"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_same_table_is_read_however_it_is_written(name: str, tmp_path: Path) -> None:
    assert (SPELLINGS[name](text()) == text()) == (name == "as it is")
    table = read(tmp_path, SPELLINGS[name](text()))
    assert (table.names, table.rate_hz, table.warnings) == (["A", "B", "C", "D"], RATE, ())
    np.testing.assert_allclose(table.positions, positions(), atol=1e-5)


@pytest.mark.parametrize(
    ("unit", "metres"),
    [
        ("mm", 1e-3),
        ("MM", 1e-3),
        ("Millimeters", 1e-3),
        ("cm", 1e-2),
        ("(cm)", 1e-2),
        ("m", 1),
        ("Meters", 1),
        ("metre", 1),
        ("dm", 0.1),
    ],
)
def test_units_are_read_as_they_are_meant(unit: str, metres: float, tmp_path: Path) -> None:
    table = read(tmp_path, text(header={"Units": unit}))
    np.testing.assert_allclose(table.positions, positions() * metres, atol=1e-5)


@pytest.mark.parametrize("cell", ["", "NaN", "nan", "-", "NA", " ", "-1.#IND", "1.#QNAN0", "-nan(ind)"])
def test_a_lost_marker_is_not_a_number_however_it_is_written(cell: str, tmp_path: Path) -> None:
    changed = text().replace("\t1.00050\t1.10050\t1.20050", f"\t{cell}\t{cell}\t{cell}")
    assert changed != text()
    table = read(tmp_path, changed)
    assert np.isnan(table.positions[5, 1]).all() and np.isfinite(table.positions).sum() == ROWS * 12 - 3


@pytest.mark.parametrize("sign", [";", ","])
def test_columns_between_other_signs_are_named(sign: str, tmp_path: Path) -> None:
    refused(tmp_path, text().replace("\t", sign), Reason.FILE_CORRUPT, f"{sign!r} separates the columns", "by tabs")


def test_a_single_frame_has_no_clock_that_an_override_could_contradict(tmp_path: Path) -> None:
    table = read(tmp_path, text(rows=1), override_hz=50.0)
    assert table.rate_hz == 50.0 and len(table.positions) == 1


def test_lost_markers_at_the_end_of_a_row_may_be_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, text().replace("\t3.00050\t3.10050\t3.20050", ""))
    assert np.isnan(table.positions[5, 3]).all() and np.isfinite(table.positions[5, :3]).all()


def test_an_empty_name_leaves_its_own_columns_out_and_shifts_no_other(tmp_path: Path) -> None:
    table = read(tmp_path, text(names=["A", "", "C", "D"], header={"NumMarkers": 4}))
    assert table.names == ["A", "C", "D"]
    np.testing.assert_allclose(table.positions, positions()[:, [0, 2, 3]], atol=1e-5)
    assert any("column 6 has no marker name" in warning for warning in table.warnings)


def test_a_wrong_number_of_markers_is_named_where_the_table_is_clear(tmp_path: Path) -> None:
    table = read(tmp_path, text(header={"NumMarkers": 5}))
    assert table.names == ["A", "B", "C", "D"] and any(
        "NumMarkers is 5, but 4" in warning for warning in table.warnings
    )


NAMES_REFUSED: dict[str, tuple[str, tuple[str, ...]]] = {
    "last name missing": (
        text(names=["A", "B", "C"], header={"NumMarkers": 4}),
        ("names 3 markers", "NumMarkers is 4"),
    ),
    "one name too many": (text(names=["A", "B", "C", "D", "E"]), ("names 5 markers", "columns of 4")),
    "name twice": (text(names=["A", "B", "A", "D"]), ("marker name A occurs more than once",)),
    "names between single tabs, one missing": (
        text(name_line="Frame#\tTime\tA\tB\tC"),
        ("names 3 markers", "cannot be told"),
    ),
    "columns exchanged": (
        text(labels="X2\tY2\tZ2\tX1\tY1\tZ1\tX3\tY3\tZ3\tX4\tY4\tZ4"),
        ("labels a column Y2", "expected"),
    ),
    "axes exchanged": (text(labels="X1\tZ1\tY1\tX2\tZ2\tY2\tX3\tZ3\tY3\tX4\tZ4\tY4"), ("labels a column Z1", "Y1")),
    "cells beyond the last name": (
        text().replace("\n9\t0.08000", "\n9\t0.08000\t7.5"),
        ("line 15, column 15", "beyond"),
    ),
}
NAMES_REFUSED["columns exchanged"] = (NAMES_REFUSED["columns exchanged"][0], ("labels a column X1", "expected"))


@pytest.mark.parametrize("name", NAMES_REFUSED)
def test_names_that_cannot_be_told_are_refused(name: str, tmp_path: Path) -> None:
    content, words = NAMES_REFUSED[name]
    refused(tmp_path, content, Reason.FIELD_VALUE, *words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("\t1.00050\t", "\t1,00050\t", ("line 12, column 6", "1,00050", "with a point")),
        ("\t1.00050\t", "\tx\t", ("line 12, column 6", "'x'")),
        ("\t1.00050\t", "\tinf\t", ("line 12, column 6", "'inf'")),
        ("\t1.00050\t", "\t1e999\t", ("line 12, column 6",)),
        ("\t1.00050\t", "\t1_0\t", ("line 12, column 6", "1_0")),
        ("\t1.00050\t1.10050", "\t1.00050", ("line 12 ends after column 13 of 14",)),
        ("\n40\t", "\n40.5\t", ("line 46", "Frame# is 40.5")),
        ("\n40\t", "\n39\t", ("line 46", "Frame# is repeated")),
        ("\n40\t", "\n3\t", ("line 46", "runs backwards")),
        ("\n40\t", "\nNaN\t", ("line 46", "Frame#")),
        ("\n40\t0.39000", "\n40\t0.09000", ("line 46", "Time runs backwards")),
        ("\n40\t0.39000", "\n40\t0.49000", ("line 46", "Time jumps")),
        ("\n150\t1.49000\t0.01490", "\n150\t1.49000\t", ()),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(old: str, new: str, words: tuple[str, ...], tmp_path: Path) -> None:
    changed = text().replace(old, new)
    assert changed != text()
    if words:
        refused(tmp_path, changed, Reason.FIELD_VALUE, *words)
    else:
        assert np.isnan(read(tmp_path, changed).positions[-1, 0, 0])


def test_a_file_that_was_cut_is_refused_wherever_the_cut_is(tmp_path: Path) -> None:
    whole = text().rstrip("\n")
    for kept in (*range(0, 900, 7), len(whole) - 20, len(whole) - 60, len(whole) // 2):
        # What ends with a whole row is a trial that was cut, whose rows are all right.
        if not whole[:kept].endswith("\n"):
            refused(tmp_path, whole[:kept], ANY)


def times(interval_s: float, decimals: int = 5) -> list[str]:
    return [f"{i * interval_s:.{decimals}f}" for i in range(ROWS)]


@pytest.mark.parametrize("factor", [0.5, 2.0, 0.9, 1.1])
def test_two_clocks_that_differ_by_more_than_5_percent_are_refused_with_both_values(
    factor: float, tmp_path: Path
) -> None:
    content = text(time=times(factor / RATE))
    refused(
        tmp_path, content, Reason.FRAME_RATE, "DataRate is 100 Hz", f"{RATE / factor:.6g} Hz", "frame_rate_override"
    )
    with pytest.raises(StageError, match="DataRate is 100 Hz") as planned:
        read_claims(tmp_path / "a.trc")
    assert planned.value.reason is Reason.FRAME_RATE and f"{RATE / factor:.6g} Hz" in planned.value.detail
    for override in (RATE, RATE / factor):
        table = read(tmp_path, content, override)
        assert table.rate_hz == override and table.stated_hz == RATE
        assert any(
            "frame_rate_override is" in warning and f"{RATE / factor:.6g} Hz" in warning for warning in table.warnings
        )


@pytest.mark.parametrize(("factor", "warned"), [(1.03, True), (0.97, True), (1.001, False)])
def test_a_small_difference_of_the_clocks_is_a_warning(factor: float, warned: bool, tmp_path: Path) -> None:
    table = read(tmp_path, text(time=times(factor / RATE)))
    assert table.rate_hz == RATE and bool(table.warnings) == warned


def test_rounding_of_the_time_column_is_no_difference(tmp_path: Path) -> None:
    table = read(tmp_path, text(time=[f"{i / 240:.2f}" for i in range(ROWS)], header={"DataRate": 240}))
    assert (table.rate_hz, table.warnings) == (240.0, ())


@pytest.mark.parametrize(
    ("time", "held"),
    [
        (["0"] * ROWS, "0 in every row"),
        (["0.01"] * ROWS, "0.01 in every row"),
        ([str(i + 1) for i in range(ROWS)], "frame numbers"),
        ([str(i) for i in range(ROWS)], "frame numbers"),
    ],
)
def test_a_time_column_without_a_clock_claims_nothing(time: list[str], held: str, tmp_path: Path) -> None:
    table = read(tmp_path, text(time=time))
    assert table.rate_hz == RATE and any(held in warning for warning in table.warnings)
    np.testing.assert_allclose(table.time_s, np.arange(ROWS) / RATE)


def test_an_empty_time_column_claims_nothing(tmp_path: Path) -> None:
    table = read(tmp_path, text(time=[""] * ROWS))
    assert table.rate_hz == RATE and any("Time column" in warning for warning in table.warnings)
    np.testing.assert_allclose(table.time_s, np.arange(ROWS) / RATE)


def test_milliseconds_are_recognized(tmp_path: Path) -> None:
    table = read(tmp_path, text(time=[f"{10 * i + 250}" for i in range(ROWS)]))
    assert table.rate_hz == RATE and any("milliseconds" in warning for warning in table.warnings)
    np.testing.assert_allclose(table.time_s, 0.25 + np.arange(ROWS) / RATE)


def test_a_thinned_out_file_has_the_rate_of_its_rows(tmp_path: Path) -> None:
    every_second = np.arange(1, 2 * ROWS, 2)
    table = read(tmp_path, text(frame=every_second, time=times(2 / RATE)))
    assert (table.rate_hz, table.warnings) == (RATE / 2, ())
    np.testing.assert_allclose(table.time_s, 2 * np.arange(ROWS) / RATE)
    table = read(tmp_path, text(frame=every_second, time=times(1 / RATE)))
    assert table.rate_hz == RATE and any("goes on by 2" in warning for warning in table.warnings)
    table = read(tmp_path, text(frame=every_second, time=["0"] * ROWS))
    assert table.rate_hz == RATE / 2 and table.warnings
    refused(tmp_path, text(frame=every_second, time=times(3 / RATE)), Reason.FRAME_RATE, "goes on by 2")


def test_letters_of_windows_are_read_with_a_warning(tmp_path: Path) -> None:
    table = read(tmp_path, text(names=["A", "Füße", "C", "D"]).encode("cp1252"))
    assert table.names[1] == "Füße" and any("Windows-1252" in warning for warning in table.warnings)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.trc").open("wb") as handle:
        handle.truncate(2**33)
    for reader in (read_trc, read_claims):
        with pytest.raises(StageError) as error:
            reader(tmp_path / "a.trc")
        assert error.value.reason is Reason.TOO_LONG


@pytest.mark.parametrize("declared", [144, 157, 161, 400])
def test_a_header_that_counts_some_frames_wrong_is_warned_about_and_the_rows_count(
    tmp_path: Path, declared: int
) -> None:
    table = read(tmp_path, text(header={"NumFrames": declared}))
    assert len(table.positions) == ROWS
    assert any(
        f"NumFrames is {declared}, but there are 150 rows: the rows count" in warning for warning in table.warnings
    )


def test_the_published_run_whose_header_counts_more_frames_than_there_are_rows_is_read(
    shared: Callable[[str], Path],
) -> None:
    table = read_trc(shared("motion/hamner2013/subject11/Run_3.trc"))
    assert len(table.positions) == 527 and any("NumFrames is 566" in warning for warning in table.warnings)
    assert read_claims(shared("motion/hamner2013/subject11/Run_3.trc")).frames == 527


@pytest.mark.parametrize(("declared", "time"), [(140, {}), (160, {"time": [""] * ROWS})])
def test_a_header_that_counts_many_frames_too_few_or_more_than_no_clock_bears_out_is_refused(
    tmp_path: Path, declared: int, time: dict[str, object]
) -> None:
    refused(
        tmp_path,
        text(header={"NumFrames": declared}, **time),
        Reason.FIELD_VALUE,
        f"NumFrames is {declared}, but there are 150 rows",
    )
    with pytest.raises(StageError, match=f"NumFrames is {declared}, but .* 150 rows"):
        read_claims(tmp_path / "a.trc")
