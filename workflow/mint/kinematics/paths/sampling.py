"""Muscle-tendon lengths and moment arms of a leg model at sampled poses, by OpenSim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from mint.config.muscle_paths import MusclePathsConfig
from mint.core.status import Reason, StageError
from mint.kinematics.model.export import items
from mint.kinematics.model.forward_kinematics import Array, ForwardKinematics
from mint.kinematics.paths.spans import sampled_ranges, spanned_coordinates

SIDES = ("r", "l")


@dataclass(frozen=True)
class PathSamples:
    """n poses, the same on both sides: `poses (n, k)` rad of `coordinates` (without side); per muscle its
    spanned coordinates (without side), `length (n,)` m and `moment_arm (n, s)` m."""

    coordinates: tuple[str, ...]
    poses: Array
    spans: dict[str, tuple[str, ...]]
    length: dict[str, Array]
    moment_arm: dict[str, Array]


def sample_paths(model: Any, record: Mapping[str, Any], muscles: list[str], config: MusclePathsConfig) -> PathSamples:
    """Lengths of all muscles and their differences in every spanned coordinate, both sides in one pass."""
    coordinates, lo, hi = sampled_ranges()
    poses = lo + (hi - lo) * qmc.LatinHypercube(len(coordinates), seed=config.seed).random(config.samples)
    sampler = _Sampler(model, record, coordinates)
    spans = {name: spanned_coordinates(model.getMuscles().get(name), record) for name in muscles}
    paths = {name: model.getMuscles().get(name).getGeometryPath() for name in muscles}
    length = {name: np.zeros(config.samples) for name in muscles}
    arm = {name: np.zeros((config.samples, len(spans[name]))) for name in muscles}
    crossing = {c: [(paths[m], m, spans[m].index(c)) for m in muscles if c in spans[m]] for c in coordinates}
    for n in range(config.samples):
        state = sampler.put(poses[n])
        for name in muscles:
            length[name][n] = paths[name].getLength(state)
        for k, coordinate in enumerate(coordinates):
            # A difference to one side is exact to half a step times the curvature of the length, some micrometres.
            state = sampler.put_one(k, poses[n, k] + config.step_rad)
            for path, name, column in crossing[coordinate]:
                arm[name][n, column] = (length[name][n] - path.getLength(state)) / config.step_rad
            sampler.set(k, poses[n, k])
    return PathSamples(coordinates, poses, spans, length, arm)


class _Sampler:
    """Sets coordinates of both sides, dependent ones included, in one state."""

    def __init__(self, model: Any, record: Mapping[str, Any], coordinates: tuple[str, ...]) -> None:
        self._model = model
        self._state = model.initSystem()
        self._kinematics = ForwardKinematics(record)
        found = {c.getName(): c for c in items(model.getCoordinateSet())}
        missing = [f"{c}_{s}" for c in coordinates for s in SIDES if f"{c}_{s}" not in found]
        if missing:
            raise StageError(Reason.MODEL_INCOMPLETE, f"leg model has no coordinate {', '.join(missing)}")
        #: Per sampled coordinate: OpenSim coordinates and the ascending powers of their value in it.
        self._targets: list[list[tuple[Any, Array]]] = []
        for coordinate in coordinates:
            targets = [(found[f"{coordinate}_{side}"], np.array([0.0, 1.0])) for side in SIDES]
            targets += [
                (found[c["dependent"]], np.array(c["function"]["coefficients"]))
                for c in record["couplers"]
                if c["independent"][:-2] == coordinate
            ]
            for target, _ in targets:
                target.setLocked(self._state, False)
            self._targets.append(targets)

    def put(self, pose: Array) -> Any:
        """State at a pose `(k,)` rad."""
        for k, value in enumerate(pose):
            self.set(k, float(value))
        self._model.realizePosition(self._state)
        return self._state

    def put_one(self, k: int, value: float) -> Any:
        """The state with one coordinate changed."""
        self.set(k, float(value))
        self._model.realizePosition(self._state)
        return self._state

    def set(self, k: int, value: float) -> None:
        """Set one coordinate; nothing follows before the next realization."""
        for target, powers in self._targets[k]:
            y = (
                value
                if len(powers) == 2 and powers[1] == 1.0 and powers[0] == 0.0
                else float(np.polynomial.polynomial.polyval(value, powers))
            )
            target.setValue(self._state, y, False)
