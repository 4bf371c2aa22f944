"""`mint config`: the settings in force."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.options import Config

_Section = Annotated[str | None, typer.Argument(help="Section to show; none: what differs from the defaults.")]


def config(section: _Section = None, config: Config = None) -> None:
    """Check the configuration and show its settings.

    Without a section, those that differ from their defaults.
    docs/configuration.md has the unit, the source and the effect of each.
    """
    import yaml

    from mint.cli.workflow import settings
    from mint.config.project import ProjectConfig, load_project

    try:
        values = load_project(settings(config or [])).model_dump(mode="json")
    except ValueError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    if section is not None and section not in values:
        typer.echo(f"no section {section}; there are {', '.join(values)}", err=True)
        raise typer.Exit(2)
    shown = {section: values[section]} if section else _others(values, ProjectConfig().model_dump(mode="json"))
    typer.echo(yaml.safe_dump(shown, sort_keys=False).rstrip() if shown else "every setting has its default")


def _others(values: dict[str, object], defaults: dict[str, object]) -> dict[str, object]:
    """What differs, section by section."""
    out: dict[str, object] = {}
    for key, value in values.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict):
            if inner := _others(value, default):
                out[key] = inner
        elif value != default:
            out[key] = value
    return out
