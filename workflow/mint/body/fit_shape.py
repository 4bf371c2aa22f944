"""Shape coefficients of SMPL-H for a body that is known otherwise: by another body model, by bones, by height and mass.

What is known is compared with the shaped body in one least-squares problem, with a weak prior towards the mean body,
because coefficients are standard deviations of a population.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from mint.body.shape import stature_m, volume_m3
from mint.body.shape_model import BODY_JOINTS, ShapeModel
from mint.body.smplh import PARENTS
from mint.formats.trials import SHAPE_COMPONENTS

Floats = NDArray[np.float64]
Pair = tuple[int, int]

# Joints whose distance at rest makes a body of its own proportions: bones, widths of hips and shoulders, trunk.
BONES: tuple[Pair, ...] = tuple((PARENTS[i], i) for i in range(1, BODY_JOINTS))
DISTANCES: tuple[Pair, ...] = (*BONES, (1, 2), (16, 17), (0, 12), (0, 15))
# What counts as much as one standard deviation of a coefficient times the prior below; choices of this project.
_LENGTH_M, _STATURE_M, _VOLUME_SHARE = 0.002, 0.005, 0.02
_PRIOR = 0.05
_MOST = 5.0  # standard deviations


@dataclass(frozen=True)
class Known:
    """What is known of a body: distances m between pairs of its 22 body joints; stature m, volume m3, None: unknown."""

    distances: Mapping[Pair, float] = field(default_factory=dict)
    stature_m: float | None = None
    volume_m3: float | None = None


def known_of(model: ShapeModel, betas: Floats) -> Known:
    """Distances, stature and volume of a shaped body."""
    vertices = model.vertices(betas)
    joints = model.regressor[:BODY_JOINTS] @ vertices
    distances = {pair: float(np.linalg.norm(joints[pair[0]] - joints[pair[1]])) for pair in DISTANCES}
    return Known(distances, stature_m(vertices), volume_m3(vertices, model.faces))


def fit_known(model: ShapeModel, known: Known, prior: float = _PRIOR) -> Floats:
    """Coefficients (16,) of `model` (SMPL-H) whose shaped body is nearest to what is known."""
    pairs = list(known.distances)
    wanted = np.array([known.distances[pair] for pair in pairs])
    first, second = ([pair[i] for pair in pairs] for i in range(2))
    regressor = model.regressor[:BODY_JOINTS]
    count = min(model.directions.shape[2], SHAPE_COMPONENTS)
    template = regressor @ model.template
    directions = np.einsum("jv,vik->jik", regressor, model.directions[:, :, :count])

    def residuals(betas: Floats) -> Floats:
        joints = template + directions @ betas
        lengths = np.linalg.norm(joints[first] - joints[second], axis=1) if pairs else wanted
        rest = [(lengths - wanted) / _LENGTH_M, prior * betas]
        if known.stature_m is not None or known.volume_m3 is not None:
            vertices = model.vertices(betas)
            if known.stature_m is not None:
                rest.append(np.array([(stature_m(vertices) - known.stature_m) / _STATURE_M]))
            if known.volume_m3 is not None:
                share = volume_m3(vertices, model.faces) / known.volume_m3 - 1
                rest.append(np.array([share / _VOLUME_SHARE]))
        return np.concatenate(rest)

    found = least_squares(residuals, np.zeros(count), bounds=(-_MOST, _MOST), max_nfev=60)
    return np.concatenate([found.x, np.zeros(SHAPE_COMPONENTS - count)])


def fit_vertices(model: ShapeModel, vertices: Floats) -> Floats:
    """Coefficients (16,) of `model` whose vertices are nearest to `vertices (V,3)` m of the same mesh, moved."""
    count = min(model.directions.shape[2], SHAPE_COMPONENTS)
    columns = model.directions[:, :, :count].reshape(-1, count)
    moves = np.tile(np.eye(3), (len(vertices), 1))
    rows = np.concatenate([columns, moves], axis=1)
    solution = np.linalg.lstsq(rows, (vertices - model.template).ravel(), rcond=None)[0]
    return np.concatenate([solution[:count], np.zeros(SHAPE_COMPONENTS - count)])


def worst_distance(model: ShapeModel, betas: Floats, known: Known) -> tuple[Pair, float]:
    """The pair of joints whose distance differs most from what is known, and by how much, m."""
    joints = model.regressor[:BODY_JOINTS] @ model.vertices(betas)
    errors = {
        pair: abs(float(np.linalg.norm(joints[pair[0]] - joints[pair[1]])) - length)
        for pair, length in known.distances.items()
    }
    pair = max(errors, key=errors.__getitem__)
    return pair, errors[pair]


def same_mesh(first: ShapeModel, second: ShapeModel) -> bool:
    """Whether two models have the same vertices, by their faces."""
    return first.template.shape == second.template.shape and np.array_equal(first.faces, second.faces)
