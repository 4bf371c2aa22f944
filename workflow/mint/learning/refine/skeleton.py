"""The bones and muscle paths of the report's drawings at a moment of a gait cycle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from scipy.spatial.transform import Rotation

from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import StageError
from mint.core.tables import table
from mint.drawing.places import body_path, drawing_path
from mint.learning.refine.cycles import Floats
from mint.learning.refine.gait import Cycle, cycles_of, mirrored, stretches
from mint.reader import MintReader


@dataclass(frozen=True)
class Skeleton:
    """A drawn sequence and a cycle of it; `body` and `drawing` are the bundles of stage drawing."""

    sequence: str
    cycle: Cycle
    body: Bundle
    drawing: Bundle

    def frame(self, phase: float) -> int:
        """Row of the drawn frame nearest to a phase of the cycle, of those that have a pose."""
        at = self.cycle.times_s[round(phase * (len(self.cycle.times_s) - 1))] * FRAME_RATE_HZ
        posed = np.flatnonzero(np.isfinite(self.drawing["body_position"]).all(axis=(1, 2)))
        return int(posed[np.abs(self.drawing["frames"][posed] - at).argmin()])

    def placed(self, row: int, points: Floats, bodies: Floats) -> Floats:
        """Points (k, 3) of bodies (k,) in ground."""
        owner = bodies.astype(int)
        turn = Rotation.from_quat(self.drawing["body_turn"][row].astype(float))
        return np.asarray(turn[owner].apply(points) + self.drawing["body_position"][row][owner])

    def path(self, row: int, muscle: str) -> Floats | None:
        """Points (k, 3) in ground of a muscle by its name in the model; None for one that is not drawn."""
        names = self.drawing.names("muscles")
        if muscle not in names:
            return None
        own = np.flatnonzero(self.drawing["point_muscle"] == names.index(muscle))
        places = self.drawing["point_place"].astype(float)
        places[self.drawing["moving_point"].astype(int)] = self.drawing["moving_place"][row]
        return self.placed(row, places[own], self.drawing["point_body"][own])


def skeleton_of(results: Path, data: MintReader, subjects: Mapping[str, str], config: RefineConfig) -> Skeleton | None:
    """The first drawn sequence with a gait cycle; None where there is none. `subjects` by sequence."""
    index = results / "drawings" / "index.json"
    try:
        names = json.loads(index.read_text(encoding="utf-8"))["sequences"]
    except (OSError, ValueError, KeyError):
        return None
    for name in names:
        if name not in data.sequences.index or name not in subjects:
            continue
        for side in "rl":
            cycles = cycles_of(data.gait_events(name), stretches(data.intervals(name)), side, config)
            good = [each for each in cycles if not each.left_out]
            if good:
                try:
                    return Skeleton(
                        name,
                        good[0],
                        Bundle.read(body_path(results, subjects[name])),
                        Bundle.read(drawing_path(results, name)),
                    )
                except StageError as error:
                    print(f"{name} is not drawn: {error}")
    return None


def add_skeleton(
    plot: go.Figure, skeleton: Skeleton, phase: float, strands: Sequence[str], ink: str, pale: str, column: int
) -> None:
    """Draw sticks of all bones, and paths of `strands` (columns of the 402, `_r` being the side of the cycle)."""
    row = skeleton.frame(phase)
    own = list(strands) if skeleton.cycle.side == "r" else mirrored(strands)
    rows = table("muscles_402")
    in_model = dict(zip(rows["mint_column"], rows["pose2sim_model"], strict=True))
    full = dict(zip(rows["mint_column"], rows["allaire_full_body_model"], strict=True))
    ends = skeleton.body["stick_end"].astype(float)
    owners = np.repeat(skeleton.body["stick_body"], 2)
    bones = skeleton.placed(row, ends.reshape(-1, 3), owners).reshape(-1, 2, 3)
    _lines(plot, bones, pale, 5, column)
    found = (
        path
        for name in own
        for model in (in_model, full)
        if isinstance(model[name], str) and (path := skeleton.path(row, model[name])) is not None
    )
    _lines(plot, [path for path in found if len(path) > 1], ink, 4, column)
    scene = {
        "aspectmode": "data",
        "camera": {"eye": {"x": 1.4, "y": -1.6, "z": 0.2}},
        **{f"{axis}axis": {"visible": False} for axis in "xyz"},
    }
    plot.update_scenes(scene, row=2, col=column)


def _lines(plot: go.Figure, paths: Sequence[Floats] | Floats, ink: str, width: int, column: int) -> None:
    """Paths as one trace; y up becomes z up."""
    gap = np.full((1, 3), np.nan)
    points = np.concatenate([part for path in paths for part in (path, gap)]) if len(paths) else gap
    values = [[None if value != value else round(float(value), 4) for value in points[:, k]] for k in range(3)]
    plot.add_scatter3d(
        x=values[0],
        y=[None if value is None else -value for value in values[2]],
        z=values[1],
        mode="lines",
        line={"color": ink, "width": width},
        showlegend=False,
        hoverinfo="skip",
        row=2,
        col=column,
    )
