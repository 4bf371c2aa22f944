"""`mint rescue`: a second pass for chunks that did not converge."""

from __future__ import annotations

import typer

from mint.cli.options import Config, Profile


def rescue(profile: Profile = "local", config: Config = None) -> None:
    """Give chunks that did not converge a second pass."""
    from mint.cli.options import as_settings
    from mint.cli.progress import run_shown
    from mint.cli.workflow import checkout, settings

    folder = checkout() / str(settings(config or [])["results"])
    if code := run_shown(["rescue"], as_settings(config), folder, profile=profile):
        raise typer.Exit(code)
