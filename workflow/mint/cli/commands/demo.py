"""`mint demo`: the embedded motions, from poses to dataset and report."""

from __future__ import annotations

import typer


def demo() -> None:
    """Run the embedded motions, from poses to dataset and report."""
    from mint.cli.progress import run_project

    folder = run_project(["all", "publish"])
    for what, path in (
        ("dataset", "dataset"),
        ("ledger", "ledger.parquet"),
        ("report", "report/index.html"),
        ("release", "release"),
    ):
        typer.echo(f"  {what:<8} {folder / path}")
