"""The campaign as it is without any fault: what every disturbed one must end as."""

from __future__ import annotations

import pytest

from tests.cluster.campaign import Campaign


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The campaign run on this computer, without any fault."""
    campaign = Campaign(tmp_path_factory.mktemp("undisturbed") / "checkout")
    campaign.finish(None)
    return campaign
