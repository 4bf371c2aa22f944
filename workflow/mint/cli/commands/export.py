"""`mint export SEQUENCE...`: sequences as OpenSim projects."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from mint.cli.options import Config, Cores, as_settings
from mint.cli.workflow import checkout, run_workflow
from mint.config.opensim import Trials

_Sequences = Annotated[list[str], typer.Argument(help="Names in the table of sequences.")]
_Results = Annotated[Path, typer.Option(help="Folder of results.")]
_Trials = Annotated[
    Trials | None,
    typer.Option(
        help="Sequences as a whole, faded where chunks meet; chunks, each as "
        "it was verified; or both, which is the default."
    ),
]
_NAME = re.compile(r"[A-Za-z0-9_\-]+")  # of a sequence, as the table's reader makes them


def export(
    sequences: _Sequences,
    results: _Results = Path("results"),
    trials: _Trials = None,
    cores: Cores = 0,
    config: Config = None,
) -> None:
    """Write sequences as OpenSim projects.

    There is one project per subject, below RESULTS/opensim. What is missing of their results is computed first.
    docs/results/opensim.md says what the files are.
    """
    if wrong := [name for name in sequences if not _NAME.fullmatch(name)]:
        typer.echo(f"{wrong[0]!r} is no name of a sequence: letters, digits, _ and - only", err=True)
        raise typer.Exit(2)
    settings = as_settings(config)
    settings.setdefault("results", str(results))
    if trials:
        settings["opensim"] = f"{{trials: {trials}}}"
    records = [f"{settings['results']}/opensim/exported/{name}.json" for name in dict.fromkeys(sequences)]
    run_workflow(records, settings, cores)
    told = [json.loads((checkout() / path).read_text(encoding="utf-8")) for path in records]
    for record in told:
        typer.echo(_line(record))
    typer.echo(f"projects: {(checkout() / records[0]).resolve().parents[1]}")
    if not all(record["trials"] for record in told):
        raise typer.Exit(1)


def _line(record: dict[str, Any]) -> str:
    """A line for a person about a record."""
    name, trials = record["sequence"], record["trials"]
    if not trials:
        return f"{name}: not exported: {record['status']}"
    spans = ", ".join(f"{trial['trial']} ({trial['first_s']:.2f} to {trial['last_s']:.2f} s)" for trial in trials)
    worst = max(trials, key=lambda trial: float(trial["legs_pelvis_residual_in_fades_N"]))
    return f"{name}: {record['subject']}: {spans}{_fades(worst)}"


def _fades(trial: dict[str, Any]) -> str:
    """What the pelvis of a trial lacks in its fades."""
    force_N = trial["legs_pelvis_residual_in_fades_N"]
    if not force_N > 0:
        return ""
    share = 100 * force_N / trial["weight_N"]
    return (
        f"; the pelvis of {trial['trial']} lacks up to {force_N:.0f} N ({share:.0f} % of body weight) where chunks "
        f"meet (residuals_{trial['trial']}.sto), trials of single chunks are as they were verified"
    )
