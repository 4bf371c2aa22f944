"""Stage markers: the virtual (or measured) markers of one chunk's window, as a .trc at 50 frames/s."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.marker_map import read_marker_map
from mint.body.resample import resample_markers, resample_positions, resample_rotations
from mint.body.smplh import BodyModel, load
from mint.config.body import BodyConfig
from mint.core.ahead import stamp
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import FRAME_RATE_HZ, time_s
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.ground_frame import z_up_to_y_up

STAGE = "markers"
Floats = NDArray[np.float64]


def run(
    validated_path: str | Path,
    body_path: str | Path,
    model_dir: str | Path | None,
    marker_map_csv: str | Path | None,
    output_trc: str | Path,
    *,
    window: Sequence[int],
    margin_frames: int,
    config: BodyConfig,
) -> Bundle:
    """Write the markers of frames `window[0] - margin .. window[1] + margin`, clipped to the sequence.

    y is up and the floor is y = 0. If something upstream is not ok the .trc has no rows. The status is
    returned, not written; nothing is raised.
    """
    names: list[str] = []
    positions: Floats = np.empty((0, 0, 3))
    first = 0
    try:
        validated, body = Bundle.read(validated_path), Bundle.read(body_path)
        bundle = passed_on(validated, body)
        if bundle is None:
            names, whole = _trajectories(
                validated,
                model_dir or config.model_dir,
                marker_map_csv or config.marker_map,
                window,
                margin_frames,
                config,
            )
            first, positions = whole
            positions = positions - np.array([0.0, float(body.meta["ground_m"]), 0.0])
            bundle = Bundle(StageStatus(STAGE), {"frames": np.arange(first, first + len(positions))})
    except StageError as error:
        names, positions, first = [], np.empty((0, 0, 3)), 0
        bundle = Bundle(error.as_status(STAGE))
    times = np.array([time_s(first + row) for row in range(len(positions))])
    write_trc(output_trc, MarkerTable(names, positions, times, FRAME_RATE_HZ), first)
    return bundle


def _trajectories(
    validated: Bundle,
    model_dir: str | Path,
    marker_map_csv: str | Path,
    window: Sequence[int],
    margin: int,
    config: BodyConfig,
) -> tuple[list[str], tuple[int, Floats]]:
    """Marker names, and the first frame with `positions (n,m,3)` m, y up, above the frame's own zero."""
    rate = float(validated.meta["frame_rate_hz"])

    def clipped(count: int) -> slice:
        if window[0] >= count:
            raise StageError(
                Reason.TOO_SHORT,
                f"{validated.meta.get('path')}: window starts at frame {window[0]}, the sequence has {count} at 50/s",
                remedy="the file changed since planning: run again",
            )
        return slice(max(window[0] - margin, 0), min(window[1] + margin + 1, count))

    if validated.meta["kind"] == "markers":
        markers = resample_markers(validated["markers"], rate)
        frames = clipped(len(markers))
        return validated.names("marker_names"), (frames.start, markers[frames])
    # Torch takes seconds to load; measured markers do without.
    from mint.body.forward import forward

    gender = str(validated.meta["gender"])
    model = _body_model(model_dir, gender, tuple(stamp(Path(model_dir) / g / "model.npz") for g in (gender, "neutral")))
    names, vertices = read_marker_map(marker_map_csv, model)
    # The whole sequence is resampled, so that a chunk sees the same curve whatever its window.
    poses = resample_rotations(validated["poses"], rate)
    trans = resample_positions(validated["trans"], rate)
    frames = clipped(len(poses))
    points, _ = forward(
        model, poses[frames], trans[frames], validated["betas"], vertices=vertices, batch=config.batch_frames
    )
    return names, (frames.start, z_up_to_y_up(points))


@lru_cache(maxsize=1)
def _body_model(model_dir: str | Path, gender: str, _stamps: Hashable) -> BodyModel:
    """The model of the last chunk if its files are still the same; nobody changes it."""
    return load(model_dir, gender)
