"""Windows touch no gap, and batches are those of a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from mint.learning.data.grid import on_grid
from mint.learning.data.recording import Label
from mint.learning.data.windows import Track, WindowLabels, Windows, windows_of
from tests.learning.data.made import chunk, recording, truth


def random_tracks(seed: int, count: int = 5) -> list[Track]:
    random = np.random.default_rng(seed)
    out = []
    for i in range(count):
        n = int(random.integers(0, 160))
        runs = np.cumsum(random.random(n) < 0.03)
        stretch = np.where(random.random(n) < 0.03, -1, runs)
        out.append(
            Track(
                f"s{i}",
                int(random.integers(0, 9)),
                random.random((n, 4)).astype(np.float32),
                random.random((n, 3)).astype(np.float32),
                stretch,
            )
        )
    return out


def naive(tracks: list[Track], length: int, stride: int) -> list[tuple[int, int]]:
    out = []
    for i, each in enumerate(tracks):
        row = 0
        while row + length <= len(each.stretch):
            run = each.stretch[row : row + length]
            if run[0] >= 0 and (run == run[0]).all():
                out.append((i, each.first_k + row))
                row += stride
            else:
                # Anew from where the next run starts.
                row += 1
                while row < len(each.stretch) and each.stretch[row] == each.stretch[row - 1]:
                    row += 1
    return out


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("length", "stride"), [(28, 2), (28, 28), (5, 3), (1, 1)])
def test_windows_are_those_of_a_plain_loop(seed: int, length: int, stride: int) -> None:
    tracks = random_tracks(seed)
    windows = Windows(tracks, length, stride)
    assert list(zip(windows.sequence.tolist(), windows.k.tolist(), strict=True)) == naive(tracks, length, stride)


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_has_the_samples_of_its_windows(seed: int) -> None:
    tracks = random_tracks(seed)
    windows = Windows(tracks, 6, 1)
    which = np.random.default_rng(seed).permutation(len(windows))[:40]
    features, activations = windows.gather(which)
    assert features.shape == (len(which), 6, 4) and activations.shape == (len(which), 6, 3)
    assert features.dtype == np.float32 == activations.dtype
    for i, window in enumerate(which):
        each = tracks[windows.sequence[window]]
        row = windows.k[window] - each.first_k
        assert np.array_equal(features[i], each.features[row : row + 6])
        assert np.array_equal(activations[i], each.activations[row : row + 6])


def test_no_window_has_a_missing_sample_and_each_lies_in_one_stretch() -> None:
    tracks = random_tracks(3, count=20)
    # The activation tells its stretch.
    told = [
        Track(each.name, each.first_k, each.features, each.stretch[:, None].astype(np.float32), each.stretch)
        for each in tracks
    ]
    windows = Windows(told)
    _, stretch = windows.gather(np.arange(len(windows)))
    assert len(windows) and (stretch >= 0).all() and (stretch == stretch[:, :1]).all()


def test_training_takes_every_second_start_and_the_others_do_not_overlap() -> None:
    n = 28 * 3 + 5
    one = Track("a", 3, np.zeros((n, 1), np.float32), np.zeros((n, 1), np.float32), np.zeros(n, np.int64))
    assert windows_of("train", [one]).k.tolist() == list(range(3, 3 + n - 27, 2))
    assert windows_of("train", [one], stride=5).k.tolist() == list(range(3, 3 + n - 27, 5))
    for split in ("val", "test"):
        assert windows_of(split, [one]).k.tolist() == [3, 31, 59]


def test_a_chunk_kept_alone_is_one_window_and_two_in_a_row_are_two_that_do_not_overlap() -> None:
    tracks = []
    for name, frames in (("alone", chunk(2)), ("row", np.concatenate([chunk(0), chunk(1), chunk(3)]))):
        first, activations, stretch = on_grid(frames / 50, truth(frames, 2))
        features = np.arange(first, first + len(stretch), dtype=np.float32)[:, None]
        tracks.append(Track(name, first, features, activations, stretch))
    windows = windows_of("test", tracks)
    assert list(zip(windows.sequence.tolist(), windows.k.tolist(), strict=True)) == [(0, 59), (1, 3), (1, 31), (1, 87)]
    # Feature k stands beside the activation of k.
    assert np.array_equal(windows.gather([3])[0][0, :, 0], np.arange(87, 115))


def test_labels_of_a_window_are_those_that_cover_half_of_it_or_those_of_a_recording_without_intervals() -> None:
    n = 28 * 4
    tracks = [
        Track(name, 0, np.zeros((n, 1), np.float32), np.zeros((n, 1), np.float32), np.zeros(n, np.int64))
        for name in "ab"
    ]
    windows = Windows(tracks, 28, 28)  # from 0, 1.4, 2.8, 4.2 s on
    whole = recording("a", actions=("walk", "turn"), activities=("walk", "turn"))
    given = {
        "a": [
            Label(0.0, 2.1, ("walk",), ("walk",)),
            Label(0.7, 1.4, ("turn", "spin"), ("turn",)),
            Label(2.11, 2.8, ("kick",), ("kick",)),
            Label(2.9, 3.59, ("kick",), ("kick",)),
            Label(4.2, 5.6, ("jump",), ("jump",)),
        ]
    }
    found = windows.labels({"a": whole, "b": recording("b", actions=("sit",), activities=("sit",))}, given)
    assert found == [
        WindowLabels(("spin", "turn", "walk"), ("turn", "walk")),
        WindowLabels(("walk",), ("walk",)),
        WindowLabels((), ()),
        WindowLabels(("jump",), ("jump",)),
        *[WindowLabels(("sit",), ("sit",))] * 4,
    ]


def test_without_sequences_there_are_no_windows() -> None:
    assert len(Windows([])) == 0 and Windows([]).labels({}, {}) == []


@pytest.mark.parametrize(("length", "stride"), [(0, 1), (28, 0)])
def test_windows_need_a_length_and_a_stride(length: int, stride: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Windows([], length, stride)
