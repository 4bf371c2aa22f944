"""Set-ups of a wheel become a table of places; what is no list of markers is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mint.core.status import Reason, StageError
from mint.inputs.video_places import COLUMNS, FOLDER, SETS, run

MARKER = """<Marker name="{name}"><socket_parent_frame>/bodyset/{body}</socket_parent_frame>
<location>{place}</location><fixed>false</fixed></Marker>"""


def wheel(folder: Path, text: str | None = None) -> Path:
    """An unzipped wheel with one marker per set-up, of which the first holds `text` instead."""
    (folder / FOLDER).mkdir(parents=True)
    for name, file in SETS.items():
        one = MARKER.format(name=f"{name} knee", body="femur_r", place="\n 0.0075 -4.0e-1\t0.05")
        (folder / FOLDER / file).write_text(f"<OpenSimDocument><MarkerSet>{one}</MarkerSet></OpenSimDocument>")
    if text is not None:
        (folder / FOLDER / next(iter(SETS.values()))).write_text(text)
    return folder


def test_every_marker_is_a_row_with_its_body_place_and_source(tmp_path: Path) -> None:
    run(wheel(tmp_path), tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert tuple(rows[0]) == COLUMNS and [row["set"] for row in rows] == list(SETS)
    for row in rows:
        assert (row["marker"], row["body"]) == (f"{row['set']} knee", "femur_r")
        assert [float(row[f"{axis}_m"]) for axis in "xyz"] == [0.0075, -0.4, 0.05]
        assert row["source"] == f"{FOLDER}/{SETS[row['set']]}"


ENTITIES = '<!DOCTYPE a [<!ENTITY b "c">]><MarkerSet>&b;</MarkerSet>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ENTITIES, "document type"),
        (f"<MarkerSet>{' ' * (1 << 20)}</MarkerSet>", "bytes"),
        ("<MarkerSet>", "no XML"),
        ("<MarkerSet/>", "0 markers"),
        (MARKER.format(name="a", body="", place="0 0 0"), "body ''"),
        (MARKER.format(name="a", body="b", place="0 0"), "three numbers"),
        (MARKER.format(name="a", body="b", place="0 x 0"), "three numbers"),
        (MARKER.format(name="a", body="b", place="0 nan 0"), "three numbers"),
        (MARKER.format(name="a", body="b", place="0 250 0"), "three numbers"),
        (MARKER.format(name="a", body="b", place="0 0 0") * 2, "no XML"),
    ],
)
def test_what_is_no_list_of_markers_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=words) as error:
        run(wheel(tmp_path, text), tmp_path / "out.csv")
    assert error.value.reason is Reason.FILE_CORRUPT and "Markers_Halpe26.xml" in error.value.detail
    assert not (tmp_path / "out.csv").exists()


def test_a_set_up_that_is_missing_is_named(tmp_path: Path) -> None:
    (wheel(tmp_path) / FOLDER / SETS["study"]).unlink()
    with pytest.raises(StageError, match=SETS["study"]) as error:
        run(tmp_path, tmp_path / "out.csv")
    assert error.value.reason is Reason.FILE_MISSING
