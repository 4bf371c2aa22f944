from __future__ import annotations

from pathlib import Path

import pytest

from mint.trunk.model import TrunkModel, load_model


@pytest.fixture(scope="session")
def full402_osim(shared) -> Path:
    return shared("models/cyclistFullBodyMuscle.osim")


@pytest.fixture(scope="session")
def pose2sim(pose2sim_osim: Path) -> TrunkModel:
    return load_model(pose2sim_osim)


@pytest.fixture(scope="session")
def full402(full402_osim: Path) -> TrunkModel:
    return load_model(full402_osim)
