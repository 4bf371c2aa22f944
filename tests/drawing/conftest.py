from __future__ import annotations

from pathlib import Path

import pytest

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.drawing.subject import draw
from tests.drawing import squat


@pytest.fixture(scope="session")
def drawn_squat(pose2sim_osim: Path, tmp_path_factory: pytest.TempPathFactory) -> squat.Squat:
    return squat.build(tmp_path_factory.mktemp("squat"), pose2sim_osim)


@pytest.fixture(scope="session")
def drawing(drawn_squat: squat.Squat) -> Bundle:
    """All frames of the squat."""
    return draw(drawn_squat.model, drawn_squat.mapping, drawn_squat.folder, ReportConfig())
