"""Entry point of `mint`. A command is a module of `mint.cli.commands`, its function of the same name.

Modules of commands are imported for every `mint --help`: what is heavy they import inside their function.
"""

from __future__ import annotations

import importlib
import pkgutil

import typer

from mint.cli import commands


def application() -> typer.Typer:
    """The application with all commands."""
    app = typer.Typer(
        name="mint",
        help="From motion capture to simulated muscle activity.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for found in pkgutil.iter_modules(commands.__path__):
        module = importlib.import_module(f"{commands.__name__}.{found.name}")
        app.command(found.name.replace("_", "-"))(getattr(module, found.name))
    return app


def _root() -> None:
    """From motion capture to simulated muscle activity."""


def main() -> None:
    """Run the command that the command line asks for."""
    application()()
