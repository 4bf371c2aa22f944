"""The model before and after OpenSim's ScaleTool: markers on it, contact spheres, scale factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import opensim

from mint.config.kinematics import KinematicsConfig
from mint.core.status import Reason, StageError
from mint.kinematics.model.export import items, vector
from mint.kinematics.model.marker_sets import HIP_KINDS, Array, MarkerSet, derive_points, hip_fractions_of


def replace_markers(model: Any, marker_set: MarkerSet, present: Iterable[str]) -> None:
    """Put exactly the present markers of the set on the model, at their generic places."""
    present = set(present)
    model.updMarkerSet().clearAndDestroy()
    for marker in marker_set.markers:
        if marker.name in present:
            _add_marker(model, marker.name, marker.body, marker.location_m, marker.fixed)
    model.finalizeConnections()


def add_derived_markers(model: Any, marker_set: MarkerSet) -> dict[str, Array]:
    """Add the derived points where the model's own markers put them; return the hip fractions they used."""
    state = model.initSystem()
    points = marker_positions(model, state)
    fractions = _hip_fractions(model, state, marker_set, points)
    bodies = {d.name: d.body for d in marker_set.derived}
    places = {}
    for name, position in derive_points(marker_set.derived, points, fractions).items():
        body = model.getBodySet().get(bodies[name])
        places[name] = vector(model.getGround().findStationLocationInAnotherFrame(state, opensim.Vec3(*position), body))
    for name, location in places.items():
        _add_marker(model, name, bodies[name], location, True)
    model.finalizeConnections()
    return fractions


def remove_derived_markers(model: Any, marker_set: MarkerSet) -> None:
    """Leave only real markers on the model."""
    for point in marker_set.derived:
        if model.getMarkerSet().contains(point.name):
            model.updMarkerSet().remove(model.getMarkerSet().get(point.name))
    model.finalizeConnections()


def marker_positions(model: Any, state: Any) -> dict[str, Array]:
    """Positions (3,) m in ground of all markers of the model in a state realized to position."""
    return {m.getName(): np.array(vector(m.getLocationInGround(state))) for m in items(model.getMarkerSet())}


def _hip_fractions(model: Any, state: Any, marker_set: MarkerSet, points: Mapping[str, Array]) -> dict[str, Array]:
    out = {}
    for point in marker_set.derived:
        if point.kind in HIP_KINDS and all(name in points for name in point.sources):
            joint = model.getJointSet().get(point.kind)
            centre = np.array(vector(joint.getParentFrame().getPositionInGround(state)))
            out[point.kind] = hip_fractions_of([points[name] for name in point.sources], centre)
    return out


def _add_marker(model: Any, name: str, body: str, location_m: Iterable[float], fixed: bool) -> None:
    if not model.getBodySet().contains(body):
        raise StageError(Reason.MODEL_INCOMPLETE, f"marker {name}: the model has no body {body}")
    marker = opensim.Marker(name, model.getBodySet().get(body), opensim.Vec3(*map(float, location_m)))
    marker.set_fixed(fixed)
    model.addMarker(marker)


def restore_defaults(scaled: Any, generic: Any) -> None:
    """Default values of all coordinates as in the generic model: the tool stores the static pose there.

    Translations of the pelvis keep their generic value too, so the default pose is the reference pose of the
    leg model and of the tests.
    """
    defaults = {c.getName(): c.getDefaultValue() for c in items(generic.getCoordinateSet())}
    for coordinate in items(scaled.getCoordinateSet()):
        coordinate.setDefaultValue(defaults[coordinate.getName()])


def scale_spheres(model: Any, factors: Mapping[str, Sequence[float]]) -> None:
    """Scale centre and radius of every contact sphere with its foot: OpenSim's tool leaves contact geometry alone.

    The radius takes the factor along y, so that the height of the sole scales with the foot.
    """
    for geometry in items(model.getContactGeometrySet()):
        sphere = opensim.ContactSphere.safeDownCast(geometry)
        if sphere is not None:
            factor = np.array(factors.get(sphere.getFrame().findBaseFrame().getName(), [1.0, 1.0, 1.0]))
            sphere.set_location(opensim.Vec3(*(np.array(vector(sphere.get_location())) * factor)))
            sphere.setRadius(sphere.getRadius() * float(factor[1]))


def checked_factors(factors: dict[str, list[float]], config: KinematicsConfig) -> dict[str, list[float]]:
    """The same factors. Raises `StageError(SCALING)` for a body out of proportion to the size of the person, and for a
    size that no person has.

    A child needs small factors everywhere: only against each other do they tell a marker that is elsewhere than its
    name says. The size is their median, each measurement counted once however many bodies it scales. What no marker
    scales keeps a factor of 1, which tells nothing of the size.
    """
    measured = {value for values in factors.values() for value in values if value != 1.0}
    size = float(np.median(sorted(measured))) if measured else 1.0
    if not config.size_min <= size <= config.size_max:
        raise StageError(
            Reason.SCALING,
            f"the median of the scale factors is {size:.3f}, expected "
            f"{config.size_min} to {config.size_max}: no person has that size",
            remedy="correct the unit of length of the file, or column height_m of the sequence table",
        )
    for body, values in factors.items():
        for axis, value in zip("xyz", values, strict=True):
            if not config.proportion_min <= value / size <= config.proportion_max:
                raise StageError(
                    Reason.SCALING,
                    f"scale factor {value:.3f} of {body} along {axis} is {value / size:.2f} times that "
                    f"of the whole person ({size:.3f}), expected {config.proportion_min} to {config.proportion_max}",
                )
    return factors
