"""`mint dev`: what developers run after they have changed code or settings."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.workflow import checkout

application = typer.Typer(help="Records that belong to the code.", no_args_is_help=True)


@application.command()
def methods(
    why: Annotated[str, typer.Option(help="Why no result can change, where code did and versions did not.")] = "",
) -> None:
    """Record the code of the stages, after a new method version or a change that leaves results alone."""
    from mint.campaign.methods import record

    try:
        for line in record(why):
            typer.echo(line)
    except ValueError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None


@application.command()
def settings() -> None:
    """Write config/config.yaml anew from the typed sections."""
    from mint.config.write import config_yaml
    from mint.core.atomic import write_text

    write_text(checkout() / "config" / "config.yaml", config_yaml())
