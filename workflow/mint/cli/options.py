"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

Profile = Annotated[str, typer.Option(help="Where jobs run: local, slurm, or a profile of your own.")]
Config = Annotated[
    list[str] | None, typer.Option(help="A setting in place of that of config.yaml, KEY=VALUE; may be repeated.")
]
Results = Annotated[Path | None, typer.Option(help="Folder of results; by default that of config.yaml.")]
Cores = Annotated[int, typer.Option(help="Processor cores; 0: as the profile says.", min=0)]
Static = Annotated[Path | None, typer.Option(help="Static trial of the same person.")]
Height = Annotated[float | None, typer.Option(help="Stature [m], if known.", min=0.5, max=2.6)]
Person = Annotated[str | None, typer.Option(help="Whose markers, if the file holds several people's.")]


def as_settings(config: Sequence[str] | None) -> dict[str, str]:
    """Settings KEY=VALUE by key. Ends the command with a message for what is none."""
    out = {}
    for item in config or []:
        key, equals, value = item.partition("=")
        if not equals:
            typer.echo(f"--config {item}: write KEY=VALUE", err=True)
            raise typer.Exit(2)
        out[key] = value
    return out
