"""The linear solvers: PARDISO gives IPOPT the same solutions as MUMPS; a missing one is said before any chunk."""

import ctypes
from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
import pytest
from scipy import sparse

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


@pytest.mark.skipif(not installed("mkl"), reason="MKL is optional: make pardiso")
@pytest.mark.parametrize("seed", range(5))
def test_pardiso_counts_negative_eigenvalues_of_badly_scaled_systems(seed, tmp_path):
    """A saddle point of positive curvature has as many as constraints, whatever the barrier adds to its diagonal."""
    rng = np.random.default_rng(seed)
    variables, constraints = 2000, 900
    first = np.arange(constraints) * variables // constraints
    rows, columns = np.repeat(np.arange(constraints), 3), np.repeat(first, 3) + rng.integers(0, 12, 3 * constraints)
    jacobian = (sparse.coo_array((rng.normal(size=len(rows)), (rows, columns % variables)), (constraints, variables))
                + sparse.coo_array((np.full(constraints, 2.0), (np.arange(constraints), first)), (constraints, variables)))
    jacobian = sparse.diags_array(10.0 ** rng.uniform(-3, 1, constraints)) @ jacobian
    curvature = sparse.diags_array(10.0 ** rng.uniform(-4, 9, variables))
    matrix = sparse.block_array([[curvature, jacobian.T], [jacobian, None]], format="csr")
    right = matrix @ rng.normal(size=variables + constraints)
    options = linear_solver_options(TrajectoryConfig(linear_solver="pardiso"), tmp_path)
    negative, found = factorized(ctypes.CDLL(options["pardisolib"]), matrix, right)
    assert negative == constraints
    np.testing.assert_allclose(matrix @ found, right, rtol=0, atol=1e-9 * np.abs(right).max())


def factorized(bridge, matrix, right):
    """Negative eigenvalues and solution, in the way of IPOPT's calls: the upper triangle with its whole diagonal."""
    upper = sparse.triu(matrix + sparse.eye_array(len(right)), format="csr")
    upper.sort_indices()
    upper.data[upper.indptr[:-1]] = matrix.diagonal()
    parts = [upper.data, (upper.indptr + 1).astype(np.int32), (upper.indices + 1).astype(np.int32)]
    memory, control, work = (ctypes.c_void_p * 64)(), (ctypes.c_int * 64)(), (ctypes.c_double * 64)()
    error, solution, spare = ctypes.c_int(), right.copy(), np.zeros_like(right)

    def integer(value):
        return ctypes.byref(ctypes.c_int(value))

    def pointer(array):
        return array.ctypes.data_as(ctypes.c_void_p)

    symmetric, count, negative = integer(-2), integer(len(right)), -1
    bridge.pardisoinit(memory, symmetric, integer(0), control, work, ctypes.byref(error))
    for phase in (12, 33, -1):
        bridge.pardiso(memory, integer(1), integer(1), symmetric, integer(phase), count, *map(pointer, parts), None,
                       integer(1), control, integer(0), pointer(solution), pointer(spare), ctypes.byref(error), work)
        assert error.value == 0
        negative = control[22] if phase == 12 else negative
    return negative, solution
