"""Entry point of `mint`. A command is a module of `mint.cli.commands`, its function of the same name.

Modules of commands are imported for every `mint --help`: what is heavy they import inside their function.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import typer
from typer.core import TyperGroup

from mint.cli import commands

# The table of contents: headings in the order in which a person meets them. What is in none of them comes last.
CONTENTS: dict[str, tuple[str, ...]] = {
    "First steps": ("demo", "solve", "doctor"),
    "A project": ("add", "run", "status", "what-changed", "resume", "rescue", "simulate", "config"),
    "Results": ("export", "publish"),
    "Motion files": ("markers", "bodies"),
    "Networks": ("predict",),
    "Development": ("dev",),
}


class Contents(TyperGroup):
    """Commands below their headings."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the contents."""
        named = [name for names in CONTENTS.values() for name in names if name in self.commands]
        return named + sorted(set(self.commands) - set(named))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each heading with its commands."""
        told = {name for names in CONTENTS.values() for name in names}
        others = tuple(name for name in self.list_commands(ctx) if name not in told)
        for heading, names in {**CONTENTS, "Others": others}.items():
            rows = [(name, self.commands[name].get_short_help_str(80)) for name in names if name in self.commands]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


def application() -> typer.Typer:
    """The application with all commands."""
    app = typer.Typer(
        name="mint",
        help="From motion capture to simulated muscle activity.",
        cls=Contents,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for found in pkgutil.iter_modules(commands.__path__):
        module = importlib.import_module(f"{commands.__name__}.{found.name}")
        name = found.name.replace("_", "-")
        if hasattr(module, "application"):
            app.add_typer(module.application, name=name)
        else:
            app.command(name, context_settings=getattr(module, "CONTEXT", None))(getattr(module, found.name))
    return app


def _root() -> None:
    """From motion capture to simulated muscle activity."""


def main() -> None:
    """Run the command that the command line asks for."""
    application()()
