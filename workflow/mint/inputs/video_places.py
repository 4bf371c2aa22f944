"""Places of key points of video on the model `pose2sim`, as the set-ups in its data wheel have them, as one table."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mint.core.atomic import write_text
from mint.core.status import Reason, StageError

COLUMNS = ("set", "marker", "body", "x_m", "y_m", "z_m", "source")
FOLDER = "Pose2Sim/OpenSim_Setup"
# Set of key points -> file of the wheel; `study` are the markers that a network adds to them.
SETS = {
    "halpe_26": "Markers_Halpe26.xml",
    "coco_17": "Markers_Coco17.xml",
    "coco_133": "Markers_Coco133.xml",
    "body_25": "Markers_Body25.xml",
    "body_25b": "Markers_Body25b.xml",
    "blazepose": "Markers_BlazePose.xml",
    "study": "Markers_LSTM.xml",
}
_MAX_BYTES, _MAX_MARKERS, _FARTHEST_M = 1 << 20, 500, 2.0


def run(wheel: str | Path, output: str | Path) -> None:
    """Write the table `output` of all sets of the unzipped `wheel`.

    Places are in metres, in frames of the model's bodies before scaling (x forward, y up, z right). Raises StageError:
    FILE_MISSING, FILE_CORRUPT for a set-up that is no list of markers.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, file in SETS.items():
        for marker, body, place in _markers(Path(wheel) / FOLDER / file):
            writer.writerow([name, marker, body, *(f"{value:.6f}" for value in place), f"{FOLDER}/{file}"])
    write_text(output, out.getvalue())


def _markers(path: Path) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """Name, body and place (3,) m of every marker of an OpenSim marker set."""
    if not path.is_file():
        raise StageError(
            Reason.FILE_MISSING, f"{path}: not in the unzipped data wheel", remedy="remove that folder and run again"
        )
    raw = path.read_bytes()[: _MAX_BYTES + 1]
    # Without a document type there are no entities to expand.
    if len(raw) > _MAX_BYTES or b"<!DOCTYPE" in raw.upper():
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: has {len(raw)} bytes or a document type; a list of markers has "
            f"less than {_MAX_BYTES} bytes and none",
        )
    try:
        found = list(ElementTree.fromstring(raw).iter("Marker"))
    except ElementTree.ParseError as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: no XML: {error}") from error
    if not 0 < len(found) <= _MAX_MARKERS:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: has {len(found)} markers, expected 1 to {_MAX_MARKERS}")
    for marker in found:
        yield _marker(path, marker)


def _marker(path: Path, marker: ElementTree.Element) -> tuple[str, str, tuple[float, ...]]:
    name = " ".join(marker.get("name", "").split())
    body = (marker.findtext("socket_parent_frame") or "").strip().rpartition("/")[2]
    words = (marker.findtext("location") or "").split()
    try:
        place = tuple(float(word) for word in words)
    except ValueError:
        place = ()
    if not name or not body or len(place) != 3 or not np.all(np.abs(place) < _FARTHEST_M):
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: marker {name!r} has body {body!r} and location {words[:4]}; "
            f"expected a name, a body and three numbers below {_FARTHEST_M:g} m",
        )
    return name, body, place
