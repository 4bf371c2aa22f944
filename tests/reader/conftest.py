"""A dataset and a release that the stages themselves have written."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mint.config.dataset import DatasetConfig
from mint.config.publish import PublishConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, Status
from mint.dataset import build, ledger
from mint.publish import build as publish
from tests.sequence.factory import Project, fail_from


def outcomes(window: Window, bundles: dict[str, Bundle]) -> None:
    """Chunk 1 is discarded, chunk 2 has markers a long way off, the others are accepted."""
    if window.chunk == 1:
        fail_from(bundles, "verify", Status.DISCARDED, Reason.PELVIS_RESIDUAL)
    if window.chunk == 2:
        bundles["ik"].arrays["marker_rms_m"] *= 3


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    project = Project(tmp_path_factory.mktemp("project"))
    project.add("whole", 300, subject="3")
    project.add("holes", 70 * 5 + 14)
    for name, change in (("whole", None), ("holes", outcomes)):
        project.solve(name, change)
    merged = {name: project.merge(name) for name in ("whole", "holes")}
    ledger.run(project.plan, project.results)
    dataset = build.run(project.plan, project.results, DatasetConfig())
    release = publish.run(project.results, PublishConfig(), "pose2sim").folder
    return SimpleNamespace(dataset=dataset, release=release, merged=merged)
