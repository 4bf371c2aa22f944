"""A marker that is displaced in the markers given to inverse kinematics is found in what quality measures of the chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.config.merge import MergeConfig
from mint.config.quality import QualityConfig
from mint.core.chunks import Window
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, Status
from mint.dataset.quality_limits import faults, limits_of
from mint.kinematics import ik
from mint.sequence.metrics import chunk_metrics
from mint.sequence.outcome import read_chunk

WINDOW = Window(1, 70, 154, 77, 147)
FRAME = 110


def measured(subject: Any, moving: Any, folder: Path, displaced: list[str]) -> dict[str, Any]:
    """Inverse kinematics of the window with markers displaced by 8 cm in one frame, and what is measured of it."""
    margin = KinematicsConfig().margin_frames
    rows = np.arange(WINDOW.start - margin, WINDOW.stop + margin + 1)
    positions = moving.positions[rows].copy()
    positions[rows == FRAME, [moving.names.index(name) for name in displaced]] += [0.0, 0.0, 0.08]
    trc = folder / "markers.trc"
    write_trc(trc, MarkerTable(moving.names, positions, np.round(rows / 50, 2), 50.0), int(rows[0]))
    ik.run(
        trc,
        subject.folder / "scale.npz",
        subject.osim,
        subject.leg,
        (WINDOW.start, WINDOW.stop),
        folder / "ik.npz",
        KinematicsConfig(),
    )
    return chunk_metrics(read_chunk(WINDOW, {"markers": trc, "ik": folder / "ik.npz"}), None, MergeConfig())


@pytest.mark.parametrize(("displaced", "kinds"), [(0, []), (1, ["marker_jump"]), (67, ["marker_jump"])])
def test_displaced_markers_are_a_jump_and_the_motion_itself_is_none(
    subject: Any, moving: Any, tmp_path: Path, displaced: int, kinds: list[str]
) -> None:
    names = {0: [], 1: ["RKNE"], 67: moving.names}[displaced]
    found = measured(subject, moving, tmp_path, names)
    assert faults(found, Status.ACCEPTED, Reason.NONE, limits_of(QualityConfig())) == kinds
    if displaced:
        assert found["marker_jump_mm"] == pytest.approx(80, abs=5) and found["marker_jump_frame"] == FRAME
        assert found["marker_jump_share"] == pytest.approx(displaced / 67)
    if displaced == 1:
        assert found["marker_jump_name"] == found["marker_error_jump_name"] == "RKNE"
        # Inverse kinematics lets the body follow by more than half.
        assert 30 < found["marker_error_jump_mm"] < 80 and found["marker_error_jump_frame"] == FRAME
    if displaced == 67:
        assert found["marker_error_jump_mm"] < 5, "a body that jumps as a whole has no marker errors"
