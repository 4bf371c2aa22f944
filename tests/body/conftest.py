"""Bodies and motions that several test files use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.body import synthetic


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with three synthetic models and `markers.csv`."""
    return synthetic.write_models(tmp_path_factory.mktemp("models"))
