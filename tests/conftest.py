"""Shared fixtures: where the external test data lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mint.core.tables import table
from mint.inputs import wheels
from tests.dataset.planted import planted
from tests.sequence.factory import Project

ROOT = Path(__file__).resolve().parents[1]
# Importing opensim puts its libraries on LD_LIBRARY_PATH, where a child process would find them instead of CasADi's:
# child processes get the environment as it was before.
ENVIRONMENT = dict(os.environ)


def shared_file(relative: str) -> Path:
    """A file of the data folder beside the checkout; its absence fails in CI and skips elsewhere."""
    path = Path(os.environ.get("MINT_SHARED", ROOT.parent / "shared")) / relative
    if not path.exists():
        message = f"{path} is missing (set MINT_SHARED to the folder with models/ and motion/)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def planted_faults(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Results of sequences with one planted fault each."""
    return planted(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def pose2sim_osim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model file: from the results folder if a run has put it there, else from its wheel."""
    member = str(table("models").set_index("model").loc["pose2sim", "member"])
    there = ROOT / "results" / "inputs" / "wheels" / "pose2sim" / member
    if there.exists():
        return there
    folder = tmp_path_factory.mktemp("wheels") / "pose2sim"
    wheels.fetch("pose2sim", folder)
    return folder / member


@pytest.fixture(scope="session")
def shared() -> object:
    """Call with a path relative to the data folder."""
    return shared_file
