"""One synthetic project with every kind of outcome, built once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, StageStatus, Status
from mint.dataset import build, ledger
from tests.sequence.factory import Project, fail_from


def outcomes(window: Window, bundles: dict[str, Bundle]) -> None:
    """Chunk 1 is discarded, chunk 3 is excluded, the others are accepted."""
    if window.chunk == 1:
        fail_from(bundles, "verify", Status.DISCARDED, Reason.PELVIS_RESIDUAL, "pelvis_force 7.1 % at frame 99")
    if window.chunk == 3:
        fail_from(bundles, "support", Status.EXCLUDED_CONTACT, Reason.NON_FOOT_SUPPORT, "left hand at 4.6 s")


def lost(window: Window, bundles: dict[str, Bundle]) -> None:
    fail_from(bundles, "trajectory", Status.DISCARDED, Reason.NOT_CONVERGED)


def make(folder: Path) -> Project:
    project = Project(folder)
    project.add("whole", 300, path="x/KIT/3/walk straight.v2_poses.npz", subject="3", babel_sid=77)
    project.add("holes", 70 * 5 + 14, dataset="BioMotionLab_NTroje", subject="rub001")
    project.add("lost", 160)
    project.add("gone", -1, problem=StageStatus("plan", Status.FAILED, Reason.FILE_MISSING, "path gone.npz", "fetch it"))
    project.add("bad", 160)
    project.add("waiting", 160)
    project.solve("whole")
    project.solve("holes", outcomes)
    project.solve("lost", lost)
    Bundle(StageStatus("validate", Status.FAILED, Reason.FIELD_MISSING, "bad.npz: betas", "export betas")).write(
        project.file("bad", "validated.npz"))
    for name in ("whole", "holes", "lost", "bad"):
        project.merge(name)
    motion = folder / "x/KIT/3/walk straight.v2_poses.npz"
    motion.parent.mkdir(parents=True)
    motion.write_bytes(b"motion")
    return project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    project = make(tmp_path_factory.mktemp("project"))
    dataset = build.run(project.plan, project.results, DatasetConfig(), project.root)
    tables = ledger.run(project.plan, project.results)
    return SimpleNamespace(project=project, dataset=dataset, tables=tables)
