"""`mint simulate`: what a campaign on a cluster would take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from mint.cli.workflow import in_checkout


def simulate(
    sequences: Annotated[int, typer.Option(help="Sequences of the campaign.", min=1)] = 11_000,
    subjects: Annotated[int, typer.Option(help="People in them.", min=1)] = 344,
    nodes: Annotated[int, typer.Option(help="Nodes of the cluster that the campaign may have.", min=1)] = 8,
    cores: Annotated[int, typer.Option(help="Cores of a node.", min=1)] = 16,
    target_minutes: Annotated[float, typer.Option(help="As batch.target_minutes.", min=0.1)] = 6.0,
    queued: Annotated[float, typer.Option(help="Jobs in the queue at one time, per core.", min=0.1)] = 1.5,
    overhead: Annotated[float, typer.Option(help="Core seconds of a job, whatever is in it.", min=0)] = 6.5,
    chunk_overhead: Annotated[float, typer.Option(help="Core seconds of a chunk beside its stages.", min=0)] = 0.1,
    failing_jobs: Annotated[float, typer.Option(help="Share of jobs that die and run again.", min=0, max=0.9)] = 0.01,
    first_pass: Annotated[float, typer.Option(help="Seconds of a chunk in the first pass.", min=1)] = 120.0,
    results: Annotated[Path | None, typer.Option(help="A finished run, whose costs and failures count.")] = None,
    model: Annotated[Literal["pose2sim", "full402"], typer.Option(help="Musculoskeletal model.")] = "pose2sim",
    seed: Annotated[int, typer.Option(help="Seed of what is drawn at random.", min=0)] = 0,
    no_plan: Annotated[bool, typer.Option("--no-plan", help="Leave Snakemake's dry run out.")] = False,
) -> None:
    """Estimate what a campaign on a cluster would take.

    Snakemake plans the campaign on stand-ins for its files, and a model of the queue runs it.
    The numbers are printed as JSON.
    """
    from mint.campaign.simulate import Scenario, report

    scenario = Scenario(
        sequences=sequences,
        subjects=subjects,
        nodes=nodes,
        cores=cores,
        target_minutes=target_minutes,
        queued=queued,
        overhead=overhead,
        chunk_overhead=chunk_overhead,
        failing_jobs=failing_jobs,
        first_pass=first_pass,
        results=results,
        model=model,
        seed=seed,
        plan=not no_plan,
    )
    with in_checkout():
        typer.echo(json.dumps(report(scenario), indent=1))
