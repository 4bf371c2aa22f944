"""What is learned from: windows of the right rows, scaled by training alone, and the same motion in a mirror."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.core.tables import table
from mint.learning.benchmark.examples import FARTHEST, Examples, Scale, load
from mint.learning.benchmark.index import read_index
from mint.learning.motion.sets import FEATURE_SETS
from tests.learning.benchmark.made import MUSCLES, THERE


def test_muscles_that_the_model_lacks_are_left_out(examples: Examples) -> None:
    assert examples.muscles == tuple(MUSCLES[i] for i in THERE)
    for windows in examples.windows.values():
        assert np.isfinite(windows.activations[windows.used_rows()]).all()


def test_windows_are_the_rows_of_their_files_and_touch_no_gap(examples: Examples, index: Path) -> None:
    windows = examples.windows["test"]
    assert len(windows) == 4 * (60 // 28 + 58 // 28)
    for number in examples.every("test"):
        name, k = windows.names[windows.sequence[number]], int(windows.k[number])
        raw = Bundle.read(index.parent / "examples" / f"{name}.npz")
        assert len(set(raw["stretch"][k : k + 28])) == 1 and raw["stretch"][k] >= 0
        inputs, target = examples.batch("test", np.array([number]))
        assert np.array_equal(inputs[0], examples.scale(raw["gravity"][k : k + 28]))
        assert np.array_equal(target[0], raw["activations"][k : k + 28][:, THERE])


def test_no_person_and_no_sequence_is_in_two_splits(examples: Examples, index: Path) -> None:
    person = {row["sequence_id"]: row["person"] for row in read_index(index)}
    of = {split: {person[name] for name in windows.names} for split, windows in examples.windows.items()}
    assert len(of["train"] | of["val"] | of["test"]) == sum(map(len, of.values())) == 6


def test_features_are_scaled_by_training_alone(examples: Examples) -> None:
    training = examples.windows["train"]
    rows = training.features[training.used_rows()]
    assert np.abs(rows.mean(axis=0)).max() < 1e-4 and np.abs(rows.std(axis=0) - 1).max() < 1e-3
    test = examples.windows["test"]
    assert np.abs(test.features[test.used_rows()].mean(axis=0)).max() > 1e-2


def test_a_feature_that_is_constant_in_training_says_nothing_elsewhere() -> None:
    scale = Scale.of(np.array([[70.0, 1.0], [70.0, 3.0]], np.float32))
    assert scale(np.array([[95.0, 2.0]], np.float32)).tolist() == [[0.0, 0.0]]


def test_what_is_far_beyond_training_is_cut() -> None:
    scale = Scale.of(np.array([[0.0], [2.0]], np.float32))
    assert scale(np.array([[1e6], [-1e6]], np.float32)).ravel().tolist() == [FARTHEST, -FARTHEST]


def test_mirrored_examples_are_the_scaled_features_of_the_mirrored_motion(examples: Examples, index: Path) -> None:
    inputs, target = examples.batch("train", np.arange(3))
    mirrored, others = examples.mirrored(inputs, target)
    windows = examples.windows["train"]
    for number in range(3):
        name, k = windows.names[windows.sequence[number]], int(windows.k[number])
        raw = Bundle.read(index.parent / "examples" / f"{name}.npz")["gravity"][k : k + 28]
        expected = examples.scale(FEATURE_SETS["gravity"].mirrored(raw))
        assert np.allclose(mirrored[number], expected, atol=1e-4)
    mirror = dict(table("muscles_402").set_index("mint_column")["mirror"])
    for i, name in enumerate(examples.muscles):
        if mirror[name] in examples.muscles:
            assert np.array_equal(others[..., i], target[..., examples.muscles.index(mirror[name])])
        else:  # what the other side does is not known
            assert others[..., i].isnan().all()


def test_labels_of_a_window_are_those_of_its_interval_and_no_others(examples: Examples) -> None:
    windows, labels = examples.windows["test"], examples.labels["test"]
    for i, found in enumerate(labels):
        inside = windows.k[i] / 20 + 0.7 <= 2.9
        action = ("walk", "jump")[int(windows.names[windows.sequence[i]][-1]) % 2]
        assert found == ((action, f"{action} (group)") if inside else ())


def test_without_windows_of_a_split_it_is_said_which(index: Path) -> None:
    rows = [row for row in read_index(index) if row["split"] != "val"]
    with pytest.raises(StageError, match=r"val: no window of 1\.4 s"):
        load(index.parent / "examples", rows, "gravity", {})
