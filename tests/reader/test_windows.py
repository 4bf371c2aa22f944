"""Windows of a dataset: the right values at the right times, in any order, from memory, file or cache."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from mint.reader import MintReader
from tests.reader.test_coverage import random_frames
from tests.reader.written import OMEGA, Written, contact, truth


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> MintReader:
    written = Written(tmp_path_factory.mktemp("written"))
    written.add("b", random_frames(1)).add("a", range(7, 217), split="val", activities=["walk", "turn"])
    return written.add("c", random_frames(2), dataset="BMLrub", split="test", activities=["run"]).reader()


@pytest.mark.parametrize("rate", [20.0, 30.0, 50.0, 100.0])
def test_values_are_the_truth_at_the_sample_times(reader: MintReader, rate: float) -> None:
    windows = reader.windows(0.6, rate, 0.1)
    # A chord of the wave lies at most amplitude * (omega * frame)^2 / 8 beside it.
    bound = 1e-6 if rate == 50 else 0.4 * OMEGA**2 / 8 + 1e-6
    for window in windows:
        assert window.times.shape == (round(0.6 * rate),) and window.times[0] == window.start_s
        assert np.allclose(np.diff(window.times), 1 / rate)
        values = window.arrays["muscle_activations"]
        assert values.shape == (round(0.6 * rate), 3) and values.dtype == np.float32
        error = np.abs(values - truth(window.times))
        assert np.nanmax(error[:, 0]) < 1e-5 and np.nanmax(error[:, 1]) <= bound
        assert np.isfinite(values[:, :2]).all() and np.isnan(values[:, 2]).all()
    assert len(windows) > 50


def test_interpolation_never_uses_the_other_side_of_a_gap(tmp_path: Path) -> None:
    # The wave is a tenth of its height off where a chord across a gap would put it.
    reader = Written(tmp_path).add("a", [*range(10, 41), *range(43, 74)]).reader()
    starts = [window.start_s for window in reader.windows(0.3, 100, 0.02)]
    assert min(starts) == 10 / 50
    for window in reader.windows(0.3, 100, 0.02):
        frames = 50 * window.times
        assert (frames <= 40 + 1e-9).all() or (frames >= 43 - 1e-9).all()
        assert np.abs(window.arrays["muscle_activations"][:, 1] - truth(window.times)[:, 1]).max() < 1e-3


def test_flags_take_the_nearest_frame(reader: MintReader) -> None:
    for window in reader.windows(0.6, 30, columns=["contact_right"], tables="grf"):
        nearest = np.floor(50 * window.times + 0.5 + 1e-9).astype(int)
        assert (window.arrays["grf"][:, 0] == contact(nearest)).all()


def test_a_value_that_one_neighbour_lacks_is_missing_between_them_and_kept_on_a_frame(reader: MintReader) -> None:
    window = reader.windows(1.0, 100, sequences="a", tables=("grf",))[0]
    frames = np.rint(100 * window.times) / 2
    there = contact(np.floor(frames).astype(int)) & contact(np.ceil(frames).astype(int))
    assert (np.isfinite(window.arrays["grf"][:, 0]) == there).all()
    assert np.allclose(window.arrays["grf"][there, 0], frames[there])


def test_windows_come_in_order_of_path_and_time_and_again_the_same(reader: MintReader) -> None:
    windows = reader.windows(0.5, 20, 0.3)
    seen = [(window.data_path, window.start_s) for window in windows]
    assert seen == sorted(seen) == [(window.data_path, window.start_s) for window in reader.windows(0.5, 20, 0.3)]
    assert {path.split("/")[-1] for path, _ in seen} == {"a_poses", "b_poses", "c_poses"}


def test_any_window_can_be_read_alone(reader: MintReader) -> None:
    windows, index = reader.windows(0.5, 20, 0.3), reader.window_index(0.5, 20, 0.3)
    assert len(index) == len(windows) and list(index["sequence_id"]) == [window.sequence_id for window in windows]
    for i in (len(windows) - 1, 0, 7, -2):
        alone, row = windows[i], reader.read_window(index.iloc[i])
        assert (alone.sequence_id, alone.start_s) == tuple(index.iloc[i][["sequence_id", "start_s"]])
        for other in (row, list(windows)[i], windows[i:][0]):
            assert np.array_equal(alone.times, other.times)
            assert np.array_equal(
                alone.arrays["muscle_activations"], other.arrays["muscle_activations"], equal_nan=True
            )


def test_columns_and_tables_come_as_asked(reader: MintReader) -> None:
    window = reader.windows(
        0.5, 50, tables=("grf", "muscle_activations"), columns={"muscle_activations": ["wave", "line"]}
    )[3]
    assert window.columns == {"grf": ("cop", "contact_right"), "muscle_activations": ("wave", "line")}
    assert np.allclose(window.arrays["muscle_activations"], truth(window.times)[:, [1, 0]], atol=1e-6)


def test_windows_know_split_and_activities_and_can_be_chosen_by_them(reader: MintReader) -> None:
    only = reader.windows(0.5, 50, sequences=reader.select(split="val", activities="walk"))
    assert {(w.sequence_id, w.split, w.activities) for w in only} == {("a", "val", ("walk", "turn"))}
    assert set(reader.window_index(0.5, 50, sequences=reader.sequences["split"] != "val")["sequence_id"]) == {"b", "c"}
    assert list(reader.select(dataset=["BMLrub"])["sequence_id"]) == ["c"]
    assert list(reader.select(activities=["run", "turn"], where=["a", "b"])["sequence_id"]) == ["a"]


def test_low_coverage_windows_are_nan_exactly_where_they_are_not_present(reader: MintReader) -> None:
    windows = reader.windows(2.0, 20, min_coverage=0.6)
    assert 0.6 <= windows.rows["coverage"].min() < 1
    have = {
        name: set(
            reader.intervals(name)
            .query("present")
            .apply(lambda row: range(row["frame_start"], row["frame_stop"]), axis=1)
            .explode()
        )
        for name in "abc"
    }
    for window, coverage in zip(windows, windows.rows["coverage"], strict=True):
        around = [{int(np.floor(x)), int(np.ceil(x))} for x in np.round(50 * window.times, 6)]
        assert window.present.tolist() == [have[window.sequence_id].issuperset(pair) for pair in around]
        assert window.present.mean() == coverage
        assert (np.isfinite(window.arrays["muscle_activations"][:, 1]) == window.present).all()


def test_a_dataset_without_sequences_has_no_windows(tmp_path: Path) -> None:
    empty = Written(tmp_path).reader()
    assert len(empty.windows(0.5, 20)) == 0 and list(empty.windows(0.5, 20, min_coverage=0.5)) == []
    assert len(empty.select()) == 0


def test_averages_of_a_straight_line_are_the_line(reader: MintReader) -> None:
    for window in reader.windows(0.6, 10, antialias=True, columns=["line"]):
        assert np.allclose(window.arrays["muscle_activations"][:, 0], 0.5 * window.times, atol=1e-5)


@pytest.mark.parametrize("columns", [None, ["wave"]])
def test_a_cache_gives_the_same_values_and_notices_a_changed_file(tmp_path: Path, columns: list[str] | None) -> None:
    written = Written(tmp_path / "data").add("a", random_frames(4))
    plain, ask = written.reader(), {"tables": ["muscle_activations", "grf"], "columns": {"muscle_activations": columns}}
    for _ in ("filled", "read"):
        cached = MintReader(tmp_path / "data", cache_folder=tmp_path / "cache")
        for a, b in zip(plain.windows(0.5, 30, **ask), cached.windows(0.5, 30, **ask), strict=True):
            for table in a.arrays:
                assert np.array_equal(a.arrays[table], b.arrays[table], equal_nan=True)
            assert a.columns == b.columns
    held = cached.windows(0.5, 50, columns=["wave"])
    before = held[0].arrays["muscle_activations"].copy()
    other = Written(tmp_path / "data").add("a", random_frames(5))
    again = MintReader(other.reader().root, cache_folder=tmp_path / "cache")
    for window in again.windows(0.5, 50, columns=["wave"]):
        assert np.allclose(window.arrays["muscle_activations"][:, 0], truth(window.times)[:, 1], atol=1e-6)
    assert np.array_equal(held[0].arrays["muscle_activations"], before), "what is open stays as it was"


def test_a_reader_can_be_sent_to_another_process_without_what_it_holds(reader: MintReader) -> None:
    windows = reader.windows(0.5, 50)
    first = windows[0]
    sent = pickle.dumps(windows)
    held = first.arrays["muscle_activations"].tobytes()[:64]
    assert held not in sent
    assert np.array_equal(
        pickle.loads(sent)[0].arrays["muscle_activations"], first.arrays["muscle_activations"], equal_nan=True
    )


def test_each_file_is_opened_once_while_iterating(reader: MintReader, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    from mint.reader import values

    real = values.over_frames
    monkeypatch.setattr(values, "over_frames", lambda path, *rest: (opened.append(path), real(path, *rest))[1])
    fresh = MintReader(reader.root, keep=1)
    assert sum(1 for _ in fresh.windows(0.3, 20, 0.02, tables=("muscle_activations", "grf"))) > 100
    assert len(opened) == len(set(opened)) == 6
