"""The benchmark as a target of the workflow: a job for each network and seed, none of them part of the default."""

from __future__ import annotations

import pytest

from mint.learning.benchmark.names import ABLATION_TITLES, FLOOR_TITLES, NETWORK_TITLES
from tests.workflow.conftest import Workspace

TRAININGS = 3 * len(NETWORK_TITLES) + len(ABLATION_TITLES)


@pytest.mark.parametrize("profile", ["local", "slurm"])
def test_full_size_benchmark_is_planned_with_a_job_for_each_training(fresh: Workspace, profile: str) -> None:
    fresh.configure({"benchmark.preset": "paper", "benchmark.gpu": True})
    if profile == "slurm":
        (fresh.folder / profile).symlink_to(f"profiles/{profile}")
    planned = fresh.planned("benchmark", "--profile", profile)
    assert planned["train"] == TRAININGS and planned["evaluate"] == TRAININGS + len(FLOOR_TITLES)
    assert (planned["features"], planned["finetune"], planned["benchmark"]) == (1, 2, 1)


def test_nothing_is_learned_by_default(fresh: Workspace) -> None:
    assert not {"features", "train", "evaluate", "finetune", "benchmark"} & set(fresh.planned())


def test_another_seed_or_preset_trains_again_and_a_changed_split_everything(workspace: Workspace) -> None:
    workspace.run("benchmark")
    assert not workspace.planned("benchmark")
    workspace.configure({"benchmark.seeds": 4})
    assert workspace.planned("benchmark")["train"] == len(NETWORK_TITLES)
    workspace.configure({"benchmark.seeds": 3, "benchmark.split": "people"})
    assert workspace.planned("benchmark")["features"] == 1


def test_an_unknown_network_is_refused_by_name(fresh: Workspace) -> None:
    fresh.configure({"benchmark.models": ["gpt"]})
    done = fresh.snakemake("benchmark", "--dry-run")
    assert done.returncode != 0 and "benchmark.models: gpt" in done.stdout + done.stderr
