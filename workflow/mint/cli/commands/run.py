"""`mint run`: the workflow on the table of sequences."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.options import Config, Cores, Profile

# Pages that targets write, below the results.
PAGES = {"report": "report/index.html", "benchmark": "learning/index.html", "refine": "refine/index.html"}

_Targets = Annotated[list[str] | None, typer.Argument(help="Rules or files to make; none: everything.")]


def run(targets: _Targets = None, profile: Profile = "local", cores: Cores = 0, config: Config = None) -> None:
    """Compute what the table of sequences asks for.

    Results that are there and up to date stay. It is what `snakemake --profile PROFILE` does, with a display of its
    progress.
    """
    from mint.cli.progress import run_project

    folder = run_project(targets or [], config, profile=profile, cores=cores)
    typer.echo(f"results: {folder}")
    for target in targets or ["report"]:
        if target in PAGES and (page := folder / PAGES[target]).is_file():
            typer.echo(f"  {target}: {page}")
