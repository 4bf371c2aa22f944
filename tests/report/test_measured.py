"""Measured and simulated curves of shown sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.compare.stage import compared
from mint.core.bundle import Bundle
from mint.report.measured import curves, measured_figures
from tests.compare import walk


def found(frames: np.ndarray | None = None) -> Bundle:
    return compared(walk.sequence(frames, shift_m=(0.012, 0.0)), walk.measured(), walk.maxima(), None, walk.EXACT)


def test_curves_show_forces_pressure_and_channels_as_they_are() -> None:
    bundle = found()
    plot, caption = curves(bundle)
    assert plot is not None and len({trace.yaxis for trace in plot.data}) == 6
    dotted = [trace for trace in plot.data if trace.line.dash == "dot"]
    assert len(dotted) == len(plot.data) / 2 and {trace.name for trace in dotted} == {"measured"}
    right = np.array(dotted[0].y, dtype=float)
    force, _ = walk.forces(np.arange(7, 107))
    loaded = np.isfinite(right)
    np.testing.assert_allclose(right[loaded], (force[:, 0, 1] / walk.WEIGHT_N)[loaded], atol=1e-4)
    assert loaded.sum() == 39 and "12, 0 mm" in caption and "soleus_r 1.00" in caption
    assert len([trace for trace in plot.data if trace.showlegend]) == 2


def test_forces_that_were_given_are_said_to_be_no_judgement() -> None:
    measured = found()
    assert "were given" not in curves(measured)[1] and "was given" not in curves(measured)[1]
    measured.arrays["stance_given"][:] = True
    assert "The simulation was given these forces" in curves(measured)[1]


def test_lines_do_not_bridge_missing_frames() -> None:
    plot, _ = curves(found(np.r_[7:70, 80:107]))
    assert plot is not None
    times = np.array(plot.data[-1].x, dtype=float)
    assert np.isnan(times).sum() == 1 and np.nanmax(np.diff(times)) < 0.03


def test_only_sequences_that_were_measured_have_a_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("plates", "damaged", "nothing"):
        (tmp_path / "sequences" / name).mkdir(parents=True)
    found().write(tmp_path / "sequences/plates/comparison.npz")
    (tmp_path / "sequences/damaged/comparison.npz").write_bytes(b"no")
    empty = walk.measured(plate_names=np.array([], dtype=str), emg_channels=np.array([], dtype=str))
    compared(walk.sequence(), empty, None, None, walk.EXACT).write(tmp_path / "sequences/nothing/comparison.npz")
    shown = [{"id": name, "title": name} for name in ("damaged", "nothing", "absent", "plates")]
    [entry] = measured_figures(tmp_path, shown)
    assert entry["name"] == "measured_3" and entry["figure"]["layout"]["height"] > 300 and "plates" in entry["title"]
    assert "damaged" in capsys.readouterr().out
