"""OpenSim's dynamics of a leg model at given states: inverse dynamics, contact, places of the spheres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.core.ahead import Ahead
from mint.core.status import Reason, StageError
from mint.kinematics.model.export import items, load_model, model_record, vector

Array = np.ndarray[Any, Any]
PELVIS_ROTATIONS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
PELVIS_TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


@dataclass(frozen=True)
class Leg:
    """A leg model whose forces are switched off, as OpenSim's `model`, with a `state`, and as a `record`
    (`leg_model.json`)."""

    model: Any
    record: dict[str, Any]
    state: Any


@Ahead
def leg(leg_osim: str | Path) -> Leg:
    """Read a leg model. Raises `StageError` (FILE_MISSING, FILE_CORRUPT, MODEL_INCOMPLETE)."""
    model = load_model(leg_osim)
    record = model_record(model)
    for force in items(model.updForceSet()):
        force.set_appliesForce(False)
    return Leg(model, record, model.initSystem())


class LegDynamics:
    """One leg model, loaded once, in which muscles exert no force and contact only when asked."""

    def __init__(self, leg_osim: str | Path, coordinates: Sequence[str]) -> None:
        loaded = leg(leg_osim)
        self.model, self.record, self.state = loaded.model, loaded.record, loaded.state
        self.coordinates = list(coordinates)
        unknown = [name for name in self.coordinates if name not in self.record["coordinates"]]
        if unknown:
            raise StageError(Reason.MODEL_INCOMPLETE, f"leg model has no coordinate {', '.join(unknown)}")
        self._opensim = {c.getName(): c for c in items(self.model.getCoordinateSet())}
        for coordinate in self._opensim.values():
            coordinate.setLocked(self.state, False)
        self._couplers = {c["dependent"]: _Coupler.of(c) for c in self.record["couplers"]}
        self._speed_index = self._speed_indices()
        self._solver = opensim.InverseDynamicsSolver(self.model)
        self._contacts = [
            opensim.SmoothSphereHalfSpaceForce.safeDownCast(f)
            for f in items(self.model.getForceSet())
            if f.getConcreteClassName() == "SmoothSphereHalfSpaceForce"
        ]
        self.spheres = [c["name"] for c in self.record["contacts"]]
        self.total_mass_kg = float(self.record["mass_kg"])

    def weight_N(self) -> float:
        """Body weight."""
        return self.total_mass_kg * float(np.linalg.norm(self.record["gravity"]))

    def put(self, q: Array, qd: Array, qdd: Array | None = None) -> Any:
        """State at `q, qd (p,)` of `coordinates`; dependent ones follow. Returns udot (`Vector`) for `qdd`."""
        second = np.zeros_like(q) if qdd is None else qdd
        motion = {name: (float(c["default"]), 0.0, 0.0) for name, c in self.record["coordinates"].items()}
        motion |= {name: (float(q[i]), float(qd[i]), float(second[i])) for i, name in enumerate(self.coordinates)}
        for name, coupler in self._couplers.items():
            motion[name] = coupler.follow(*motion[coupler.independent])
        for name, (value, _, _) in motion.items():
            self._opensim[name].setValue(self.state, value, False)
        for name, (_, speed, _) in motion.items():
            self._opensim[name].setSpeedValue(self.state, speed)
        acceleration = opensim.Vector(len(motion), 0.0)
        for name, (_, _, a) in motion.items():
            acceleration.set(self._speed_index[name], a)
        return acceleration

    def inverse_dynamics(self, q: Array, qd: Array, qdd: Array, force: Array, point: Array) -> Array:
        """Generalized forces `(p,)` N m, N that the motion needs beyond gravity and the sphere forces.

        `force (12, 3)` N acts on each sphere's body at `point (12, 3)` m, in ground, in the order of `spheres`.
        """
        acceleration = self.put(q, qd, qdd)
        self.model.realizeDynamics(self.state)
        tau = self._solver.solve(self.state, acceleration).to_numpy()
        tau = tau - sum(
            self._generalized(contact["body"], force[i], point[i]) for i, contact in enumerate(self.record["contacts"])
        )
        return self._independent(tau, q)

    def own_contact_forces(self, q: Array, qd: Array, belt_velocity: Array) -> Array:
        """Forces `(12, 3)` N on the spheres by OpenSim's SmoothSphereHalfSpaceForce at a state.

        A belt that moves by `belt_velocity (3,)` m/s is the same as a floor at rest under a body that moves
        by the opposite: contact depends on relative velocity only.
        """
        shifted = np.array(qd, dtype=float)
        for axis, name in enumerate(PELVIS_TRANSLATIONS):
            shifted[self.coordinates.index(name)] -= belt_velocity[axis]
        self.put(q, shifted)
        for contact in self._contacts:
            contact.setAppliesForce(self.state, True)
        self.model.realizeDynamics(self.state)
        forces = []
        for contact in self._contacts:
            values = contact.getRecordValues(self.state)
            forces.append([values.get(i) for i in range(3)])
        for contact in self._contacts:
            contact.setAppliesForce(self.state, False)
        return np.array(forces)

    def sphere_centres(self, q: Array) -> Array:
        """Centres `(12, 3)` m of the spheres in ground."""
        self.put(q, np.zeros_like(q))
        self.model.realizePosition(self.state)
        bodies = self.model.getBodySet()
        return np.array(
            [
                vector(bodies.get(c["body"]).findStationLocationInGround(self.state, opensim.Vec3(*c["location_m"])))
                for c in self.record["contacts"]
            ]
        )

    def centre_of_mass(self, q: Array) -> Array:
        """Centre of mass `(3,)` m in ground."""
        self.put(q, np.zeros_like(q))
        self.model.realizePosition(self.state)
        return np.array(vector(self.model.calcMassCenterPosition(self.state)))

    def of_wrench(self, q: Array, body: str, force: Array, moment: Array) -> Array:
        """Generalized forces `(p,)` N m, N of `coordinates` that a force (3,) N and a moment (3,) N m about the
        origin of ground exert on a body at `q (p,)`: transposed frame Jacobian, at the point of the body that is at
        that origin."""
        self.put(q, np.zeros_like(q))
        self.model.realizePosition(self.state)
        frame = self.model.getBodySet().get(body)
        station = self.model.getGround().findStationLocationInAnotherFrame(
            self.state, opensim.Vec3(0.0, 0.0, 0.0), frame
        )
        wrench = opensim.SpatialVec(opensim.Vec3(*map(float, moment)), opensim.Vec3(*map(float, force)))
        out = opensim.Vector(self.state.getNU(), 0.0)
        self.model.getMatterSubsystem().multiplyByFrameJacobianTranspose(
            self.state, frame.getMobilizedBodyIndex(), station, wrench, out
        )
        return self._independent(np.asarray(out.to_numpy()).copy(), q)

    def _generalized(self, body: str, force: Array, point: Array) -> Array:
        """Generalized forces `(nu,)` of a force at a point, both in ground: transposed station Jacobian."""
        frame = self.model.getBodySet().get(body)
        station = self.model.getGround().findStationLocationInAnotherFrame(
            self.state, opensim.Vec3(*map(float, point)), frame
        )
        out = opensim.Vector(self.state.getNU(), 0.0)
        self.model.getMatterSubsystem().multiplyByStationJacobianTranspose(
            self.state, frame.getMobilizedBodyIndex(), station, opensim.Vec3(*map(float, force)), out
        )
        return np.asarray(out.to_numpy()).copy()

    def _independent(self, tau: Array, q: Array) -> Array:
        """Generalized forces of `coordinates`: those of dependent ones through their couplers' slope."""
        out = np.array([tau[self._speed_index[name]] for name in self.coordinates])
        for name, coupler in self._couplers.items():
            if coupler.independent in self.coordinates:
                i = self.coordinates.index(coupler.independent)
                out[i] += horner(float(q[i]), coupler.first) * tau[self._speed_index[name]]
        return out

    def _speed_indices(self) -> dict[str, int]:
        """Index of each coordinate's speed in the state, found by setting one at a time."""
        indices = {}
        for coordinate in self._opensim.values():
            coordinate.setSpeedValue(self.state, 0.0)
        for name, coordinate in self._opensim.items():
            coordinate.setSpeedValue(self.state, 1.0)
            indices[name] = int(np.flatnonzero(self.state.getU().to_numpy())[0])
            coordinate.setSpeedValue(self.state, 0.0)
        return indices


