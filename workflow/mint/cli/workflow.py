"""Running the workflow from a command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer


def checkout() -> Path:
    """The checkout to run in: where the command is called, or that of the installed package.

    Ends the command with a message where neither is one.
    """
    own = Path(__file__).resolve().parents[3]
    for folder in (Path.cwd(), own):
        if (folder / "Snakefile").is_file() and (folder / "workflow" / "rules").is_dir():
            return folder
    typer.echo(f"neither {Path.cwd()} nor {own} is a checkout with a Snakefile: change to one", err=True)
    raise typer.Exit(2)


@contextmanager
def in_checkout() -> Iterator[None]:
    """Be in the checkout for a while: paths of tables and results count from there."""
    before = Path.cwd()
    os.chdir(checkout())
    try:
        yield
    finally:
        os.chdir(before)


def settings(given: Sequence[str]) -> dict[str, Any]:
    """The configuration of the checkout with each `key=value` in place of what it has."""
    from mint.campaign.settings import configured

    return configured(checkout(), given)


def snakemake_command(
    targets: Sequence[str], settings: Mapping[str, object], *, profile: str = "local", cores: int = 0
) -> list[str]:
    """Snakemake on targets with settings in place of those of config.yaml; no `cores` are those of the profile."""
    command = [sys.executable, "-m", "snakemake", "--profile", profile, *targets]
    if cores:
        command += ["--cores", str(cores)]
    if settings:
        command += ["--config", *(f"{key}={value}" for key, value in settings.items())]
    return command


def run_workflow(targets: Sequence[str], settings: Mapping[str, object], cores: int = 0) -> None:
    """Run Snakemake with the local profile on targets; what it prints is shown. Ends the command if it fails."""
    command = snakemake_command(targets, settings, cores=cores)
    code = subprocess.run(command, cwd=checkout(), check=False).returncode
    if code:
        raise typer.Exit(code)
