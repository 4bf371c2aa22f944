"""A private SLURM of several nodes on this computer, for tests: plain processes of the user who runs them.

One slurmctld, one munged and a slurmd per node, each under its own `host.py`. There are no control groups and no
accounting: jobs are seen with squeue (for five minutes after their end) and in the file of completed jobs.
"""

from __future__ import annotations

import atexit
import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TypedDict

import psutil

from tests.cluster import host
from tests.conftest import ENVIRONMENT

_NEEDED = ("slurmctld", "slurmd", "munged", "sbatch")
_CLIENTS = ("sbatch", "srun", "salloc", "scancel", "scontrol", "squeue", "sinfo", "sacct", "sacctmgr", "sstat", "sprio")
# Daemons are outside the PATH of an ordinary user; and the system's folders come first, for in the environment of
# another private cluster a client's name leads to its wrapper.
_WHERE = os.pathsep.join(["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", ENVIRONMENT.get("PATH", "")])
_PORTS = (20000, 32000)  # below those the kernel gives to outgoing connections (from 32768)
_PATIENCE_S = 90.0  # ends a test that hangs
_COMPLETED = re.compile(
    r"JobId=(?P<id>\S+) .*? Name=(?P<name>.*) JobState=(?P<state>\S+) .*"
    r"StartTime=(?P<start>\S+) EndTime=(?P<end>\S+) NodeList=(?P<node>\S*) "
)


class Partition(NamedTuple):
    """A queue; without nodes it has all of them."""

    name: str
    max_minutes: int
    nodes: tuple[str, ...] = ()


class Job(TypedDict):
    """A job as squeue tells it; `node` is empty before it starts."""

    id: str
    name: str
    state: str
    node: str
    workdir: str


class Completed(TypedDict):
    """One end of a job; a job that SLURM requeued has several. Times are local, None where it never started."""

    id: str
    name: str
    state: str
    node: str
    start: datetime | None
    end: datetime | None


def available() -> str:
    """Why SLURM cannot be started here; empty if it can."""
    missing = [name for name in _NEEDED if _program(name) is None]
    return f"not installed: {', '.join(missing)} (as root: envs/test_system.sh)" if missing else ""


