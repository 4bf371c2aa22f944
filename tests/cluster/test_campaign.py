"""A campaign on a real SLURM survives what clusters do to it, and ends with the dataset of an undisturbed run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.campaign import RESUME, Campaign, kill
from tests.cluster.private_slurm import Partition, PrivateSlurm, available


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSlurm]:
    if available():
        pytest.skip(available())
    with PrivateSlurm(
        tmp_path_factory.mktemp("cluster"),
        nodes=4,
        memory_mb=14000,
        partitions=(Partition("short", 300), Partition("long", 2880)),
        node_timeout_s=10,
    ) as cluster:
        yield cluster


def test_an_undisturbed_campaign_computes_everything_once(undisturbed: Campaign) -> None:
    assert set(undisturbed.computed()) == undisturbed.members()
    assert set(undisturbed.computed().values()) == {1}
    assert set(undisturbed.dataset()) == set(undisturbed.plan()["sequences"])


def test_time_out_memory_crash_of_a_node_and_a_killed_snakemake_cost_no_result(
    slurm: PrivateSlurm, undisturbed: Campaign, tmp_path: Path
) -> None:
    campaign = Campaign(tmp_path / "checkout")
    chunks = {name: members for name, members in undisturbed.batches()["chunks"].items()}
    (slow,) = (members[-1] for name, members in chunks.items() if name == "D-two.000")
    (fat,) = (members[-1] for name, members in chunks.items() if name == "D-three.000")
    (held,) = (members[-1] for name, members in chunks.items() if name == "D-one.000")
    campaign.fault("trajectory", slow, "hang")
    campaign.fault("trajectory", fat, "memory")
    campaign.fault("support", held, "hang")
    campaign.fault("merge", "c", "hang")
    process = campaign.start(slurm)
    try:
        campaign.wait_for(lambda: campaign.has_begun("support", held), "a job of D-one hangs")
        # The node crashes last: a job that is on it by chance would be lost with it instead of in its own way.
        campaign.wait_for(lambda: campaign.has_begun("trajectory", slow), "a job of D-two hangs")
        for job in jobs_of(slurm, campaign, slow):
            slurm.run("scontrol", "update", f"JobId={job}", "TimeLimit=1")
        campaign.wait_for(
            lambda: bool({"FAILED", "OUT_OF_MEMORY"} & states(slurm)), "a job of D-three runs out of memory"
        )
        campaign.wait_for(lambda: "TIMEOUT" in states(slurm), "the job of D-two has had its time")
        crashed = node_of(slurm, campaign, held)
        slurm.kill_node(crashed)
        kept = [campaign.kept()]
        campaign.wait_for(lambda: campaign.has_begun("merge", "c"), "D-two was computed and its merge hangs")
    finally:
        kill(process)
    kept.append(campaign.kept())
    assert [job for job in slurm.squeue() if job["state"] in ("RUNNING", "PENDING")], "no orphan to deal with"
    campaign.finish(slurm, RESUME)
    ends = states(slurm)
    assert {"TIMEOUT", "NODE_FAIL"} <= ends and ends & {"FAILED", "OUT_OF_MEMORY"}, slurm.history()
    assert not [
        job
        for job in slurm.squeue()
        if job["state"] not in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")
    ]
    computed = campaign.computed()
    assert set(computed) == campaign.members()
    for before in kept:
        assert {name: computed[name] for name in before} == before, "finished members were computed again"
    # Node, time limit, memory and the kill each cost at most the member between its result and its trace.
    assert computed.total() - len(computed) <= 4
    assert campaign.dataset() == undisturbed.dataset()


def states(slurm: PrivateSlurm) -> set[str]:
    """How jobs have ended so far."""
    return {job["state"] for job in slurm.history()}


def jobs_of(slurm: PrivateSlurm, campaign: Campaign, member: str) -> list[str]:
    """SLURM jobs that run a batch with that member."""
    batch = next(name for name, members in campaign.batches()["chunks"].items() if member in members)
    return [
        job["id"]
        for job in slurm.squeue()
        if job["state"] == "RUNNING" and f"chunks:batch={batch}" in script(slurm, job["id"])
    ]


def node_of(slurm: PrivateSlurm, campaign: Campaign, member: str) -> str:
    (job,) = jobs_of(slurm, campaign, member)
    return next(each["node"] for each in slurm.squeue() if each["id"] == job)


def script(slurm: PrivateSlurm, job: str) -> str:
    """The script of a job, which names its targets."""
    return slurm.run("scontrol", "write", "batch_script", job, "-")