def pelvis_axes(tilt: float, tilted_list: float) -> Array:
    """Axes `(3, 3)`, one a column, in ground, of the pelvis rotations about z, then x, then y."""
    c, s = np.cos(tilt), np.sin(tilt)
    cl, sl = np.cos(tilted_list), np.sin(tilted_list)
    return np.array([[0.0, c, -s * cl], [0.0, s, c * cl], [1.0, 0.0, sl]])


@dataclass(frozen=True)
class _Coupler:
    """A coordinate that follows another: coefficients, in ascending powers, of its value and its two derivatives."""

    independent: str
    value: list[float]
    first: list[float]
    second: list[float]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> _Coupler:
        """A coupler of `leg_model.json`."""
        powers = record["function"]["coefficients"]
        first = np.polynomial.polynomial.polyder(powers)
        second = np.polynomial.polynomial.polyder(first)
        return cls(record["independent"], list(map(float, powers)), first.tolist(), second.tolist())

    def follow(self, x: float, xd: float, xdd: float) -> tuple[float, float, float]:
        """Value, first and second time derivative, of those of the other coordinate."""
        slope = horner(x, self.first)
        return horner(x, self.value), slope * xd, horner(x, self.second) * xd**2 + slope * xdd


def horner(x: float, powers: Sequence[float]) -> float:
    """Polynomial of coefficients in ascending powers at x: NumPy's `polyval` for numbers, without its arrays."""
    value = powers[-1]
    for coefficient in reversed(powers[:-1]):
        value = coefficient + value * x
    return value
