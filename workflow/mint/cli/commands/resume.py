"""`mint resume`: go on after whatever stopped the last run."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.options import Config, Profile, Results, as_settings
from mint.cli.workflow import in_checkout

_Force = Annotated[bool, typer.Option("--force", help="The last run, on another host, is known to have ended.")]
_NoStart = Annotated[bool, typer.Option("--no-start", help="Clean up only.")]

_Further = Annotated[list[str] | None, typer.Argument(help="After --: further arguments of Snakemake.")]


def resume(
    further: _Further = None,
    profile: Profile = "local",
    results: Results = None,
    force: _Force = False,
    no_start: _NoStart = False,
    config: Config = None,
) -> None:
    """Go on after whatever stopped the last run.

    Jobs that it left on a cluster are cancelled, the folder is unlocked, results are checked, and the run starts again:
    what is as it was written is not computed again.
    """
    from mint.campaign.resume import go_on

    as_settings(config)
    with in_checkout():
        code = go_on(profile, config or [], results, force=force, start=not no_start, further=further or [])
    raise typer.Exit(code)
