"""`mint config`: the settings in force."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.options import Config

_Section = Annotated[str | None, typer.Argument(help="Section to show; none: what differs from the defaults.")]


def config(section: _Section = None, config: Config = None) -> None:
    """Check the configuration and show its settings.

    Without a section, those that differ from their defaults; of a section all, each with unit, effect and source.
    """
    import yaml

    from mint.cli.workflow import settings
    from mint.config.project import ProjectConfig, load_project
    from mint.config.write import section_yaml

    try:
        project = load_project(settings(config or []))
    except ValueError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    values = project.model_dump(mode="json")
    if section is None:
        others = _others(values, ProjectConfig().model_dump(mode="json"))
        typer.echo(yaml.safe_dump(others, sort_keys=False).rstrip() if others else "every setting has its default")
    elif section in values:
        typer.echo(section_yaml(project, section).rstrip())
    else:
        typer.echo(f"no section {section}; there are {', '.join(values)}", err=True)
        raise typer.Exit(2)


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