class PrivateSlurm:
    """A cluster that lives as long as the context; all its files are below `folder`.

    `node_timeout_s` is SlurmdTimeout. A dead node is noticed 28 s after its crash with 10, 43 s with 20 (measured).
    """

    def __init__(
        self,
        folder: Path,
        nodes: int = 3,
        cpus: int = 2,
        memory_mb: int = 4000,
        partitions: Sequence[Partition] = (Partition("short", 5), Partition("long", 2880)),
        node_timeout_s: int = 20,
    ) -> None:
        self.folder = folder.resolve()
        self.nodes = tuple(f"n{i + 1}" for i in range(nodes))
        self.cpus, self.memory_mb = cpus, memory_mb
        self.partitions = tuple(partitions)
        self.node_timeout_s = node_timeout_s
        self._hosts: dict[str, subprocess.Popen[bytes]] = {}
        self._short: Path | None = None

    def __enter__(self) -> PrivateSlurm:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What tests ask for

    def environment(self) -> dict[str, str]:
        """For processes that are to use this cluster: its clients are first in PATH."""
        outside = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SLURM", "SBATCH"))}
        path = os.pathsep.join([str(self.folder / "bin"), ENVIRONMENT.get("PATH", os.defpath)])
        return {**outside, "PATH": path, "SLURM_CONF": str(self._link / "slurm.conf")}

    def run(self, *command: str) -> str:
        """What a command prints that runs in the cluster's environment and folder."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def submit(self, command: str, *options: str) -> str:
        """Number of a new job that runs the shell command."""
        return self.run("sbatch", "--parsable", *options, "--wrap", command).strip()

    def squeue(self) -> list[Job]:
        """All jobs, those included that ended in the last five minutes."""
        lines = self.run("squeue", "--noheader", "--states=all", "--format=%i\t%T\t%N\t%Z\t%j").splitlines()
        rows = [line.split("\t", 4) for line in lines]
        return [Job(id=i, name=name, state=state, node=node, workdir=folder) for i, state, node, folder, name in rows]

    def running_on(self, node: str) -> list[Job]:
        """Jobs that the controller believes to run on the node."""
        return [job for job in self.squeue() if job["state"] == "RUNNING" and job["node"] == node]

    def history(self) -> list[Completed]:
        """Ended jobs in the order in which they ended."""
        file = self.folder / "log" / "completed.txt"
        found = _COMPLETED.finditer(file.read_text()) if file.exists() else []
        return [
            Completed(
                id=m["id"],
                name=m["name"],
                state=m["state"],
                node=m["node"],
                start=_time(m["start"]),
                end=_time(m["end"]),
            )
            for m in found
        ]

    def node_states(self) -> dict[str, str]:
        """State of every node in lower case, as `idle`, `mixed`, `allocated`, `down`."""
        lines = self.run("sinfo", "--noheader", "--Node", "--format=%N %T").splitlines()
        return {node: state.rstrip("*") for node, state in (line.split() for line in lines)}

    def processes_on(self, node: str) -> list[psutil.Process]:
        """slurmd, the job steps and everything they started; empty after a crash."""
        if node not in self._hosts:
            return []
        try:
            tree = psutil.Process(self._hosts[node].pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [each for each in tree if host.running(each)]

    def kill_node(self, node: str) -> None:
        """The node crashes: SIGKILL to slurmd, its job steps and all their descendants."""
        self._switch_off(node)

    def revive_node(self, node: str) -> None:
        """The crashed node starts again, with none of its jobs; returns when it takes new ones."""
        if node in self._hosts:
            raise RuntimeError(f"{node} runs")
        # A node back before it was missed is still charged with its lost jobs, for minutes.
        self.wait_for(lambda: self.node_states()[node] == "down", f"{node} is down")
        self._start_node(node)
        self.wait_for(lambda: self.node_states()[node] == "idle", f"{node} is idle")

    def wait_for(self, condition: Callable[[], bool], what: str, timeout_s: float = _PATIENCE_S) -> None:
        """Return when it is so; the deadline is there to end a hung test, with the logs in its message."""
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"not within {timeout_s:.0f} s: {what}\n{self._logs()}")
            time.sleep(0.2)

    # Life of the processes

    def stop(self) -> None:
        """End every process of the cluster, jobs included."""
        # Nodes first: a controller without nodes is harmless, jobs without a controller go on.
        for name in reversed(list(self._hosts)):
            self._switch_off(name)
        if self._short is not None:
            shutil.rmtree(self._short)
            self._short = None
        atexit.unregister(self.stop)

    def _start(self) -> None:
        if reason := available():
            raise RuntimeError(reason)
        atexit.register(self.stop)
        for name in ("bin", "log", "munge", "run", "state"):
            (self.folder / name).mkdir(parents=True)
        # Paths of sockets may have 107 characters, and SLURM takes no blanks in them: the daemons reach the folder
        # through a short link.
        self._short = Path(tempfile.mkdtemp(prefix="mint-slurm-", dir="/tmp"))
        self._link.symlink_to(self.folder)
        self._write_key()
        self._write_wrappers()
        (self.folder / "slurm.conf").write_text("\n".join(self._configuration()) + "\n")
        at = self._link
        # Forced, for munged wants its socket to be within reach of all users; here it serves one.
        self._switch_on(
            "munged",
            "--foreground",
            "--force",
            "--num-threads=2",
            "--origin=127.0.0.1",
            f"--key-file={at}/munge/key",
            f"--socket={at}/run/munge",
            f"--pid-file={at}/run/munged.pid",
            f"--log-file={at}/log/munged.log",
            f"--seed-file={at}/munge/seed",
        )
        self.wait_for((self.folder / "run" / "munge").is_socket, "munged listens")
        self._switch_on("slurmctld", "-D", "-c")
        self.wait_for(lambda: "is UP" in self._ping(), "slurmctld answers")
        for node in self.nodes:
            self._start_node(node)
        self.wait_for(lambda: set(self.node_states().values()) == {"idle"}, "all nodes are idle")

    def _start_node(self, node: str) -> None:
        self._switch_on("slurmd", "-D", "-N", node, name=node)

    def _switch_on(self, daemon: str, *arguments: str, name: str = "") -> None:
        name = name or daemon
        with (self.folder / "log" / f"{name}.out").open("ab") as printed:
            # A session of its own: Ctrl-C at the terminal reaches pytest alone.
            self._hosts[name] = subprocess.Popen(
                [sys.executable, host.__file__, str(_program(daemon)), *arguments],
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
            )

    def _switch_off(self, name: str) -> None:
        # Any byte is the order; the host ends when it has killed all its descendants.
        self._hosts[name].communicate(b"x", timeout=_PATIENCE_S)
        del self._hosts[name]

    # Files

    @property
    def _link(self) -> Path:
        if self._short is None:
            raise RuntimeError("the cluster does not run")
        return self._short / "c"

    def _write_key(self) -> None:
        key = self.folder / "munge" / "key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))

    def _write_wrappers(self) -> None:
        # The job step of Snakemake's executor removes SLURM_CONF before its inner srun.
        for name in _CLIENTS:
            if program := _program(name):
                wrapper = self.folder / "bin" / name
                wrapper.write_text(f'#!/bin/sh\nexport SLURM_CONF="{self._link}/slurm.conf"\nexec {program} "$@"\n')
                wrapper.chmod(0o755)

    def _configuration(self) -> list[str]:
        at, here, user = self._link, socket.gethostname().split(".")[0], os.geteuid()
        port = _free_ports(1 + len(self.nodes))
        shape = f"CPUs={self.cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={self.cpus} ThreadsPerCore=1"
        return [
            f"ClusterName=mint{secrets.token_hex(4)}",
            f"SlurmctldHost={here}(127.0.0.1)",
            f"SlurmctldPort={port}",
            f"SlurmUser={user}",
            f"SlurmdUser={user}",
            "AuthType=auth/munge",
            f"AuthInfo=socket={at}/run/munge",
            f"StateSaveLocation={at}/state",
            f"SlurmctldPidFile={at}/run/slurmctld.pid",
            f"SlurmctldLogFile={at}/log/slurmctld.log",
            f"SlurmdSpoolDir={at}/run/%n",
            f"SlurmdPidFile={at}/run/%n.pid",
            f"SlurmdLogFile={at}/log/%n.log",
            # No control groups: they need root and a host that lends them.
            "ProctrackType=proctrack/linuxproc",
            "TaskPlugin=task/none",
            "MpiDefault=none",
            # Without control groups memory is limited by looking at it, once a second.
            "JobAcctGatherType=jobacct_gather/linux",
            "JobAcctGatherFrequency=task=1",
            "JobAcctGatherParams=OverMemoryKill",
            "SelectType=select/cons_tres",
            "SelectTypeParameters=CR_Core_Memory",
            f"DefMemPerCPU={self.memory_mb // self.cpus}",
            # Nodes are as large as said below, whatever the computer has.
            "SlurmdParameters=config_overrides",
            "AccountingStorageType=accounting_storage/none",
            "JobCompType=jobcomp/filetxt",
            f"JobCompLoc={at}/log/completed.txt",
            # squeue is the only source of a job's end.
            "MinJobAge=300",
            # A node that crashed is taken back as soon as it registers.
            "ReturnToService=2",
            f"SlurmdTimeout={self.node_timeout_s}",
            "InactiveLimit=0",
            "KillWait=3",
            "BatchStartTimeout=20",
            # A job that fits nowhere is refused when submitted, else it waits forever.
            "EnforcePartLimits=ALL",
            "SchedulerType=sched/backfill",
            # Hurry: by default jobs wait for the next round of half a minute.
            "SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2",
            *(
                f"NodeName={node} NodeHostname={here} NodeAddr=127.0.0.1 Port={port + 1 + i} {shape}"
                f" RealMemory={self.memory_mb} State=UNKNOWN"
                for i, node in enumerate(self.nodes)
            ),
            *(
                f"PartitionName={part.name} Nodes={','.join(part.nodes or self.nodes)} State=UP"
                f" Default={'YES' if i == 0 else 'NO'} MaxTime={part.max_minutes} DefaultTime={part.max_minutes}"
                for i, part in enumerate(self.partitions)
            ),
        ]

    def _ping(self) -> str:
        try:
            return self.run("scontrol", "ping")
        except RuntimeError:
            return ""

    def _logs(self) -> str:
        tails = (
            f"{file.name}: {file.read_text(errors='replace')[-600:]}"
            for file in sorted((self.folder / "log").glob("*.out"))
        )
        return "\n".join(tails)


def _program(name: str) -> str | None:
    return shutil.which(name, path=_WHERE)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text[0].isdigit() else None


def _free_ports(count: int) -> int:
    """First of `count` adjacent ports that nobody listens on; at random, for clusters may start side by side."""
    for _ in range(100):
        first = random.randrange(_PORTS[0], _PORTS[1] - count)
        if all(_is_free(first + i) for i in range(count)):
            return first
    raise RuntimeError(f"no {count} free adjacent ports between {_PORTS[0]} and {_PORTS[1]}")


def _is_free(port: int) -> bool:
    with socket.socket() as test:
        try:
            test.bind(("", port))
        except OSError:
            return False
    return True
