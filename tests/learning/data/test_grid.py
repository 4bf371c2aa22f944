"""Activations on the grid of 20 samples a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.core.chunks import time_s
from mint.learning.data.grid import on_grid
from mint.reader import MintReader
from tests.learning.data.made import Sequenced, chunk, truth, write_own


def times(frames: np.ndarray) -> np.ndarray:
    return np.array([time_s(int(frame)) for frame in frames])


def naive(frames: np.ndarray, values: np.ndarray, rate_hz: int) -> dict[int, np.ndarray]:
    """Samples that are there, by k, in whole numbers: sample k is frame 50 k / rate."""
    row = {int(frame): values[i].astype(np.float64) for i, frame in enumerate(frames)}
    out = {}
    for k in range(int(frames[-1]) * rate_hz // 50 + 2):
        whole, rest = divmod(50 * k, rate_hz)
        if rest == 0 and whole in row:
            out[k] = row[whole]
        elif rest and whole in row and whole + 1 in row:
            out[k] = row[whole] * (1 - rest / rate_hz) + row[whole + 1] * rest / rate_hz
    return out


@pytest.mark.parametrize("number", [*range(40), 500, 4999])
def test_a_chunk_kept_alone_gives_28_samples(number: int) -> None:
    frames = chunk(number)
    first, values, stretch = on_grid(times(frames), truth(frames, 3))
    assert first == 3 + 28 * number and values.shape == (28, 3) and (stretch == 0).all()


def test_chunks_in_a_row_give_28_samples_each_in_one_stretch() -> None:
    frames = np.concatenate([chunk(2), chunk(3), chunk(4)])
    first, values, stretch = on_grid(times(frames), truth(frames, 2))
    assert first == 59 and len(values) == 84 and (stretch == 0).all()


def test_a_sample_on_a_frame_is_that_frame_bit_for_bit_and_others_lie_halfway() -> None:
    frames = np.arange(7, 107)
    values = np.random.default_rng(0).random((100, 5)).astype(np.float32)
    first, out, _ = on_grid(times(frames), values)
    for i, k in enumerate(range(first, first + len(out))):
        low = int(50 * k // 20) - 7
        if k % 2 == 0:
            assert out[i].tobytes() == values[low].tobytes()
        else:
            assert out[i] == pytest.approx((values[low].astype(float) + values[low + 1]) / 2, abs=1e-7)


@pytest.mark.parametrize("rate_hz", [20, 10, 25, 50, 30])
@pytest.mark.parametrize("seed", range(8))
def test_samples_and_stretches_are_those_of_a_plain_loop(rate_hz: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    frames = np.arange(7, 400)[random.random(393) > (0.02, 0.2)[seed % 2]]
    values = random.random((len(frames), 3)).astype(np.float32)
    first, out, stretch = on_grid(times(frames), values, rate_hz)
    wanted = naive(frames, values, rate_hz)
    there = {first + int(i) for i in np.flatnonzero(stretch >= 0)}
    assert there == set(wanted)
    assert all(out[k - first] == pytest.approx(wanted[k], abs=1e-6) for k in wanted)
    assert np.isnan(out[stretch < 0]).all()
    # One stretch holds two neighbouring samples exactly where all frames between them are there.
    own = set(frames.tolist())
    for k in wanted:
        if k + 1 in wanted:
            needed = set(range(-(-50 * k // rate_hz), 50 * (k + 1) // rate_hz + 1))
            assert (stretch[k - first] == stretch[k + 1 - first]) == (needed <= own)
    # Stretches count from 0 without a number left out, and never backwards.
    given = stretch[stretch >= 0]
    assert (np.diff(given) >= 0).all() and set(given) == set(range(len(set(given))))


def test_one_missing_frame_between_two_samples_ends_a_stretch() -> None:
    frames = np.delete(np.arange(10, 40), 1)  # 11 is missing: samples 4 (frame 10) and 5 (12.5) are there
    first, _, stretch = on_grid(times(frames), truth(frames, 2))
    assert first == 4 and stretch[0] == 0 and (stretch[1:] == 1).all()


def test_times_that_were_rounded_to_float32_give_the_same_samples() -> None:
    frames = np.concatenate([chunk(0), chunk(2)])
    exact, rounded = (
        on_grid(given, truth(frames, 2)) for given in (times(frames), times(frames).astype(np.float32).astype(float))
    )
    assert exact[0] == rounded[0] and np.array_equal(exact[2], rounded[2])
    assert np.allclose(exact[1], rounded[1], atol=1e-5, equal_nan=True)


def test_a_muscle_that_the_model_lacks_stays_missing_and_the_others_do_not() -> None:
    frames = chunk(0)
    values = truth(frames, 3)
    values[:, 1] = np.nan
    _, out, stretch = on_grid(times(frames), values)
    assert np.isnan(out[:, 1]).all() and np.isfinite(out[:, [0, 2]]).all() and (stretch == 0).all()


@pytest.mark.parametrize("frames", [[], [11], [11, 12]])
def test_what_no_sample_lies_in_gives_none(frames: list[int]) -> None:
    _, out, stretch = on_grid(times(np.array(frames)), truth(np.array(frames), 2))
    assert out.shape == (0, 2) and stretch.shape == (0,)


def test_times_that_do_not_increase_are_refused() -> None:
    with pytest.raises(ValueError, match="increase"):
        on_grid(np.array([0.14, 0.18, 0.16]), np.zeros((3, 2)))


def test_samples_are_those_of_the_readers_windows(tmp_path: Path) -> None:
    frames = np.concatenate([np.arange(10, 150), np.arange(170, 260)])
    reader = MintReader(write_own(tmp_path, [Sequenced("KIT/KIT/3/walk_poses", frames)]))
    found = reader.read("3/walk_poses", "muscle_activations")
    first, out, _ = on_grid(found.index.to_numpy(), found.to_numpy())
    windows = [window for window in reader.windows(1.4, 20, stride_s=0.1) if round(window.start_s * 50) % 5 == 0]
    assert len(windows) > 10
    for window in windows:
        k = round(window.start_s * 20) - first
        assert np.array_equal(out[k : k + 28], window.arrays["muscle_activations"])
