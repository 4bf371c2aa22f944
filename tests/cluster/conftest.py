"""The campaign as it is without any fault: what every disturbed one must end as."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cluster.campaign import Campaign


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The campaign run on this computer, without any fault."""
    campaign = Campaign(tmp_path_factory.mktemp("undisturbed") / "checkout")
    campaign.finish(None)
    return campaign


@pytest.fixture
def finished(undisturbed: Campaign, tmp_path: Path) -> Campaign:
    """A copy of the finished campaign, to damage at will."""
    copy = object.__new__(Campaign)
    copy.folder = tmp_path / "checkout"
    shutil.copytree(undisturbed.folder, copy.folder, symlinks=True)
    return copy
