from __future__ import annotations

from pathlib import Path

import pytest

from mint.learning.benchmark.examples import Examples
from mint.learning.benchmark.training import examples_of
from tests.learning.benchmark.made import write_examples


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_examples(tmp_path_factory.mktemp("learning"))


@pytest.fixture(scope="session")
def examples(index: Path) -> Examples:
    return examples_of(index, "gravity")
