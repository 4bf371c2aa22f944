"""examples/compare_people.py: what it writes of two people is what was planted in their walks."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from mint.reader import MintReader
from tests.examples.conftest import Example, rippled
from tests.sequence.factory import WEIGHT_N, activation_truth, force_truth, leg_muscles

ADA, BO = "KIT/ada", "KIT/bo"
WALKS = ("--sequences", "ada_walk", "bo_walk")
MUSCLES = ["soleus", "gasmed", "tibant", "vaslat", "glmax1"]


def curve(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "gait_cycle.csv", index_col=["person", "percent"])


def truth(data: MintReader, sequence: str, muscle: str) -> np.ndarray:
    """Mean over the gait cycles (101,) of a muscle as it was planted, at its own instants."""
    steps = data.steps(sequence).dropna(subset="stride_time_s")
    cycles = []
    for step in steps.itertuples():
        first = round((step.stop_s - step.stride_time_s) * 50)
        frames = first + np.linspace(0, 50 * step.stride_time_s, 101)
        names = leg_muscles()
        cycles.append(activation_truth(frames, len(names))[:, names.index(f"{muscle}_{step.side}")])
    return np.mean(cycles, axis=0)


def test_the_mean_curves_are_those_of_the_planted_walk(dataset: Path, example: Example, tmp_path: Path) -> None:
    done = example("compare_people.py", dataset, *WALKS, "--muscles", *MUSCLES, "--out", "out")
    assert done.returncode == 0, done.stderr
    found, data = curve(tmp_path / "out"), MintReader(dataset)
    assert list(found.columns) == ["vertical_force_bw", *MUSCLES]
    for muscle in MUSCLES:
        planted = truth(data, "ada_walk", muscle)
        assert np.ptp(planted) > 0.1
        # Between frames the example interpolates linearly.
        assert np.abs(found.loc[ADA, muscle] - planted).max() < 0.002, muscle
        assert np.abs(found.loc[BO, muscle] - planted / 2).max() < 0.002, muscle


def test_the_line_of_a_person_has_cycles_peak_force_and_mean_activations(
    dataset: Path, example: Example, tmp_path: Path
) -> None:
    done = example("compare_people.py", dataset, *WALKS)
    assert done.returncode == 0, done.stderr
    people = pd.read_csv(tmp_path / "compared" / "people.csv", index_col="person")
    # Bo's force is a quarter more in newtons, and so is bo's weight.
    frames = np.arange(300)
    ada = force_truth(frames)[:, 0, 1] / WEIGHT_N
    peaks = {ADA: ada.max(), BO: (ada * rippled(frames)).max()}
    assert people["peak_force_bw"].to_dict() == pytest.approx(peaks, abs=0.002) and peaks[BO] > peaks[ADA] + 0.09
    cycles = MintReader(dataset).steps("ada_walk")["stride_time_s"].notna().sum()
    assert people["cycles"].to_dict() == {ADA: cycles, BO: cycles}
    activations = people[[f"mean_activation_{muscle}" for muscle in MUSCLES]]
    assert np.allclose(activations.loc[BO], activations.loc[ADA] / 2, atol=1e-4)
    assert "written to compared" in done.stdout and "peak_force_bw" in done.stdout


@pytest.mark.parametrize(("options", "lost"), [([], 1), (["--faultless"], 2)])
def test_no_cycle_touches_a_chunk_that_was_lost_or_if_asked_one_that_is_faulty(
    options: list[str], lost: int, dataset: Path, example: Example, tmp_path: Path
) -> None:
    done = example("compare_people.py", dataset, "--sequences", "ada_holes", "bo_walk", "--out", "out", *options)
    assert done.returncode == 0, done.stderr
    data = MintReader(dataset)
    chunks = data.quality("chunks").query("sequence_id == 'ada_holes'")
    bad = chunks[(chunks["status"] != "accepted") | (bool(options) & (chunks["faults"].str.len() > 0))]
    steps = data.steps("ada_holes").dropna(subset="stride_time_s")
    start, stop = steps["stop_s"] - steps["stride_time_s"], steps["stop_s"]
    touched = [
        ((start < t_stop) & (stop > t_start)).to_numpy()
        for t_start, t_stop in zip(bad["t_start_s"], bad["t_stop_s"], strict=True)
    ]
    left = int((~np.any(touched, axis=0)).sum())
    assert len(bad) == lost and 0 < left <= len(steps) and (left < len(steps)) == bool(options)
    assert pd.read_csv(tmp_path / "out" / "people.csv", index_col="person").loc[ADA, "cycles"] == left


def test_the_picture_has_a_panel_for_the_force_and_for_each_muscle(
    dataset: Path, example: Example, tmp_path: Path
) -> None:
    for muscles in (["soleus"], ["soleus", "tibant"]):
        done = example("compare_people.py", dataset, *WALKS, "--muscles", *muscles)
        assert done.returncode == 0, done.stderr
        image = matplotlib.image.imread(tmp_path / "compared" / "gait_cycle.png")[..., :3]
        coloured = (np.ptp(image, axis=-1) > 0.05).any(axis=1)
        bands = int((np.diff(coloured.astype(int)) == 1).sum())
        assert bands == 1 + 1 + len(muscles)  # that of the legend, of the force and of the muscles


def test_who_does_not_make_a_pair_is_told_who_there_is(dataset: Path, example: Example) -> None:
    done = example("compare_people.py", dataset, "--sequences", "ada_walk", "ada_holes")
    assert done.returncode == 1 and "there are those of KIT/ada." in done.stderr and "Traceback" not in done.stderr
