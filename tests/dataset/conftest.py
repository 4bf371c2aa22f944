"""One synthetic project with every kind of outcome, built once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mint.batch.made import Made
from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.finding import Finding
from mint.core.status import Reason, StageStatus, Status
from mint.dataset import build, ledger
from tests.sequence.factory import Project, fail_from

NOTE = "+y is up (head and feet <b>lie</b> along it): turned to +z"
MOTION_SHA256 = "5c" * 32


def outcomes(window: Window, bundles: dict[str, Bundle]) -> None:
    """Chunk 1 is discarded, chunk 3 is excluded, the others are accepted."""
    if window.chunk == 1:
        found = Finding("equation of motion", coordinate="pelvis_ty", node=29)
        fail_from(bundles, "verify", Status.DISCARDED, Reason.PELVIS_RESIDUAL, "pelvis_force 7.1 % at frame 99", found)
    if window.chunk == 3:
        fail_from(bundles, "support", Status.EXCLUDED_CONTACT, Reason.NON_FOOT_SUPPORT, "left hand at 4.6 s")


def lost(window: Window, bundles: dict[str, Bundle]) -> None:
    fail_from(bundles, "trajectory", Status.DISCARDED, Reason.NOT_CONVERGED)


def trace_of_check(project: Project, name: str) -> None:
    """What stage validate leaves beside its result: the motion file and its digest."""
    made = Made("validate", "", "", 1, {}, {}, {"path": [["x/walk_poses.npz", MOTION_SHA256]]}, "ok", "none", {})
    made.write(project.file(name, "validated.npz"))


def make(folder: Path) -> Project:
    project = Project(folder)
    project.add(
        "whole",
        300,
        path="x/KIT/3/walk straight.v2_poses.npz",
        subject="3",
        babel_sid=77,
        notes=["x/KIT/3/walk straight.v2_poses.npz: " + NOTE],
    )
    project.add("holes", 70 * 5 + 14, dataset="BioMotionLab_NTroje", subject="rub001")
    project.add("lost", 160)
    project.add(
        "gone", -1, problem=StageStatus("plan", Status.FAILED, Reason.FILE_MISSING, "path gone.npz", "fetch it")
    )
    project.add("bad", 160)
    project.add("waiting", 160)
    project.solve("whole")
    project.solve("holes", outcomes)
    project.solve("lost", lost)
    Bundle(StageStatus("validate", Status.FAILED, Reason.FIELD_MISSING, "bad.npz: betas", "export betas")).write(
        project.file("bad", "validated.npz")
    )
    for name in ("whole", "holes", "lost", "bad"):
        project.merge(name)
    trace_of_check(project, "whole")
    return project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    project = make(tmp_path_factory.mktemp("project"))
    dataset = build.run(project.plan, project.results, DatasetConfig())
    tables = ledger.run(project.plan, project.results)
    return SimpleNamespace(project=project, dataset=dataset, tables=tables)
