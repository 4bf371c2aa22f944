"""A small campaign: the real rules, plan, batches and profiles, with toys for the stages."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mint.batch.check import STAGES_OF
from mint.batch.digest import digest_of
from tests.cluster.private_slurm import PrivateSlurm
from tests.conftest import ENVIRONMENT, ROOT
from tests.workflow.conftest import Workspace

RESUME = "resume"
SNAKEMAKE = [sys.executable, "-m", "snakemake"]
MINT_RESUME = [str(Path(sys.executable).with_name("mint")), "resume"]

STAGES = ROOT / "tests" / "cluster" / "stages"
BATCH_RULES = (*STAGES_OF, "measured", "merge", "compare", "scale", "muscle_paths", "emg_scale")
PARTITIONS = """\
partitions:
  short: {max_runtime: 300, max_mem_mb: 6000, max_threads: 2}
  long: {max_runtime: 2880, max_mem_mb: 12000, max_threads: 2}
"""
SUBJECTS = {"a": "one", "b": "one", "c": "two", "d": "three"}


class Campaign(Workspace):
    """Four sequences of three subjects, one sequence with two batches of chunks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "slurm").symlink_to("profiles/slurm")
        for rule in BATCH_RULES:
            shutil.copy(STAGES / "batch_script.py", folder / "workflow" / "scripts" / f"{rule}.py")
        shutil.copy(ROOT / "workflow" / "scripts" / "settings.py", folder / "workflow" / "scripts")
        shutil.copy(STAGES / "toy.py", folder / "workflow")
        (folder / "faults").mkdir()
        (folder / "diary").touch()
        table = folder / "config" / "sequences.tsv"
        table.write_text(table.read_text().splitlines(keepends=True)[0])
        for name, subject in SUBJECTS.items():
            self.add_sequence(name, subject, frames=420)
        self.set_config(r"target_minutes: .*", "target_minutes: 1")

    def environment(self, slurm: PrivateSlurm | None = None) -> dict[str, str]:
        environment = {
            **(slurm.environment() if slurm else ENVIRONMENT),
            "HOME": str(self.folder),
            "MINT_TOY_FOLDER": str(self.folder),
            "PYTHONPATH": str(self.folder / "workflow"),
        }
        return environment

    def command(self, slurm: PrivateSlurm | None, *arguments: str) -> list[str]:
        """What a person types; a laboratory would put the options into its profile."""
        program = [*MINT_RESUME] if arguments[:1] == (RESUME,) else [*SNAKEMAKE, *arguments]
        further = ["--"] if program == MINT_RESUME else []
        if slurm is None:
            return [*program, "--profile", "local", *further, "--cores", "2"]
        (self.folder / "profiles/slurm/partitions.yaml").write_text(PARTITIONS)
        return [
            *program,
            "--profile",
            "slurm",
            "--config",
            "batch={target_minutes: 1}",
            *further,
            "--slurm-status-command",
            "squeue",
            "--slurm-no-account",
            "--latency-wait",
            "20",
            "--slurm-init-seconds-before-status-checks",
            "2",
            "--seconds-between-status-checks",
            "2",
        ]

    def start(self, slurm: PrivateSlurm | None, *arguments: str) -> subprocess.Popen[bytes]:
        """Snakemake with arguments, or what resumes it, in the background; its output goes to run.log."""
        log = (self.folder / "run.log").open("ab")
        return subprocess.Popen(
            self.command(slurm, *arguments),
            cwd=self.folder,
            env=self.environment(slurm),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def finish(self, slurm: PrivateSlurm | None, *arguments: str) -> None:
        """Run to the end, which must be a good one."""
        process = self.start(slurm, *arguments)
        try:
            assert process.wait(timeout=900) == 0, self.log()
        finally:
            kill(process)

    def log(self) -> str:
        return (self.folder / "run.log").read_text(errors="replace")[-6000:]

    def fault(self, stage: str, member: str, kind: str) -> None:
        (self.folder / "faults" / f"{stage}-{member.replace('/', '-')}").write_text(kind)

    def has_begun(self, stage: str, member: str) -> bool:
        return (self.folder / "faults" / f"begun-{stage}-{member.replace('/', '-')}").exists()

    def wait_for(self, condition: Callable[[], bool], what: str, timeout_s: float = 400.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"not within {timeout_s:.0f} s: {what}\n{self.log()}"
            time.sleep(0.3)

    def computed(self) -> Counter[str]:
        """How often each result was computed to its end."""
        return Counter((self.folder / "diary").read_text().splitlines())

    def finished(self) -> set[str]:
        """What is finished, which its trace says: a process that dies between a result and its trace leaves neither."""
        traces = [json.loads(path.read_text()) for path in (self.folder / "results").rglob("*.made.json")]
        return {f"{trace['stage']} {trace['values']['name']}" for trace in traces if trace["reason"] != "crash"}

    def kept(self) -> dict[str, int]:
        """How often what is finished now was computed so far."""
        finished = self.finished()
        return {name: times for name, times in self.computed().items() if name in finished}

    def dataset(self) -> dict[str, str]:
        """Digests of all merged sequences."""
        return {
            path.parent.name: digest_of(path) for path in (self.folder / "results").glob("sequences/*/sequence.npz")
        }

    def members(self) -> set[str]:
        """Everything that a campaign computes, as the diary names it."""
        plan = self.plan()
        chunks = {
            f"{stage} {name}"
            for members in plan["batches"]["chunks"].values()
            for name in members
            for stage in ("markers", "ik", "support", "trajectory", "verify", "trunk")
        }
        sequences = {
            f"{stage} {name}"
            for name in plan["sequences"]
            for stage in ("validate", "body", "measured", "merge", "compare")
        }
        return (
            chunks
            | sequences
            | {f"{stage} {name}" for name in plan["subjects"] for stage in ("scale", "muscle_paths", "emg_scale")}
        )


def kill_below(folder: Path) -> None:
    """SIGKILL to whatever names a folder in its command line: children have sessions of their own."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(folder).encode() in command.read_bytes() and int(command.parent.name) != os.getpid():
                os.kill(int(command.parent.name), signal.SIGKILL)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and all of its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
