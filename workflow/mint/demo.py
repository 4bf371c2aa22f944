"""`python -m mint.demo`: the whole workflow on the embedded motions, with a progress display."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from mint.batch.check import CHUNK_STAGES, SEQUENCE_STAGES, SUBJECT_STAGES

_MESSAGE = re.compile(r"^(?:localrule |Job \d+: )(.*)")
_LOOK_AGAIN_S = 1.0


def main(arguments: list[str]) -> int:
    """Run Snakemake with the local profile, show a bar, say where dataset and report are."""
    console, results = Console(), Path("results")
    log = Path(".snakemake") / "log" / "demo.log"  # beside Snakemake's own: a dry run writes nothing to the results
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--profile", "local", *(arguments or ("all", "publish"))]
    with log.open("w", encoding="utf-8", buffering=1) as sink, _progress(console) as progress:
        task = progress.add_task("planning", total=None)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        reader = Thread(target=_follow, args=(process.stdout, sink, progress, task), daemon=True)
        reader.start()
        while reader.is_alive():
            # Jobs are batches, hence few: what they have finished shows in the results.
            progress.update(task, completed=finished(results), total=planned(results))
            reader.join(_LOOK_AGAIN_S)
        code = process.wait()
        if not code:
            progress.update(task, description="done", completed=finished(results), total=planned(results))
    if code:
        console.print(f"[red]Snakemake stopped with code {code}.[/] The end of {log}:")
        console.print("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[-25:]), markup=False)
        return code
    console.print("Nothing was left to do." if "Nothing to be done" in log.read_text(encoding="utf-8") else "Done.")
    console.print(f"  dataset  {Path('results/dataset').resolve()}")
    console.print(f"  ledger   {Path('results/ledger.parquet').resolve()}")
    console.print(f"  report   {Path('results/report/index.html').resolve()}")
    console.print(f"  release  {Path('results/release').resolve()}")
    return 0


def planned(results: Path) -> int | None:
    """How many results of chunks, sequences and subjects the plan asks for; None as long as there is no plan."""
    try:
        plan = json.loads((results / "plan" / "plan.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    chunks = {name for batch in plan["batches"]["chunks"].values() for name in batch}
    sequences = {name for batch in plan["batches"]["motions"].values() for name in batch}
    return (
        len(CHUNK_STAGES) * len(chunks)
        + len(SEQUENCE_STAGES) * len(sequences)
        + len(SUBJECT_STAGES) * len(plan["subjects"])
    )


def finished(results: Path) -> int:
    """How many of them have been computed: each has its trace."""
    return sum(1 for folder in ("sequences", "subjects") for _ in (results / folder).rglob("*.made.json"))


def _follow(lines: IO[str], sink: IO[str], progress: Progress, task: TaskID) -> None:
    for line in lines:
        sink.write(line)
        if (message := _MESSAGE.match(line)) and not message[1].endswith(":"):
            progress.update(task, description=message[1][:60])


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<60}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("results"),
        TimeElapsedColumn(),
        console=console,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
