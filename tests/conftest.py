"""Shared fixtures: where the external test data lie; what holds for all tests together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from mint.campaign.running import living_run
from mint.core.tables import table
from tests.checkout import ROOT, looks
from tests.dataset.planted import planted
from tests.sequence.factory import Project
from tests.wheels import wheel_folder

# OpenSim and CasADi cannot be imported in one process.
APART = ROOT / "tests" / "trajectory"
# Importing opensim puts its libraries on LD_LIBRARY_PATH, where a child process would find them instead of CasADi's:
# child processes get the environment as it was before.
ENVIRONMENT = dict(os.environ)


@pytest.fixture(scope="session", autouse=True)
def checkout_stays() -> Iterator[None]:
    """All tests together leave the checkout as it is."""
    before = looks()
    yield
    if living_run(ROOT / "results") is not None:
        return  # somebody's run changes its own files
    after = looks()
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    assert not changed, f"changed while the tests ran, by one of them unless by you: {', '.join(changed[:20])}"


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Tests that import CasADi run in a process of their own if others, which import OpenSim, are asked for too."""
    if path == APART and not only_apart(parent.config):
        return Apart.from_parent(parent, path=path)
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Single tests of that folder cannot be asked for together with others."""
    single = [path for path in asked_for(config) if path != APART and path.is_relative_to(APART)]
    if single and not only_apart(config):
        raise pytest.UsageError(
            f"{single[0].relative_to(ROOT)} imports CasADi, others OpenSim: call pytest for these alone"
        )


def only_apart(config: pytest.Config) -> bool:
    """Whether all that is asked for lies in the folder of tests that run apart."""
    return all(path.is_relative_to(APART) for path in asked_for(config))


def asked_for(config: pytest.Config) -> list[Path]:
    """Files and folders of the command line, or of pyproject.toml."""
    return [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]


class Apart(pytest.Directory):
    """A folder of tests as one test."""

    def collect(self) -> Iterable[pytest.Item]:
        """The one test."""
        yield ChildProcess.from_parent(self, name="in_a_process_of_their_own")


class ChildProcess(pytest.Item):
    """All tests of the folder, in a process of their own."""

    def runtest(self) -> None:
        """Run pytest on the folder; what it prints is the failure."""
        command = [sys.executable, "-m", "pytest", str(self.path), "-p", "no:cacheprovider", "--color=no"]
        done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(done.stdout + done.stderr, pytrace=False)


def shared_file(relative: str) -> Path:
    """A file of the data folder beside the checkout. Its absence skips the test, or fails where the folder must be there."""
    path = Path(os.environ.get("MINT_SHARED", ROOT.parent / "shared")) / relative
    if not path.exists():
        message = f"{path} is missing (set MINT_SHARED to the folder with models/ and motion/)"
        if os.environ.get("MINT_SHARED_MUST_BE"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def planted_faults(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Results of sequences with one planted fault each."""
    return planted(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def pose2sim_osim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model file, from its wheel."""
    member = str(table("models").set_index("model").loc["pose2sim", "member"])
    return wheel_folder("pose2sim", tmp_path_factory.mktemp("wheels")) / member


@pytest.fixture(scope="session")
def shared() -> object:
    """Call with a path relative to the data folder."""
    return shared_file
