from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mint.compare.emg import mean_activation
from mint.compare.stage import compared
from mint.config.dataset import DatasetConfig
from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.dataset import build
from mint.learning.refine.cycles import Cycles, shifted
from mint.measured.channels import strands_of
from tests.compare import walk
from tests.sequence.factory import Project

CHANNELS = ("soleus", "tibialis_anterior")
LATE_S = 0.06


def made_up(
    people: int = 4, trials: int = 2, muscles: int = 6, channels: int = 3, seed: int = 0, samples: int = 20
) -> Cycles:
    """Cycles of smooth activations; what is measured is the own one, 50 ms earlier and half as large, and some noise."""
    random = np.random.default_rng(seed)
    n, phase = people * trials, np.linspace(0, 1, samples)
    waves = np.stack([np.cos(2 * np.pi * k * phase + p) for k, p in ((1, 0.0), (1, 1.5), (2, 0.5), (2, 2.0))])
    simulated = 0.4 + 0.2 * np.einsum("nmw,ws->nsm", random.uniform(-0.5, 0.5, (n, muscles, 4)), waves)
    own = simulated[..., :channels]
    duration = random.uniform(0.9, 1.2, n)
    measured = 0.5 * shifted(own, -0.05 / duration) + 0.005 * random.standard_normal(own.shape)
    persons = tuple(f"p{i // trials}" for i in range(n))
    return Cycles(
        simulated,
        own,
        measured,
        duration,
        persons,
        tuple(f"t{i}" for i in range(n)),
        tuple(f"m{i}" for i in range(muscles)),
        tuple(f"m{i}" for i in range(channels)),
    )


@pytest.fixture
def cycles() -> Cycles:
    return made_up()


@pytest.fixture
def config() -> RefineConfig:
    return RefineConfig(preset="test")


def record_emg(project: Project, name: str, side: str = "r", flags: Sequence[str] = ("", "")) -> None:
    """Electrodes on a leg: the simulated activation, `LATE_S` earlier, in volts of a tenth."""
    merged = Bundle.read(project.file(name, "sequence.npz"))
    frames = np.asarray(merged["frames"])
    time_s = np.arange(frames[0] / 50, frames[-1] / 50, 0.01)
    names = [f"{channel}_{side}" for channel in CHANNELS]
    values = [
        np.interp(
            time_s + LATE_S, frames / 50, mean_activation(merged["activation"].astype(float), strands_of(each))[0]
        )
        for each in names
    ]
    told = Bundle.of(
        "measured",
        {
            "plate_names": np.array([], dtype=str),
            "force_time_s": np.zeros(0),
            "plate_force_N": np.zeros((0, 0, 3)),
            "plate_centre_m": np.zeros((0, 0, 3)),
            "plate_free_moment_Nm": np.zeros((0, 0, 3)),
            "plate_corners_m": np.zeros((0, 4, 3)),
            "emg_channels": names,
            "emg_time_s": time_s,
            "emg_envelope_V": 0.1 * np.array(values),
            "emg_flag": list(flags),
            "emg_recorded": names,
        },
        {"emg_muscles": {each: strands_of(each) for each in names}},
    )
    largest = Bundle.of("emg", {"channels": names, "maximum_V": [0.1, 0.1]})
    compared(merged, told, largest, None, walk.EXACT).write(project.file(name, "comparison.npz"))


def dataset_of(folder: Path, people: int = 3) -> Project:
    """A dataset of people who walk for six seconds with electrodes on the right leg, the last of them on the left one,
    and of one without."""
    project = Project(folder)
    for i in range(people + 1):
        name = f"walk{i}"
        project.add(name, 300, subject=f"s{i}")
        project.solve(name)
        project.merge(name)
        if i < people:
            record_emg(project, name, "l" if i == people - 1 else "r")
    build.run(project.plan, project.results, DatasetConfig(pickles=False))
    return project
