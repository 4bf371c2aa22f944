"""`mint status`: how far a run is, and what became of its chunks."""

from __future__ import annotations

from collections import Counter

import typer

from mint.cli.options import Results
from mint.cli.workflow import checkout


def status(results: Results = None) -> None:
    """Show how far a run is, and why chunks were not accepted."""
    from mint.campaign.running import living_run
    from mint.cli.progress import finished, planned
    from mint.cli.workflow import settings

    folder = checkout() / (results or str(settings([])["results"]))
    plan = planned(folder)
    if not plan:
        typer.echo(f"{folder} has no plan yet: mint run")
        raise typer.Exit(1)
    living = living_run(folder)
    typer.echo(living.what if living else "no run is going on")
    for stage, count in finished(folder, list(plan)).items():
        typer.echo(f"  {stage.replace('_', ' '):<14} {min(count, plan[stage])} of {plan[stage]}")
    ledger = folder / "ledger.parquet"
    if not ledger.is_file():
        typer.echo("the ledger is written when the run has ended")
        return
    import pandas as pd

    from mint.core.status import Status

    rows = pd.read_parquet(ledger, columns=["status", "stage", "reason"])
    accepted = int((rows["status"] == Status.ACCEPTED).sum())
    typer.echo(f"ledger: {accepted} of {len(rows)} chunks accepted")
    others = rows[rows["status"] != Status.ACCEPTED]
    counts = Counter(zip(others["status"], others["stage"], others["reason"], strict=True))
    for (what, stage, reason), count in counts.most_common():
        typer.echo(f"  {count:>6}  {what}: {reason} ({stage})")
