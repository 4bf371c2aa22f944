"""`mint what-changed`: what a run would compute, and why."""

from __future__ import annotations

import typer

from mint.cli.options import Config, Profile, as_settings
from mint.cli.workflow import in_checkout


def what_changed(profile: Profile = "local", config: Config = None) -> None:
    """Say what a run would compute, and why."""
    from mint.campaign.what_changed import told

    as_settings(config)
    try:
        with in_checkout():
            typer.echo(told(profile, config or []))
    except RuntimeError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
