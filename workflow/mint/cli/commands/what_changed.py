"""`mint what-changed`: what a run would compute, and why."""

from __future__ import annotations

import typer

from mint.cli.options import Config, Profile
from mint.cli.workflow import in_checkout


def what_changed(profile: Profile = "local", config: Config = None) -> None:
    """Say what a run would compute, and why."""
    from mint.campaign.what_changed import main

    with in_checkout():
        code = main(["--profile", profile, *(["--config", *config] if config else [])])
    raise typer.Exit(code)
