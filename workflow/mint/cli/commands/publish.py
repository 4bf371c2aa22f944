"""`mint publish`: a release of the dataset."""

from __future__ import annotations

import typer

from mint.cli.options import Config, Profile


def publish(profile: Profile = "local", config: Config = None) -> None:
    """Make a release of the dataset.

    It has the same files without run times and paths, a data card, licences, Croissant metadata, checksums, and its
    tables as CSV.
    """
    from mint.cli.progress import run_project

    folder = run_project(["publish"], config, profile=profile)
    typer.echo(f"release: {folder / 'release'}")
