"""The private SLURM behaves as a cluster does: it runs, limits, crashes, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cluster import host
from tests.cluster.private_slurm import Job, Partition, PrivateSlurm, available
from tests.conftest import ENVIRONMENT, ROOT

pytestmark = pytest.mark.skipif(available() != "", reason=available())
# In the background, and in a session of its own: what a step that looks only at its process group would miss.
DETACHED = "setsid sleep 1000 & sleep 1000"


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSlurm]:
    with PrivateSlurm(tmp_path_factory.mktemp("cluster") / "with a blank", node_timeout_s=10) as cluster:
        yield cluster


def job(slurm: PrivateSlurm, number: str) -> Job:
    return next(each for each in slurm.squeue() if each["id"] == number)


def ended(slurm: PrivateSlurm, number: str) -> str:
    """State in which the job ended."""
    slurm.wait_for(lambda: job(slurm, number)["state"] not in ("PENDING", "RUNNING", "COMPLETING"), f"{number} ended")
    return job(slurm, number)["state"]


def start_detached(slurm: PrivateSlurm, node: str) -> list[psutil.Process]:
    """All processes of the node once the job's two are among them."""
    slurm.submit(DETACHED, "--nodelist", node, "--no-requeue")
    slurm.wait_for(lambda: len(sleeping(slurm.processes_on(node))) == 2, f"the job runs on {node}")
    return slurm.processes_on(node)


def sleeping(processes: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for each in processes:
        try:
            if each.name() == "sleep":
                found.append(each)
        except psutil.NoSuchProcess:
            pass
    return found


def test_every_node_runs_jobs_to_their_end(slurm: PrivateSlurm) -> None:
    jobs = {
        node: slurm.submit("echo $SLURMD_NODENAME", f"--nodelist={node}", f"--job-name=on {node}", f"--output={node}")
        for node in slurm.nodes
    }
    assert len(jobs) == 3
    for node, number in jobs.items():
        assert ended(slurm, number) == "COMPLETED"
        assert (slurm.folder / node).read_text().strip() == node
        assert job(slurm, number) == Job(
            id=number, name=f"on {node}", state="COMPLETED", node=node, workdir=str(slurm.folder)
        )
    past = {each["id"]: each for each in slurm.history()}
    for node, number in jobs.items():
        assert (past[number]["node"], past[number]["state"], past[number]["name"]) == (node, "COMPLETED", f"on {node}")
        start, end = past[number]["start"], past[number]["end"]
        assert start is not None and end is not None and start <= end


def test_a_step_inside_a_job_finds_the_cluster_without_its_variables(slurm: PrivateSlurm) -> None:
    """As the job step of Snakemake's executor starts its srun."""
    number = slurm.submit("unset SLURM_CONF; srun --ntasks=1 echo in a step", "--output=step")
    assert ended(slurm, number) == "COMPLETED"
    assert (slurm.folder / "step").read_text() == "in a step\n"


def test_a_job_over_its_memory_limit_is_killed(slurm: PrivateSlurm) -> None:
    code = "import time; held = bytearray(300_000_000); time.sleep(1000)"
    # Without control groups the state is FAILED, not OUT_OF_MEMORY.
    assert ended(slurm, slurm.submit(f"{sys.executable} -c '{code}'", "--mem=100")) == "FAILED"


def test_an_impossible_job_is_refused(slurm: PrivateSlurm) -> None:
    with pytest.raises(RuntimeError, match="can not be satisfied"):
        slurm.submit("true", "--mem=5000")


def test_a_crashed_node_loses_its_processes_and_comes_back(slurm: PrivateSlurm) -> None:
    processes = start_detached(slurm, "n2")
    number = slurm.running_on("n2")[0]["id"]
    slurm.kill_node("n2")
    assert not any(host.running(each) for each in processes)
    assert slurm.processes_on("n2") == []
    slurm.wait_for(lambda: slurm.node_states()["n2"] == "down", "n2 is down")
    assert slurm.node_states()["n1"] == slurm.node_states()["n3"] == "idle"
    assert job(slurm, number)["state"] == "NODE_FAIL"
    assert slurm.running_on("n2") == []
    slurm.revive_node("n2")
    assert ended(slurm, slurm.submit("true", "--nodelist=n2")) == "COMPLETED"


def test_a_second_cluster_leaves_nothing_behind_even_after_an_error(slurm: PrivateSlurm, tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        PrivateSlurm(tmp_path / "second", nodes=2, partitions=[Partition("only", 5, ("n2",))]) as second,
    ):
        processes = start_detached(second, "n2") + second.processes_on("n1")
        own = second.environment()["SLURM_CONF"]
        raise ZeroDivisionError
    assert not any(host.running(each) for each in processes)
    assert not using(own)
    assert not Path(own).parent.is_symlink()
    assert ended(slurm, slurm.submit("true")) == "COMPLETED"


def test_a_killed_owner_takes_its_cluster_along(tmp_path: Path) -> None:
    """pytest can be killed, and then no clause and no handler runs."""
    code = (
        "import sys, time; from pathlib import Path; from tests.cluster import test_private_slurm as test\n"
        "with test.PrivateSlurm(Path(sys.argv[1]), nodes=1) as slurm:\n"
        "    test.start_detached(slurm, 'n1')\n"
        "    print(slurm.environment()['SLURM_CONF'], flush=True); time.sleep(1000)"
    )
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'workflow'}"}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "cluster")], env=environment, text=True, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        own = owner.stdout.readline().strip()
        names = {each.name() for each in using(own)}
        owner.kill()
    assert {"munged", "slurmctld", "slurmd", "sleep"} <= names
    for _ in range(300):
        if not using(own):
            break
        time.sleep(0.1)
    assert not using(own)
    # All that such an end leaves is the short link.
    Path(own).parent.unlink()
    Path(own).parent.parent.rmdir()


def using(configuration: str) -> list[psutil.Process]:
    """Processes on this computer that have the cluster's configuration in their environment."""
    found = []
    for each in psutil.process_iter():
        try:
            if each.environ().get("SLURM_CONF") == configuration and host.running(each):
                found.append(each)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            pass
    return found
