"""`mint simulate`: what a campaign on a cluster would take."""

from __future__ import annotations

import typer

from mint.cli.workflow import in_checkout

# Its own parser knows its options.
CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def simulate(ctx: typer.Context) -> None:
    """Estimate what a campaign on a cluster would take."""
    from mint.campaign.simulate import main

    with in_checkout():
        code = main(ctx.args)
    raise typer.Exit(code)
