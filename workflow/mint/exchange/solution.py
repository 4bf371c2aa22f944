"""The solution of a stretch of a sequence, as its two models have it: curves, muscles, ground forces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import Window
from mint.exchange.curves import Curve
from mint.exchange.loads import GroundLoads, ground_loads
from mint.sequence import blend
from mint.sequence.outcome import Chunk
from mint.sequence.series import WRAPPING
from mint.verify.leg_dynamics import LegDynamics

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PartSolution:
    """What one model does over the `frames (n,)` of a stretch.

    `curve` are the coordinates `order (u,)` of the model's state, in rad and m; `muscles (m,)` with `activation` and
    `force_N (n, m)`; `further_N` forces of other actuators of the model by name, (n,) N each.
    """

    order: tuple[str, ...]
    curve: Curve
    muscles: tuple[str, ...]
    activation: Floats
    force_N: Floats
    further_N: Mapping[str, Floats]


@dataclass(frozen=True)
class Stretch:
    """Accepted chunks without a gap between them, and how wide their fades are."""

    chunks: tuple[Chunk, ...]
    margin: int

    @property
    def windows(self) -> list[Window]:
        """Their windows."""
        return [chunk.window for chunk in self.chunks]

    @property
    def frames(self) -> NDArray[np.int64]:
        """Frames that they keep."""
        return blend.kept_frames(self.windows)

    def in_fade(self) -> NDArray[np.bool_]:
        """Which of the frames are faded between two chunks."""
        around = [blend.faded(self.windows, seam, self.margin) for seam in blend.seams(self.windows)]
        return np.isin(self.frames, np.concatenate([np.zeros(0, dtype=np.int64), *around]))

    def blended(self, stage: str, name: str) -> Floats:
        """An array over the frames, faded at seams."""
        return self.faded([chunk.array(stage, name) for chunk in self.chunks])

    def faded(self, values: Sequence[Floats]) -> Floats:
        """Values of each window over the frames, faded at seams."""
        return blend.blend(self.windows, values, self.margin)

    def curve(self, order: Sequence[str], motions: Sequence[tuple[Floats, Floats, Floats]]) -> Curve:
        """The curve of motions q, qd, qdd (nodes, u) of each window; the pelvis turns on where it has turned round."""
        turning = [i for i, name in enumerate(order) if name in WRAPPING]
        q = [np.array(motion[0]) for motion in motions]
        aligned = blend.aligned_turns(self.windows, [values[:, turning] for values in q])
        for whole, part in zip(q, aligned, strict=True):
            whole[:, turning] = part
        return Curve(self.windows, q, [m[1] for m in motions], [m[2] for m in motions], self.margin)

    def loads(self, bodies: Sequence[str], per_foot: bool) -> GroundLoads:
        """Ground forces; `bodies (12,)` carry the spheres of the solution."""
        own = list(dict.fromkeys(bodies))
        rows = [[i for i, name in enumerate(bodies) if name == body] for body in own]
        force, moment = [], []
        for chunk in self.chunks:
            f, p = chunk.array("trajectory", "sphere_force_N"), chunk.array("trajectory", "sphere_point_m")
            force.append(np.stack([f[:, each].sum(axis=1) for each in rows], axis=1))
            moment.append(np.stack([np.cross(p, f)[:, each].sum(axis=1) for each in rows], axis=1))
        return ground_loads(own, self.faded(force), self.faded(moment), per_foot)


def legs_solution(stretch: Stretch, dynamics: LegDynamics, order: Sequence[str]) -> PartSolution:
    """The solution of the trajectory optimization on the leg model, dependent coordinates included."""
    motions = []
    for chunk in stretch.chunks:
        rows = zip(*(chunk.array("trajectory", name) for name in ("q", "qd", "qdd")), strict=True)
        motions.append(_full(dynamics, rows))
    muscles = stretch.chunks[0].names("trajectory", "muscles")
    activation, force = (stretch.blended("trajectory", name) for name in ("activation", "muscle_force_N"))
    return PartSolution(tuple(order), stretch.curve(order, motions), tuple(muscles), activation, force, {})


def _full(dynamics: LegDynamics, rows: Any) -> tuple[Floats, Floats, Floats]:
    """Motion (n, u) of all coordinates of the model's state."""
    q, qd, qdd = [], [], []
    for row in rows:
        acceleration = dynamics.put(*row)
        q.append(dynamics.state.getQ().to_numpy().copy())
        qd.append(dynamics.state.getU().to_numpy().copy())
        qdd.append(acceleration.to_numpy().copy())
    return np.array(q), np.array(qd), np.array(qdd)
