"""`mint add FOLDER`: the motions of an AMASS folder as a table of sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.workflow import checkout

_Folder = Annotated[Path, typer.Argument(help="Folder with DATASET/SUBJECT/NAME_poses.npz below it.")]
_Table = Annotated[Path | None, typer.Option(help="Table to write; by default that of config.yaml.")]
_Force = Annotated[bool, typer.Option("--force", help="Replace a table that exists.")]


def add(folder: _Folder, table: _Table = None, force: _Force = False) -> None:
    """List the files of an AMASS folder in the table of sequences.

    Files of other formats are rows that a person writes: docs/motion/project.md explains the columns.
    """
    from mint.body.list_amass import write_list
    from mint.cli.workflow import settings

    target = table or checkout() / str(settings([])["sequences"])
    # Paths in a table count from the checkout.
    there = folder if Path.cwd() == checkout() else folder.resolve()
    if code := write_list(there, target, force):
        raise typer.Exit(code)
