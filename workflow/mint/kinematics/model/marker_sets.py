"""Marker sets: where each marker of a lab sits on each model, and which marker pairs scale which bodies."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.core.tables import RESOURCES, table

Array = NDArray[np.float64]
HIP_KINDS = ("hip_r", "hip_l")
_PELVIS_MARKERS = 4
_NOT_OPENSIM = re.compile(r"[\\*+/\s]")


@dataclass(frozen=True)
class Marker:
    """A marker on a body of the unscaled model; `location_m` in the body's frame (x forward, y up, z right)."""

    name: str
    body: str
    location_m: tuple[float, float, float]
    fixed: bool
    scale_weight: float
    ik_weight: float
    body_after_scaling: str


@dataclass(frozen=True)
class DerivedPoint:
    """A point that only serves measurements: the mean of markers, or a hip centre from four pelvis markers."""

    name: str
    kind: str
    body: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Measurement:
    """Mean over `pairs` of subject distance / model distance scales `axes` of `bodies`."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    bodies: tuple[str, ...]
    axes: str


@dataclass(frozen=True)
class MarkerSet:
    """All of one lab's markers on one model."""

    name: str
    markers: tuple[Marker, ...]
    derived: tuple[DerivedPoint, ...]
    measurements: tuple[Measurement, ...]

    @property
    def names(self) -> list[str]:
        """Marker names in table order."""
        return [marker.name for marker in self.markers]

    @property
    def followed(self) -> dict[str, str]:
        """The markers that inverse kinematics follows, and the body of each."""
        return {marker.name: marker.body for marker in self.markers if marker.ik_weight > 0}


def model_name(marker: str) -> str:
    """The name of a marker of any file on the model: OpenSim allows no blanks, slashes, stars, pluses in names."""
    return _NOT_OPENSIM.sub("_", marker)


def marker_set_of(scale: Bundle) -> MarkerSet:
    """The markers of a subject (scale.npz): those that registration placed, or those of its set's table."""
    if "registered" not in scale:
        return read_marker_set(str(scale.meta["marker_set"]), str(scale.meta["model"]))
    markers = tuple(
        Marker(name, body, (float(place[0]), float(place[1]), float(place[2])), False, float(weight), float(weight), "")
        for name, body, place, weight in zip(
            scale.names("registered"),
            scale.names("registered_body"),
            scale["registered_place_m"],
            scale["registered_weight"],
            strict=True,
        )
    )
    return MarkerSet(str(scale.meta["marker_set"]), markers, (), ())


def read_marker_set(marker_set: str, model: str) -> MarkerSet:
    """Read `resources/marker_sets/<marker_set>/{markers,measurements}_<model>.csv`.

    Raises `StageError(MARKER_MISSING)` if the lab has no map for this model.
    """
    folder = f"marker_sets/{marker_set}"
    for part in ("markers", "measurements"):
        path = RESOURCES / folder / f"{part}_{model}.csv"
        if not path.exists():
            raise StageError(Reason.MARKER_MISSING, f"no {path.name} in resources/{folder}")
    rows = table(f"{folder}/markers_{model}")
    for column in ("body_after_scaling", "derived_from"):
        rows = rows.assign(**{column: rows[column].astype(object).fillna("")})
    is_marker = rows["kind"] == "marker"
    markers = tuple(_marker(row) for row in rows[is_marker].to_dict("records"))
    derived = tuple(
        DerivedPoint(str(r.marker), str(r.kind), str(r.body), tuple(str(r.derived_from).split()))
        for r in rows[~is_marker].itertuples()
    )
    measurements = tuple(
        Measurement(str(r.measurement), _pairs(str(r.marker_pairs)), tuple(str(r.bodies).split()), str(r.axes))
        for r in table(f"{folder}/measurements_{model}").itertuples()
    )
    return MarkerSet(marker_set, markers, derived, measurements)


def _marker(row: Mapping[Hashable, Any]) -> Marker:
    location = (float(row["x_m"]), float(row["y_m"]), float(row["z_m"]))
    return Marker(
        str(row["marker"]),
        str(row["body"]),
        location,
        _true(row["fixed"]),
        float(row["scale_weight"]),
        float(row["ik_weight"]),
        str(row["body_after_scaling"]),
    )


def _true(value: object) -> bool:
    return str(value).strip().lower() == "true"


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [pair.split("-") for pair in text.split(";")]
    return tuple((a.strip(), b.strip()) for a, b in pairs)


def derive_points(
    derived: Sequence[DerivedPoint], points: Mapping[str, Array], hip_fractions: Mapping[str, Array]
) -> dict[str, Array]:
    """Positions (3,) m of the derived points whose sources are all present in `points` (name -> (3,) m).

    Hip centres use `hip_fractions` (kind -> (3,)) of `hip_fractions_of`.
    """
    out: dict[str, Array] = {}
    for point in derived:
        if not all(name in points for name in point.sources):
            continue
        sources = [points[name] for name in point.sources]
        if point.kind in HIP_KINDS:
            origin, axes, sizes = pelvis_frame(sources)
            out[point.name] = origin + axes @ (hip_fractions[point.kind] * sizes)
        else:
            out[point.name] = np.mean(sources, axis=0)
    return out


def hip_fractions_of(markers: Sequence[Array], hip_centre: Array) -> Array:
    """Hip centre (3,) m as fractions of pelvis depth (x) and width (y, z), from RASI, LASI, RPSI, LPSI (3,) m.

    Same form as the regression of Harrington et al. 2007 without its constants; the fractions are those of the
    generic model, so that a proportionally scaled pelvis gets exactly its own hip centre.
    """
    origin, axes, sizes = pelvis_frame(markers)
    return np.asarray(axes.T @ (hip_centre - origin) / sizes)


def pelvis_frame(markers: Sequence[Array]) -> tuple[Array, Array, Array]:
    """Origin between the ASIS (3,), axes as columns (3, 3) forward, up, right, and sizes depth, width, width (3,)."""
    if len(markers) != _PELVIS_MARKERS:
        raise ValueError("a pelvis frame needs RASI, LASI, RPSI, LPSI")
    right_front, left_front, right_back, left_back = markers
    origin = (right_front + left_front) / 2
    right = right_front - left_front
    width = float(np.linalg.norm(right))
    right = right / width
    forward = origin - (right_back + left_back) / 2
    depth = float(np.linalg.norm(forward))
    forward = forward - right * (forward @ right)
    forward = forward / np.linalg.norm(forward)
    return origin, np.column_stack([forward, np.cross(right, forward), right]), np.array([depth, width, width])
