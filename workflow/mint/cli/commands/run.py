"""`mint run`: the workflow on the table of sequences."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.options import Config, Profile

_Targets = Annotated[list[str] | None, typer.Argument(help="Rules or files to make; none: everything.")]
_Cores = Annotated[int, typer.Option(help="Processor cores; 0: as the profile says.", min=0)]


def run(targets: _Targets = None, profile: Profile = "local", cores: _Cores = 0, config: Config = None) -> None:
    """Compute what the table of sequences asks for.

    Results that are there and up to date stay. It is what `snakemake --profile PROFILE` does, with a display of its
    progress.
    """
    from mint.cli.options import as_settings
    from mint.cli.progress import run_shown
    from mint.cli.workflow import checkout, settings

    folder = checkout() / str(settings(config or [])["results"])
    further = ["--cores", str(cores)] if cores else []
    code = run_shown(targets or [], as_settings(config), folder, profile=profile, further=further)
    if code:
        raise typer.Exit(code)
    typer.echo(f"results: {folder}")
