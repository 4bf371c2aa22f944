"""`mint demo`: the embedded motions, from poses to dataset and report."""

from __future__ import annotations

import typer

from mint.cli.workflow import checkout


def demo() -> None:
    """Run the embedded motions, from poses to dataset and report."""
    from mint.cli.progress import run_shown
    from mint.cli.workflow import settings

    values = settings([])
    folder = checkout() / str(values["results"])
    code = run_shown(["all", "publish"], {}, folder)
    if code:
        raise typer.Exit(code)
    for what, path in (
        ("dataset", "dataset"),
        ("ledger", "ledger.parquet"),
        ("report", "report/index.html"),
        ("release", "release"),
    ):
        typer.echo(f"  {what:<8} {folder / path}")
