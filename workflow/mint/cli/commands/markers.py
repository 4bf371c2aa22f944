"""`mint markers FILE`: which markers of a file are recognized, on which body they go, and with what residual."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from mint.cli.options import Config, Height, Person, Static
from mint.cli.workflow import checkout, run_workflow, settings

_File = Annotated[Path, typer.Argument(help="Markers of a trial (.trc, .c3d).")]
_Results = Annotated[Path, typer.Option(help="Folder of results, for the model.")]
_Picture = Annotated[Path | None, typer.Option(help="PNG to draw; none by default.")]


def markers(
    file: _File,
    static: Static = None,
    height: Height = None,
    person: Person = None,
    config: Config = None,
    results: _Results = Path("results"),
    picture: _Picture = None,
) -> None:
    """Show which markers of a file are recognized.

    The file needs no place in the table of sequences.
    A line per marker: its landmark or `cluster`, the body that carries it, its residual, and how far it lies from where
    that landmark usually is. What is refused or doubted is said as the workflow would.
    docs/motion/markers.md explains both.
    """
    for path in (file, static):
        if path is not None and not path.is_file():
            typer.echo(f"{path} is no file", err=True)
            raise typer.Exit(2)
    from mint.cli.recognized import recognized
    from mint.config.project import load_project

    project = load_project(settings(config or []))
    osim = results / "inputs" / "models" / f"{project.model}_prepared.osim"
    video = results / "inputs" / "video_places.csv"
    if lacking := [str(path) for path in (osim, video) if not (checkout() / path).is_file()]:
        run_workflow(lacking, {"results": results, "model": project.model})
    with tempfile.TemporaryDirectory(prefix="mint-markers-") as folder:
        found = recognized(file, static, checkout() / osim, project, person, height, Path(folder), checkout() / video)
    for text in found.warnings:
        typer.echo(f"note: {text}", err=True)
    if found.refused:
        typer.echo(f"refused: {found.refused}", err=True)
    for line in _lines(found.rows):
        typer.echo(line)
    if found.unused:
        typer.echo(f"not used: {', '.join(found.unused)}")
    if picture is not None and found.points:
        from mint.cli.marker_picture import draw

        draw(found.points, {str(row["marker"]): str(row["body"]) for row in found.rows}, picture)
        typer.echo(f"picture: {picture}")
    if found.refused:
        raise typer.Exit(1)


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    lines = [("marker", "landmark", "body", "residual [mm]", "from landmark [mm]")]
    lines += [(row["marker"], row["landmark"], row["body"], row["residual_mm"], row["offset_mm"]) for row in rows]
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(lines[0]))]
    padded = [[str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return ["  ".join(cells).rstrip() for cells in padded]
