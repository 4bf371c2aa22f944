"""A small results folder with traces, built once and copied for tests that change it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mint.config.dataset import DatasetConfig
from mint.core.status import Reason, Status
from mint.dataset import build, ledger
from tests.provenance.traced import add_traces
from tests.sequence.factory import Project, fail_from


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`walk` and `run` of subject s1, `lost` of s2 without an accepted chunk; the motion file of `run` lies outside."""
    project = Project(tmp_path_factory.mktemp("traced"))
    for name, last in (("walk", 154), ("run", 84), ("lost", 84)):
        project.add(name, last, subject="s2" if name == "lost" else "s1")
    project.solve("walk")
    project.solve("run")
    project.solve(
        "lost", lambda window, bundles: fail_from(bundles, "trajectory", Status.DISCARDED, Reason.NOT_CONVERGED)
    )
    for name in ("walk", "run", "lost"):
        project.merge(name)
    add_traces(project, {"walk": "KIT-s1", "run": "KIT-s1", "lost": "KIT-s2"}, outside=("run",))
    build.run(project.plan, project.results, DatasetConfig())
    ledger.run(project.plan, project.results)
    return project.results


@pytest.fixture
def results(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "results"))


@pytest.fixture(scope="session")
def workflow_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workflow")
    for name in ("Snakefile", "workflow/rules/ik.smk", "workflow/scripts/ik.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n")
    return folder
