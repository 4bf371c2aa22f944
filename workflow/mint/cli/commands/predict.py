"""`mint predict FILE --model DIR`: muscle activity of a motion by a trained network, in milliseconds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.options import Config, Height
from mint.cli.workflow import settings

_File = Annotated[Path, typer.Argument(help="Motion of a body or skeleton (AMASS, SMPL, SMPL-X, BVH).")]
_Model = Annotated[Path, typer.Option(help="Folder of a model that the benchmark has trained.")]
_Output = Annotated[
    Path | None,
    typer.Option(help="Where the activations go (.csv, .parquet); by default beside the file that was asked about."),
]
_Gender = Annotated[str | None, typer.Option(help="Of the body, where the file tells none.")]
_Mass = Annotated[float | None, typer.Option(help="Body mass [kg], if known.", min=10, max=300)]
_Rate = Annotated[float | None, typer.Option(help="Frames per second, where the file is wrong or tells none.", min=1)]


def predict(
    file: _File,
    model: _Model,
    output: _Output = None,
    gender: _Gender = None,
    height: Height = None,
    mass: _Mass = None,
    rate: _Rate = None,
    config: Config = None,
) -> None:
    """Estimate muscle activity by a trained network.

    There are 20 samples a second, and nothing is simulated.
    Says how long it took, and whether the motion is unlike what the model was trained on: then simulate it instead.
    docs/learning/predict.md says what such an estimate is worth.
    """
    from mint.config.project import load_project
    from mint.core.status import StageError
    from mint.learning.benchmark.collect import Motion, Reading
    from mint.learning.benchmark.predict import predict as ask
    from mint.learning.benchmark.predict import write_prediction

    project = load_project(settings(config or []))
    target = output or file.with_name(f"{file.stem}_activations.parquet")
    try:
        reading = Reading(project.body.model_dir, project.body.density_kg_m3, project.validate_input, project.human)
        found = ask(
            Motion(str(file), gender=gender, frame_rate_override=rate, mass_kg=mass, height_m=height), model, reading
        )
        write_prediction(found, target)
    except StageError as error:
        typer.echo(error.told, err=True)
        raise typer.Exit(1) from None
    windows, samples = len(found.distances), len(found.activations)
    typer.echo(f"{target}: {samples} samples of {len(found.muscles)} muscles, {samples / 20:.2f} s of motion")
    typer.echo(
        f"features in {1e3 * found.features_s:.0f} ms, network in {1e3 * found.network_s:.0f} ms "
        f"({1e3 * found.network_s / windows:.1f} ms a window)"
    )
    if found.unlike > 0:
        typer.echo(
            f"{100 * found.unlike:.0f} % of the windows are farther from the training data than 99 of 100 "
            "windows that the model was validated on: do not trust these, simulate them",
            err=True,
        )
