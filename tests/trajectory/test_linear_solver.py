"""The linear solvers: PARDISO gives IPOPT the same solutions as MUMPS; a missing one is said before any chunk."""

from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
import pytest

from mint.config.trajectory import TrajectoryConfig
from mint.trajectory import linear_solver
from mint.trajectory.attempts import Attempts
from mint.trajectory.legs import solve_joint
from mint.trajectory.linear_solver import LinearSolverError, linear_solver_options
from tests.trajectory.test_joint import legs, swinging_arm


def installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


@pytest.mark.skipif(not installed("mkl"), reason="MKL is optional: make pardiso")
def test_pardiso_and_mumps_take_the_same_steps(block, tmp_path):
    found = {}
    for name in ("mumps", "pardiso"):
        config = TrajectoryConfig(linear_solver=name)
        case = swinging_arm(block, 40, config=config)
        attempts = Attempts(linear_solver_options(config, tmp_path))
        solution = solve_joint(case, legs(case, 300.0), attempts)
        found[name] = attempts.rows[-1].iterations, solution
    assert solution.formulation == "joint" and found["mumps"][0] == found["pardiso"][0]
    for side, muscles in found["mumps"][1].muscles.items():
        np.testing.assert_allclose(found["pardiso"][1].muscles[side].activation, muscles.activation, atol=1e-6)


@pytest.mark.parametrize(("missing", "message"), [("mkl", "package mkl is not installed: `make pardiso`"),
                                                  ("gcc", "needs a C compiler: install gcc")])
def test_a_missing_part_of_pardiso_is_named_with_its_remedy(missing, message, tmp_path, monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    if missing == "mkl":
        monkeypatch.setattr(linear_solver, "distribution", absent)
    config = TrajectoryConfig(linear_solver="pardiso", use_compiler=missing != "gcc")
    with pytest.raises(LinearSolverError, match=message):
        linear_solver_options(config, tmp_path)
