"""Clips and bodies, once per test run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.retarget.subject import Subject, read_subject
from tests.demo_motion import synthetic_body
from tests.wheels import wheel_folder


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the real clips."""
    return wheel_folder("pybullet", tmp_path_factory.mktemp("wheels")) / "pybullet_data" / "data" / "motions"


@pytest.fixture(scope="session")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bodies")
    synthetic_body.write(folder, "female", 0.95)
    synthetic_body.write(folder, "male", 1.05)
    return folder


@pytest.fixture(scope="session")
def subject(bodies: Path) -> Subject:
    return read_subject(bodies / "male" / "model.npz", np.zeros(16))
