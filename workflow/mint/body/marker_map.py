"""Marker maps: which vertex of a body carries which virtual marker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.body.smplh import BodyModel
from mint.core.status import Reason, StageError

MARKERS = 67


def read_marker_map(path: str | Path, model: BodyModel) -> tuple[list[str], NDArray[np.int64]]:
    """Names and `vertices (67,)` from a table `marker, vertex, source`.

    Raises StageError(MARKER_MISSING) naming file, row and what is wrong with it.
    """
    try:
        frame = pd.read_csv(path, comment="#", skipinitialspace=True)
        names = [str(name).strip() for name in frame["marker"]]
        vertices = frame["vertex"].to_numpy(dtype=np.int64)
    except (OSError, KeyError, ValueError, pd.errors.ParserError) as error:
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: not a table marker, vertex, source: {error}",
            remedy="name the marker map of this body model in body.marker_map",
        ) from error
    if len(names) != MARKERS or len(set(names)) != MARKERS:
        raise StageError(Reason.MARKER_MISSING, f"{path}: {len(set(names))} different markers, must be {MARKERS}")
    outside = np.flatnonzero((vertices < 0) | (vertices >= len(model.v_template)))
    if len(outside):
        row = int(outside[0])
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}, row {row + 2}: marker {names[row]} is on vertex {vertices[row]}, "
            f"{model.path} has {len(model.v_template)}",
            remedy="body.marker_map must belong to the body model in body.model_dir",
        )
    return names, vertices
