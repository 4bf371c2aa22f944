"""TRC and storage files: units, lying time columns, gaps, round trips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.core.motionfiles import MarkerTable, read_storage, read_trc, write_storage, write_trc
from mint.core.status import Reason, StageError


def table(n: int = 5) -> MarkerTable:
    positions = np.linspace(0, 1, n * 6).reshape(n, 2, 3).copy()
    positions[2, 1] = np.nan
    return MarkerTable(["A", "B"], positions, np.arange(n) / 50, 50.0)


def test_trc_round_trip_keeps_positions_and_lost_markers(tmp_path: Path) -> None:
    write_trc(tmp_path / "a.trc", table(), first_frame=7)
    back = read_trc(tmp_path / "a.trc")
    np.testing.assert_allclose(back.positions, table().positions, atol=1e-6)
    assert back.names == ["A", "B"]
    assert np.isnan(back.positions[2, 1]).all()


def test_trc_units_come_from_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.trc"
    write_trc(path, table())
    path.write_text(path.read_text().replace("\tm\t", "\tmm\t"))
    np.testing.assert_allclose(read_trc(path).positions[0], table().positions[0] / 1000, atol=1e-9)
    path.write_text(path.read_text().replace("\tmm\t", "\tinch\t"))
    with pytest.raises(StageError, match="inch") as error:
        read_trc(path)
    assert error.value.reason is Reason.FIELD_VALUE


def test_two_tabs_in_a_row_between_header_values_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.trc"
    write_trc(path, table())
    lines = path.read_text().split("\n")
    lines[2] = "  " + lines[2].replace("\t", "\t\t ", 3)
    path.write_text("\n".join(lines))
    assert read_trc(path).rate_hz == 50
    np.testing.assert_allclose(read_trc(path).positions[0], table().positions[0], atol=1e-6)


def test_time_comes_from_the_frame_rate_where_the_time_column_holds_frame_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.trc"
    t = table()
    write_trc(path, MarkerTable(t.names, t.positions, np.arange(5.0), 50.0))
    np.testing.assert_allclose(read_trc(path).time_s, np.arange(5) / 50)


def test_measured_trc_is_read_in_metres(shared: Callable[[str], Path]) -> None:
    trial = read_trc(shared("motion/opencap_subject4/static1.trc"))
    assert trial.positions.shape == (517, 55, 3)
    assert 1.2 < trial.positions[0, trial.names.index("C7"), 1] < 1.6


def test_storage_round_trip(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(4, 2))
    write_storage(tmp_path / "a.mot", np.arange(4) / 50, ["x", "y"], values)
    time, columns, back, degrees = read_storage(tmp_path / "a.mot")
    np.testing.assert_allclose(back, values, rtol=1e-11)
    np.testing.assert_allclose(time, np.arange(4) / 50)
    assert columns == ["x", "y"] and not degrees


def test_garbage_is_a_clear_failure(tmp_path: Path) -> None:
    for name, reader in (("a.trc", read_trc), ("a.mot", read_storage)):
        (tmp_path / name).write_text("nothing\nof\nuse\n")
        with pytest.raises(StageError, match=name):
            reader(tmp_path / name)


def test_empty_lines_between_header_and_table_of_a_storage_file_are_no_names(tmp_path: Path) -> None:
    path = tmp_path / "a.mot"
    values = np.arange(6.0).reshape(3, 2)
    write_storage(path, np.arange(3) / 10, ["force_vx", "force_vy"], values)
    path.write_text(path.read_text().replace("endheader\n", "endheader\n\n \n"))
    time_s, columns, back, _ = read_storage(path)
    assert columns == ["force_vx", "force_vy"]
    np.testing.assert_allclose(back, values)
    np.testing.assert_allclose(time_s, [0, 0.1, 0.2])
