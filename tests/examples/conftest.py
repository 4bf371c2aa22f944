"""What the examples are run on: a dataset of two people, a person with markers, a `mint` that solves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.dataset import build, ledger
from tests.conftest import ENVIRONMENT, ROOT
from tests.reader.conftest import outcomes
from tests.sequence.factory import Project

EXAMPLES = ROOT / "examples"
HEAVIER = 1.25  # bo than ada
Example = Callable[..., subprocess.CompletedProcess[str]]


def rippled(frames: np.ndarray) -> np.ndarray:
    """Ground force of bo in body weights, over that of ada: (n,), 1 on the mean, and most while a foot stands."""
    return 1 - 0.1 * np.cos(4 * np.pi * frames / 60)


def other(window: Window, bundles: dict[str, Bundle]) -> None:
    """The walk of bo, whose leg muscles do half as much, and who weighs more."""
    arrays = bundles["trajectory"].arrays
    arrays["activation"] *= 0.5
    for name in ("sphere_force_N", "grf_force_N", "grf_moment_Nm"):
        arrays[name] *= HEAVIER * rippled(arrays["frames"])[:, None, None]


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A walk of `ada`, another one with a lost and a faulty chunk, and a walk of `bo`, as `other` says."""
    project = Project(tmp_path_factory.mktemp("two_people"))
    for name, subject, last_frame, change in (
        ("ada_walk", "ada", 300, None),
        ("ada_holes", "ada", 70 * 5 + 14, outcomes),
        ("bo_walk", "bo", 300, other),
    ):
        project.add(name, last_frame, subject=subject)
        project.solve(name, change)
        if subject == "bo":
            body = Bundle.read(project.file(name, "body.npz"))
            body.meta["mass_kg"] *= HEAVIER
            body.write(project.file(name, "body.npz"))
        project.merge(name)
    ledger.run(project.plan, project.results)
    return build.run(project.plan, project.results, DatasetConfig())


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """Call with the name of a script and its arguments, and it runs in an empty folder; `ahead` comes first on PATH."""

    def run(name: str, *arguments: str | Path, ahead: Path | None = None) -> subprocess.CompletedProcess[str]:
        folders = [str(ahead)] if ahead else []
        path = os.pathsep.join([*folders, str(Path(sys.executable).parent), ENVIRONMENT["PATH"]])
        return subprocess.run(
            [sys.executable, EXAMPLES / name, *map(str, arguments)],
            cwd=tmp_path,
            env={**ENVIRONMENT, "PATH": path, "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
