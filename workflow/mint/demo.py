"""`python -m mint.demo`: the whole workflow on the embedded motions, with a progress display."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_STEPS = re.compile(r"^(\d+) of (\d+) steps")


def main(arguments: list[str]) -> int:
    """Run Snakemake with the local profile, show a bar, say where dataset and report are."""
    console = Console()
    log = Path("results/logs/demo.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--profile", "local", *arguments]
    with log.open("w", encoding="utf-8", buffering=1) as sink, _progress(console) as progress:
        task = progress.add_task("planning", total=None)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            sink.write(line)
            if step := _STEPS.match(line):
                progress.update(task, completed=int(step[1]), total=int(step[2]))
            elif (message := re.match(r"^(?:localrule |Job \d+: )(.*)", line)) and not message[1].endswith(":"):
                progress.update(task, description=message[1][:60])
        code = process.wait()
    if code:
        console.print(f"[red]Snakemake stopped with code {code}.[/] The end of {log}:")
        console.print("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[-25:]), markup=False)
        return code
    console.print("Nothing was left to do." if "Nothing to be done" in log.read_text(encoding="utf-8") else "Done.")
    console.print(f"  dataset  {Path('results/dataset').resolve()}")
    console.print(f"  ledger   {Path('results/ledger.parquet').resolve()}")
    console.print(f"  report   {Path('results/report/index.html').resolve()}")
    return 0


def _progress(console: Console) -> Progress:
    return Progress(TextColumn("{task.description:<60}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                    console=console)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
