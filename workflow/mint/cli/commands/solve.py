"""`mint solve FILE`: one motion file, from file to report, in a folder of its own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from mint.cli.options import Config, Cores, Height, Person, Static

_File = Annotated[Path, typer.Argument(help="Motion of any format (AMASS, SMPL, SMPL-X, BVH, C3D, TRC).")]
_Out = Annotated[Path | None, typer.Option(help="Folder to make; by default mint_<name of the file> here.")]
_Mass = Annotated[float | None, typer.Option(help="Body mass [kg], if known.", min=5, max=300)]
_Gender = Annotated[str | None, typer.Option(help="male, female or neutral, in place of what the file states.")]
_Rate = Annotated[
    float | None, typer.Option(help="Frames per second, where the file states none or a wrong one.", min=5, max=2000)
]
_Late = Annotated[float | None, typer.Option(help="Added to the time of measured forces [s].", min=-3600, max=3600)]
_Model = Annotated[str | None, typer.Option(help="pose2sim or full402; by default that of config.yaml.")]


def solve(
    file: _File,
    out: _Out = None,
    mass: _Mass = None,
    height: Height = None,
    static: Static = None,
    gender: _Gender = None,
    rate: _Rate = None,
    person: Person = None,
    forces_offset: _Late = None,
    model: _Model = None,
    cores: Cores = 0,
    config: Config = None,
) -> None:
    """Simulate one motion file; no table or configuration is needed.

    The first file takes some minutes more than others of the same folder: the equations of the model are compiled.
    """
    for path in (file, static):
        if path is not None and not path.is_file():
            typer.echo(f"{path} is no file", err=True)
            raise typer.Exit(2)
    from mint.cli.options import as_settings
    from mint.cli.progress import run_shown
    from mint.cli.solved import own_settings, summary, write_table
    from mint.core.names import sanitized

    try:
        name = sanitized(file.stem)
    except ValueError as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(2) from None
    folder = (out or Path(f"mint_{name}")).resolve()
    row: dict[str, Any] = {
        "sequence_id": name,
        "path": file.resolve(),
        "dataset": "solve",
        "subject": person or name,
        "gender": gender,
        "mass_kg": mass,
        "height_m": height,
        "frame_rate_override": rate,
        "static_path": static.resolve() if static else None,
        "forces_offset_s": forces_offset,
    }
    write_table(folder / "sequences.tsv", row)
    settings = own_settings(folder, model) | as_settings(config)
    results = folder / "results"
    if code := run_shown([str(results / "report" / "index.html")], settings, results, cores=cores):
        raise typer.Exit(code)
    lines, accepted = summary(results, name)
    for line in lines:
        typer.echo(line)
    typer.echo(f"  report   {results / 'report' / 'index.html'}")
    typer.echo(f"  dataset  {results / 'dataset'}")
    told = " ".join(f"--config {shlex.quote(f'{key}={value}')}" for key, value in settings.items() if key != "results")
    typer.echo(f"  OpenSim  mint export {name} --results {shlex.quote(str(results))} {told}")
    if not accepted:
        raise typer.Exit(1)
