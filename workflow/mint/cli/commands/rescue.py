"""`mint rescue`: a second pass for chunks that did not converge."""

from __future__ import annotations

from mint.cli.options import Config, Profile


def rescue(profile: Profile = "local", config: Config = None) -> None:
    """Give chunks that did not converge a second pass."""
    from mint.cli.progress import run_project

    run_project(["rescue"], config, profile=profile)
