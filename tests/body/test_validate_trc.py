"""Optical markers: dropouts, units, damaged tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason

CONFIG = ValidateConfig()


def table(frames: int = 150, rate: float = 100.0) -> MarkerTable:
    time = np.arange(frames) / rate
    wave = np.stack([1 + 0.3 * np.sin(3 * time), 1 + 0.2 * np.cos(2 * time), 0.5 * time], axis=1)
    return MarkerTable(["A", "B", "C"], np.stack([wave, wave + 0.1, wave - 0.2], axis=1), time, rate)


def lines_changed(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    return lambda path: (lambda text: path.write_text("\n".join(change(text.split("\n")))) and None)(path.read_text())


def header(old: str, new: str) -> Callable[[Path], None]:
    return lines_changed(
        lambda lines: [line.replace(old, new, 1) if i in (2, 3) else line for i, line in enumerate(lines)]
    )


BROKEN = {
    "unknown unit": (header("\tm\t", "\tfurlong\t"), Reason.FIELD_VALUE, "Units"),
    "unit says metres, values are millimetres": (None, Reason.FIELD_VALUE, "marker"),
    "zero rate": (header("100\t100\t", "0\t0\t"), Reason.FRAME_RATE, "DataRate"),
    "name twice": (header("B", "A"), Reason.FIELD_VALUE, "marker name A"),
    "truncated": (lines_changed(lambda lines: lines[:100]), Reason.FILE_CORRUPT, "NumFrames is 150"),
    "header only": (lines_changed(lambda lines: lines[:2]), Reason.FILE_CORRUPT, "header"),
    "text in a cell": (
        lines_changed(lambda lines: [*lines[:10], lines[10].replace("\t", "\tx", 2), *lines[11:]]),
        Reason.FIELD_VALUE,
        "line 11",
    ),
    "missing rows": (
        lines_changed(lambda lines: [*lines[:20], *lines[60:], *lines[20:60]]),
        Reason.FIELD_VALUE,
        "Frame#",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_trc_gives_one_clear_message(name: str, tmp_path: Path) -> None:
    change, reason, word = BROKEN[name]
    path = tmp_path / "bad.trc"
    good = table()
    if change is None:
        good = MarkerTable(good.names, good.positions * 1000, good.time_s, good.rate_hz)
    write_trc(path, good, 1)
    if change is not None:
        change(path)
    status = run(path, "trc", tmp_path / "v.npz", CONFIG).status
    assert status.reason is reason, status.message
    assert "bad.trc" in status.message and word in status.message and status.remedy


def test_short_dropouts_are_filled_and_long_ones_stay(tmp_path: Path) -> None:
    good = table()
    holed = good.positions.copy()
    holed[30:45, 0] = np.nan  # 0.15 s, filled
    holed[60:65, 1] = 0.0  # lost markers written as the origin, filled
    holed[65:70, 1] = 9.999  # or as a number that stands for nothing
    holed[50:90, 2] = np.nan  # 0.4 s, stays
    holed[:5, 1] = np.nan  # before the first sight, stays
    write_trc(tmp_path / "a.trc", MarkerTable(good.names, holed, good.time_s, good.rate_hz), 1)
    bundle = run(tmp_path / "a.trc", "trc", tmp_path / "v.npz", CONFIG)
    filled: Any = bundle["markers"]
    assert bundle.ok
    np.testing.assert_allclose(filled[:, 0], good.positions[:, 0], atol=1e-4)
    np.testing.assert_allclose(filled[5:, 1], good.positions[5:, 1], atol=1e-4)
    assert np.isnan(filled[50:90, 2]).all() and np.isfinite(filled[:50, 2]).all() and np.isnan(filled[:5, 1]).all()
    assert [("marker C" in w, "40 of 150" in w) for w in bundle.status.warnings][-1] == (True, True)


def test_z_up_laboratories_are_turned(tmp_path: Path) -> None:
    good = table()
    write_trc(tmp_path / "a.trc", good, 1)
    turned = run(tmp_path / "a.trc", "trc", tmp_path / "v.npz", ValidateConfig(trc_up_axis="z"))["markers"]
    x, y, z = np.moveaxis(good.positions, -1, 0)
    np.testing.assert_allclose(turned, np.stack([x, z, -y], axis=-1), atol=1e-6)


def test_a_file_without_a_seen_marker_is_refused(tmp_path: Path) -> None:
    good = table()
    good.positions[:] = np.nan
    write_trc(tmp_path / "a.trc", good, 1)
    assert run(tmp_path / "a.trc", "trc", tmp_path / "v.npz", CONFIG).status.reason is Reason.NOT_FINITE


@pytest.mark.parametrize("trial", ["walking1", "squats1", "static1", "DJ1"])
def test_measured_trials_pass(trial: str, shared: Any, tmp_path: Path) -> None:
    bundle = run(shared(f"motion/opencap_subject4/{trial}.trc"), "trc", tmp_path / "v.npz", CONFIG)
    assert bundle.ok, bundle.status.message
    assert bundle["markers"].shape[2] == 3 and np.isfinite(bundle["markers"]).mean() > 0.98


def named(folder: Path, names: list[str]) -> Path:
    motion = table()
    positions = np.concatenate([motion.positions, motion.positions + 0.3], axis=1)[:, : len(names)]
    write_trc(folder / "named.trc", MarkerTable(names, positions, motion.time_s, 100.0), 1)
    return folder / "named.trc"


def test_a_prefix_of_all_names_is_left_out(tmp_path: Path) -> None:
    upright = ValidateConfig(trc_up_axis="y")
    bundle = run(named(tmp_path, ["Bob:A", "Bob:B", "Bob:C"]), "trc", tmp_path / "v.npz", upright)
    assert bundle.names("marker_names") == ["A", "B", "C"] and bundle.status.warnings == ()


def test_of_markers_of_two_people_the_row_chooses_and_else_both_are_named(tmp_path: Path) -> None:
    path = named(tmp_path, ["Ann:A", "Ann:B", "Ann:C", "Bob:A", "Bob:B", "Bob:C"])
    refused = run(path, "trc", tmp_path / "v.npz", CONFIG, subject="S1").status
    assert (
        refused.reason is Reason.FIELD_VALUE
        and "2 people, Ann, Bob" in refused.detail
        and "column subject" in refused.remedy
    )
    bundle = run(path, "trc", tmp_path / "v.npz", CONFIG, subject="Bob")
    assert bundle.names("marker_names") == ["A", "B", "C"] and "those of Bob" in bundle.status.warnings[0]
