"""The workflow in the foreground: how much of each stage is done, or without a terminal a line when a job ends."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import IO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from mint.batch.check import CHUNK_STAGES, ORDER, SEQUENCE_STAGES, SUBJECT_OUTPUT, SUBJECT_STAGES, output_path
from mint.batch.made import trace_path
from mint.cli.options import as_settings
from mint.cli.workflow import checkout, snakemake_command
from mint.cli.workflow import settings as in_force

_ENDED = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)")
_STEPS = re.compile(r"^(\d+ of \d+) steps")
_MESSAGE = re.compile(r"^(?:localrule |Job \d+: )(.*)")
_LOOK_AGAIN_S, _SHARE = 1.0, 0.02  # counting results takes this share of a core at most
_LAST_LINES = 25


def run_project(
    targets: Sequence[str], config: Sequence[str] | None = None, *, profile: str = "local", cores: int = 0
) -> Path:
    """Run `targets` of the project in the checkout, `config` being settings KEY=VALUE, and show how far it is; the
    folder of its results. Ends the command if the run fails."""
    given = as_settings(config)
    results = checkout() / str(in_force(config or [])["results"])
    if code := run_shown(targets, given, results, profile=profile, cores=cores):
        raise typer.Exit(code)
    return results


def run_shown(
    targets: Sequence[str],
    settings: Mapping[str, object],
    results: Path,
    *,
    profile: str = "local",
    cores: int = 0,
    console: Console | None = None,
) -> int:
    """Run Snakemake on `targets` and show how far it is; its exit code. What it prints is in .snakemake/log/mint.log.

    `results` is the folder that the `settings` name, relative to the checkout or absolute.
    """
    console, folder = console or Console(), checkout()
    log = folder / ".snakemake" / "log" / "mint.log"  # a dry run writes nothing to the results
    log.parent.mkdir(parents=True, exist_ok=True)
    command = snakemake_command(targets, settings, profile=profile, cores=cores)
    with log.open("w", encoding="utf-8", buffering=1) as sink:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        show = _bars if console.is_terminal else _lines
        try:
            show(process.stdout, sink, folder / results, console)
        except KeyboardInterrupt:
            # Snakemake got the same signal, and ends what runs.
            console.print("stopping ...")
        code = process.wait()
    if code:
        console.print(f"[red]Snakemake stopped with code {code}.[/] The end of {log}:")
        ended = log.read_text(encoding="utf-8").splitlines(keepends=True)
        console.print("".join(ended[-_LAST_LINES:]), markup=False)
    elif "Nothing to be done" in log.read_text(encoding="utf-8"):
        console.print("Nothing was left to do.")
    return code


def planned(results: Path) -> dict[str, int]:
    """How many results of each stage the plan asks for, if any; nothing as long as there is no plan."""
    try:
        plan = json.loads((results / "plan" / "plan.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    chunks = len({name for batch in plan["batches"]["chunks"].values() for name in batch})
    sequences = len({name for batch in plan["batches"]["motions"].values() for name in batch})
    counts = {
        **dict.fromkeys(SEQUENCE_STAGES, sequences),
        **dict.fromkeys(SUBJECT_STAGES, len(plan["subjects"])),
        **dict.fromkeys(CHUNK_STAGES, chunks),
    }
    return {stage: counts[stage] for stage in ORDER if counts[stage]}


def finished(results: Path, stages: Sequence[str]) -> dict[str, int]:
    """How many results of each of some stages have been computed: each has its trace."""
    return {stage: sum(1 for _ in results.glob(str(trace_path(_any_output(stage))))) for stage in stages}


def _any_output(stage: str) -> Path:
    """Pattern of the results of a stage below the folder of results."""
    if stage in SUBJECT_OUTPUT:
        return Path("subjects") / "*" / SUBJECT_OUTPUT[stage]
    return output_path(Path(), stage, "*/*" if stage in CHUNK_STAGES else "*")


def _bars(lines: IO[str], sink: IO[str], results: Path, console: Console) -> None:
    """A bar for each stage, and above them what Snakemake has started last."""
    columns = TextColumn("{task.description:<58}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        last = progress.add_task("planning", total=None)
        reader = Thread(target=_copied, args=(lines, sink, lambda text: progress.update(last, description=text)))
        reader.daemon = True
        reader.start()
        tasks: dict[str, TaskID] = {}
        pause_s = _LOOK_AGAIN_S
        while reader.is_alive():
            started = time.monotonic()
            _update(progress, tasks, results)
            pause_s = max(_LOOK_AGAIN_S, (time.monotonic() - started) / _SHARE)
            reader.join(pause_s)
        _update(progress, tasks, results)
        progress.update(last, description="ended", total=1, completed=1)


def _update(progress: Progress, tasks: dict[str, TaskID], results: Path) -> None:
    plan = planned(results)
    for stage, count in finished(results, list(plan)).items():
        if stage not in tasks:
            tasks[stage] = progress.add_task(f"  {stage.replace('_', ' ')}", total=plan[stage])
        progress.update(tasks[stage], completed=min(count, plan[stage]), total=plan[stage])


def _copied(lines: IO[str], sink: IO[str], tell: Callable[[str], object]) -> None:
    for line in lines:
        sink.write(line)
        if (message := _MESSAGE.match(line)) and not message[1].endswith(":"):
            tell(message[1][:58])


def _lines(lines: IO[str], sink: IO[str], results: Path, console: Console) -> None:
    """A line for every job that has ended, with its rule and how many steps are done."""
    rule = ""
    for line in lines:
        sink.write(line)
        if found := _ENDED.match(line):
            rule = found[1]
        elif (steps := _STEPS.match(line)) and rule:
            console.print(f"{time.strftime('%H:%M:%S')}  {rule}  ({steps[1]} steps)", highlight=False)
            rule = ""
