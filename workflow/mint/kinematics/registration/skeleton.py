"""The skeleton that registration scales: groups of bodies with common factors, how bodies move as factors change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.kinematics.inverse.marker_kinematics import coordinate_places
from mint.kinematics.model.coordinates import set_coordinate_ranges
from mint.kinematics.model.export import items, load_model, transform
from mint.kinematics.model.marker_sets import Array

# Groups of bodies with common factors, by how their names begin; left and right are one group. Each factor acts along
# some axes of the bodies (x depth, y length, z width): what no marker tells apart has one factor.
# The last number is how far a factor may differ from the size of the person [1]: people's proportions vary by some 5 %
# (ANSUR II: Gordon et al. 2014); of trunk and upper arm less, because the model has no clavicle that moves: its
# shoulders are higher than those of people with hanging arms, which no proportion should make up for.
_GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], float], ...] = (
    ("pelvis", ("pelvis", "sacrum"), ("x", "y", "z"), 0.05),
    ("lumbar", ("lumbar", "Abd"), ("xz", "y"), 0.035),
    ("thorax", ("torso", "thoracic", "rib", "sternum", "clavicle", "scapula"), ("x", "y", "z"), 0.035),
    ("head", ("head", "skull"), ("xyz",), 0.035),
    ("thigh", ("femur", "patella"), ("xz", "y"), 0.05),
    ("shank", ("tibia",), ("xz", "y"), 0.05),
    ("foot", ("talus", "calcn", "toes"), ("xy", "z"), 0.05),
    ("upper_arm", ("humerus",), ("xz", "y"), 0.035),
    ("forearm", ("ulna", "radius"), ("xz", "y"), 0.05),
    ("hand", ("hand",), ("xyz",), 0.05),
)


@dataclass(frozen=True)
class Factors:
    """Names of the factors (K,), for bodies (B,) the factor of every axis (B, 3), -1 where none acts, and how far each
    factor may differ from the size of the person, sd (K,)."""

    names: list[str]
    bodies: list[str]
    of: Any
    sd: Array

    def by_body(self, values: Array) -> Array:
        """Factors (B, 3) of all bodies from `values (K,)`."""
        return np.asarray(np.where(self.of >= 0, values[self.of], 1.0))


class Skeleton:
    """The model without muscles, contacts and markers; poses are full coordinate vectors in the model's order."""

    def __init__(self, osim: str | Path, coordinates: Mapping[str, Mapping[str, Any]]) -> None:
        model = load_model(osim)
        for group in (
            model.updForceSet(),
            model.updContactGeometrySet(),
            model.updMarkerSet(),
            model.updControllerSet(),
            model.updProbeSet(),
        ):
            group.clearAndDestroy()
        model.finalizeFromProperties()
        model.finalizeConnections()
        set_coordinate_ranges(model, coordinates)
        self._generic = model
        self.bodies = [body.getName() for body in items(model.getBodySet())]
        self.factors = _factors(self.bodies)
        self._unit = self.scaled(np.ones(len(self.factors.names)))
        self._doubled = [
            self.scaled(np.where(np.arange(len(self.factors.names)) == k, 2.0, 1.0))
            for k in range(len(self.factors.names))
        ]
        self._states = [each.initSystem() for each in (self._unit, *self._doubled)]
        self._place = coordinate_places(self._unit, self._states[0])
        self.coordinates = [each.getName() for each in items(self._unit.getCoordinateSet())]

    def scaled(self, values: Array) -> Any:
        """A copy of the model scaled by factors `values (K,)`."""
        model = opensim.Model(self._generic)
        state = model.initSystem()
        model.scale(state, scale_set(self.factors, values), False)
        model.initSystem()
        return model

    def marked(self, values: Array, markers: Sequence[str], bodies: Sequence[str], places: Array) -> Any:
        """The scaled model with markers at `places (k, 3)` m in the scaled frames of `bodies`."""
        model = self.scaled(values)
        for name, body, place in zip(markers, bodies, places, strict=True):
            model.addMarker(opensim.Marker(name, model.getBodySet().get(body), opensim.Vec3(*map(float, place))))
        model.finalizeConnections()
        return model

    def frames(self, poses: Array) -> tuple[Array, Array, Array]:
        """Of all bodies in `poses (n, m)`: rotations (n, B, 3, 3), origins (n, B, 3) with all factors 1, and their
        derivatives (n, B, 3, K) with respect to the factors: origins are linear in them."""
        n, count, k = len(poses), len(self.bodies), len(self._doubled)
        turns, origins, change = np.empty((n, count, 3, 3)), np.empty((n, count, 3)), np.empty((n, count, 3, k))
        q = np.empty_like(poses)
        q[:, self._place] = poses
        for index, (model, state) in enumerate(zip((self._unit, *self._doubled), self._states, strict=True)):
            bodies = items(model.getBodySet())
            for row in range(n):
                state.setQ(opensim.Vector.createFromMat(q[row]))
                model.realizePosition(state)
                for place, body in enumerate(bodies):
                    point = body.getPositionInGround(state).to_numpy()
                    if index:
                        change[row, place, :, index - 1] = point - origins[row, place]
                    else:
                        origins[row, place] = point
                        turns[row, place] = transform(body.getTransformInGround(state))["R"]
        return turns, origins, change

    def default_places(self, bodies: Sequence[str], places: Array) -> Array:
        """Points (k, 3) m in ground, in the default pose of the unscaled model."""
        state = self._unit.initSystem()
        out = [
            self._unit.getBodySet().get(body).findStationLocationInGround(state, opensim.Vec3(*map(float, place)))
            for body, place in zip(bodies, places, strict=True)
        ]
        return np.array([point.to_numpy() for point in out]).reshape(-1, 3)


def scale_set(factors: Factors, values: Array) -> Any:
    """OpenSim's list of scale factors of bodies."""
    out = opensim.ScaleSet()
    for body, xyz in zip(factors.bodies, factors.by_body(values), strict=True):
        item = opensim.Scale()
        item.setSegmentName(body)
        item.setScaleFactors(opensim.Vec3(*map(float, xyz)))
        item.setApply(True)
        out.cloneAndAppend(item)
    return out


def _factors(bodies: Sequence[str]) -> Factors:
    names: list[str] = []
    spread: list[float] = []
    of = np.full((len(bodies), 3), -1)
    for group, beginnings, axes, sd in _GROUPS:
        mine = [i for i, body in enumerate(bodies) if body.startswith(beginnings)]
        for axis in axes if mine else ():
            for i in mine:
                of[i, ["xyz".index(letter) for letter in axis]] = len(names)
            names.append(f"{group}_{axis}")
            spread.append(sd)
    return Factors(names, list(bodies), of, np.array(spread))
