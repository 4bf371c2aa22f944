"""One release of a synthetic project, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.publish import build
from mint.publish.build import Release
from tests.publish import project


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the project, to read only."""
    return project.make(tmp_path_factory.mktemp("project")).results


@pytest.fixture(scope="session")
def release(results: Path) -> Release:
    return build.run(results, project.CONFIG, "pose2sim")
