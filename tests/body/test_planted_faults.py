"""Faults planted in a laboratory's marker file pass through validation, body and marker stages to the measures of quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body import markers, stage, validate
from mint.config.body import BodyConfig
from mint.config.quality import QualityConfig
from mint.config.support import SupportConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.motionfiles import MarkerTable, read_trc, write_trc
from mint.sequence.ground_metrics import standing_heights
from mint.sequence.marker_metrics import marker_jump
from mint.support.assess import foot_heights

STATIC = "motion/opencap_subject4/static1.trc"
WINDOW = Window(1, 70, 154, 77, 147)


def planted(shared: Any, folder: Path, change: Any) -> Path:
    """A standing trial at 100 frames/s whose positions (n, m, 3) m `change(names, positions)` edits; the body's bundle."""
    trial = read_trc(shared(STATIC))
    assert trial.rate_hz == 100
    positions = trial.positions.copy()
    change(trial.names, positions)
    write_trc(folder / "trial.trc", MarkerTable(trial.names, positions, trial.time_s, trial.rate_hz))
    assert validate.run(folder / "trial.trc", "trc", folder / "v.npz", ValidateConfig()).ok
    stage.run(folder / "v.npz", None, None, folder / "b.npz", BodyConfig(), static_path=shared(STATIC))
    return folder / "b.npz"


@pytest.mark.parametrize(("raised_m", "kind"), [(0.0, None), (0.04, "hover_mm"), (-0.05, "sink_mm")])
def test_body_that_leaves_the_floor_for_half_a_second_is_found(
    shared: Any, tmp_path: Path, raised_m: float, kind: str
) -> None:
    def change(names: list[str], positions: np.ndarray) -> None:
        positions[200:250, :, 1] += raised_m

    body = Bundle.read(planted(shared, tmp_path, change))
    feet = foot_heights(body["heights"], body.names("part_names"), SupportConfig())[
        WINDOW.keep_start : WINDOW.keep_stop
    ]
    found = standing_heights(feet, np.zeros(len(feet)))
    limits = {name: getattr(QualityConfig(), name) for name in found}
    assert [name for name in found if found[name] > limits[name]] == ([kind] if kind else [])
    if kind:
        assert found[kind] == pytest.approx(1e3 * abs(raised_m), abs=5)


def test_marker_that_jumps_in_one_frame_of_the_file_is_found_by_name(shared: Any, tmp_path: Path) -> None:
    for displaced_m in (0.0, 0.08):

        def change(names: list[str], positions: np.ndarray, displaced_m: float = displaced_m) -> None:
            positions[220, names.index("r_thigh3")] += [0.0, 0.0, displaced_m]

        body = planted(shared, tmp_path, change)
        markers.run(
            tmp_path / "v.npz",
            body,
            None,
            None,
            tmp_path / "m.trc",
            window=(WINDOW.start, WINDOW.stop),
            margin_frames=10,
            config=BodyConfig(),
        )
        found = marker_jump(read_trc(tmp_path / "m.trc"), WINDOW)
        assert (found["marker_jump_mm"] > QualityConfig().marker_jump_mm) == (displaced_m > 0)
    assert (found["marker_jump_name"], found["marker_jump_frame"]) == ("r_thigh3", 110)
    assert found["marker_jump_mm"] == pytest.approx(80, abs=3)
