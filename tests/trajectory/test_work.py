"""What becomes of a chunk depends on its motion and the settings: work is counted, and a busy machine changes nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mint.config.project import load_project
from mint.config.rescue import RescueAttempt, RescueConfig
from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError
from mint.trajectory.attempts.ladder import rough_motion
from mint.trajectory.attempts.legs import solve_joint
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.solvers import least_squares
from tests.trajectory.test_joint import CONFIG, legs, swinging_arm

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def load(core: int) -> Iterator[list[subprocess.Popen]]:
    """Two processes that do nothing but take that core from others."""
    command = ["taskset", "--cpu-list", str(core), sys.executable, "-c", "while True: pass"]
    burners = [subprocess.Popen(command) for _ in range(2)]
    try:
        yield burners
    finally:
        for each in burners:
            each.kill()
            each.wait()


def solved(cache: Path, core: int, work_limit: int = 0, seed: int = 0) -> dict:
    """A chunk solved in a process that has only this core."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": str(seed),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'workflow'}",
    }
    command = [
        "taskset",
        "--cpu-list",
        str(core),
        sys.executable,
        "-m",
        "tests.trajectory.solved_arm",
        str(cache),
        str(work_limit),
    ]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def core() -> int:
    return max(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def alone(core, tmp_path_factory) -> tuple[dict, Path]:
    cache = tmp_path_factory.mktemp("cache")
    return solved(cache, core), cache


def test_a_chunk_ends_with_the_same_numbers_beside_a_load_that_takes_its_core(alone, core):
    """To the last bit: status, iterations, violations and solution; also with other hashes and addresses."""
    expected, cache = alone
    assert expected["reason"] == "none" and len(expected["rows"]) >= 3
    with load(core) as burners:
        found = solved(cache, core, seed=1)
        assert all(each.poll() is None for each in burners)
    assert found == expected


def test_a_chunk_out_of_work_ends_at_the_same_iteration_beside_a_load(alone, core):
    expected, cache = alone
    limit = expected["work"] * 2 // 3
    first = solved(cache, core, limit)
    with load(core):
        second = solved(cache, core, limit, seed=1)
    assert first == second
    assert first["reason"] == "work_limit" and first["work"] <= limit
    before, after = first["rows"][:-1], first["rows"][-1]
    assert (
        before == expected["rows"][: len(before)] and after["iterations"] <= expected["rows"][len(before)]["iterations"]
    )


def test_work_that_suffices_changes_no_number(block):
    case = swinging_arm(block, 20)
    free, limited = Attempts(), Attempts()
    muscled = legs(case, 500.0)
    one = solve_joint(case, muscled, free)
    limited.work_limit = free.work
    two = solve_joint(swinging_arm(block, 20), legs(case, 500.0), limited)
    assert [(row.rung, row.iterations, row.constraint_violation) for row in free.rows] == [
        (row.rung, row.iterations, row.constraint_violation) for row in limited.rows
    ]
    np.testing.assert_array_equal(one.motion.z, two.motion.z)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_chunk_never_takes_more_than_its_work_and_says_where_it_ended(block, share):
    case = swinging_arm(block, 20)
    free = Attempts()
    solve_joint(case, legs(case, 500.0), free)
    limited = Attempts(work_limit=int(share * free.work))
    with pytest.raises(StageError) as failure:
        solve_joint(case, legs(case, 500.0), limited)
    assert failure.value.reason is Reason.WORK_LIMIT
    assert limited.work <= limited.work_limit and limited.iterations < free.iterations
    assert f"({limited.iterations} iterations of {len(limited.rows)} attempts)" in failure.value.detail
    if limited.rows:
        assert f"{limited.rows[-1].rung}/{limited.rows[-1].formulation}" in failure.value.detail
    assert [row.rung for row in limited.rows] == [row.rung for row in free.rows[: len(limited.rows)]]


def test_the_last_resort_is_no_way_around_the_limit(block):
    """A motion that finds no start goes on with the last resort only if it has work left."""
    impossible = CONFIG.model_copy(
        update={"rough_iterations": 1, "rough_polish_iterations": 1, "rough_violation": 1e-9}
    )
    case, free = swinging_arm(block, 20, config=impossible), Attempts()
    solve_joint(case, legs(case, 500.0), free)
    assert free.rows[-1].rung == "joint_cold"
    rough = sum(row.iterations for row in free.rows[:-1]) * case.problem(impossible.rungs[0]).size
    limited = Attempts(work_limit=rough)
    with pytest.raises(StageError) as failure:
        solve_joint(case, legs(case, 500.0), limited)
    assert failure.value.reason is Reason.WORK_LIMIT
    assert "joint_cold" not in [row.rung for row in limited.rows]


def test_least_squares_take_no_more_linear_systems_than_they_may(block):
    case = swinging_arm(block, 20)
    problem = case.problem(case.config.rungs[0])
    bounds = problem.bounds(case.tree, case.reach)
    free = least_squares.solve(problem, problem.start(), *bounds, 1e-14, 100).iterations
    assert free > 5
    assert least_squares.solve(problem, problem.start(), *bounds, 1e-14, free - 2).iterations == free - 2


def test_a_work_limit_belongs_to_each_chunk_and_the_skeleton_takes_its_part(block):
    case, attempts = swinging_arm(block, 20), Attempts()
    rough_motion(case, attempts)
    size = case.problem(case.config.rungs[0]).size
    assert attempts.work == attempts.iterations * size > 0


def test_a_guard_of_seconds_is_far_beyond_the_work():
    """Settings under which seconds would decide are refused, with both values."""
    for config in (TrajectoryConfig(), *(TrajectoryConfig(**each.settings) for each in RescueConfig().attempts)):
        assert config.work_limit >= 16
    with pytest.raises(
        ValueError, match=r"chunk_deadline_s 100 guards against a hang: at least 3200 s for trajectory.work_limit 16"
    ):
        load_project({"limits": {"chunk_deadline_s": 100}})
    with pytest.raises(ValueError, match="deadline_s 100 of attempt x guards against a hang"):
        RescueAttempt(name="x", deadline_s=100, settings={})
    assert RescueAttempt(name="x", settings={"cold_iterations": 9}).settings == {
        "work_limit": 160.0,
        "cold_iterations": 9,
    }
