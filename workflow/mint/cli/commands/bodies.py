"""`mint bodies convert`: licensed body models without their pickles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

application = typer.Typer(help="Convert licensed body models.", no_args_is_help=True, rich_markup_mode=None)

_Source = Annotated[Path, typer.Argument(help="Body model or motion (.pkl, or .npz with pickled fields).")]
_Target = Annotated[Path, typer.Argument(help="model.npz or motion.npz to write.")]
_Person = Annotated[str | None, typer.Option(help="Which of several motions of a file.")]


@application.callback()
def _group() -> None:
    """Convert licensed body models."""


@application.command("convert")
def convert(source: _Source, target: _Target, person: _Person = None) -> None:
    """Take the arrays out of a pickle, without running any code of it."""
    from mint.body.convert import convert as take
    from mint.core.status import StageError

    try:
        shapes = take(source, target, person)
    except StageError as error:
        typer.echo(error.told, err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{target}: " + ", ".join(f"{field} {shape}" for field, shape in shapes.items()))
