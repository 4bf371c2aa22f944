"""The linear solvers: PARDISO gives IPOPT the same solutions as MUMPS; a missing one is said before any chunk."""

import ctypes
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from mint.config.trajectory import TrajectoryConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.trajectory import stage
from mint.trajectory.attempts.legs import solve_joint
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.compiled.toolchain import Toolchain, find_toolchain
from mint.trajectory.mesh.blocks import load_or_build
from mint.trajectory.model.tree import build_tree
from mint.trajectory.solvers import linear_solver as solvers
from mint.trajectory.solvers.linear_solver import linear_solver
from tests.trajectory import models
from tests.trajectory.test_joint import legs, swinging_arm


def include() -> list[str]:
    return [f"-I{solvers._installed('casadi', 'dmumps_c.h').parent}"]


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
        attempts = Attempts(linear_solver(config, tmp_path).options)
        solution = solve_joint(case, legs(case, 300.0), attempts)
        found[name] = attempts.rows[-1].iterations, solution
    assert found["mumps"][0] == found["pardiso"][0]
    for side, muscles in found["mumps"][1].muscles.items():
        np.testing.assert_allclose(found["pardiso"][1].muscles[side].activation, muscles.activation, atol=1e-6)


@pytest.mark.parametrize(
    ("missing", "message"),
    [("mkl", "package mkl is not installed: `make pardiso`"), ("gcc", "needs a C compiler: install gcc")],
)
def test_a_missing_part_of_pardiso_is_named_with_its_remedy(missing, message, tmp_path, monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    if missing == "mkl":
        monkeypatch.setattr(solvers, "distribution", absent)
    config = TrajectoryConfig(linear_solver="pardiso", use_compiler=missing != "gcc")
    with pytest.raises(StageError, match=message) as failure:
        linear_solver(config, tmp_path)
    assert failure.value.reason is Reason.SOLVER_SETUP


@pytest.mark.skipif(not installed("mkl"), reason="MKL is optional: make pardiso")
@pytest.mark.parametrize("seed", range(5))
def test_pardiso_counts_negative_eigenvalues_of_badly_scaled_systems(seed, tmp_path):
    """A saddle point of positive curvature has as many as constraints, whatever the barrier adds to its diagonal, and
    where that changes from one matrix to the next."""
    rng = np.random.default_rng(seed)
    variables, constraints = 2000, 900
    first = np.arange(constraints) * variables // constraints
    rows, columns = np.repeat(np.arange(constraints), 3), np.repeat(first, 3) + rng.integers(0, 12, 3 * constraints)
    jacobian = sparse.coo_array(
        (rng.normal(size=len(rows)), (rows, columns % variables)), (constraints, variables)
    ) + sparse.coo_array((np.full(constraints, 2.0), (np.arange(constraints), first)), (constraints, variables))
    jacobian = sparse.diags_array(10.0 ** rng.uniform(-3, 1, constraints)) @ jacobian
    exponents = rng.uniform(-4, 9, variables)

    def system():
        drift = jacobian * rng.uniform(0.9, 1.1)  # IPOPT's matrices differ beyond their diagonal
        return sparse.block_array([[sparse.diags_array(10.0**exponents), drift.T], [drift, None]], format="csr")

    options = linear_solver(TrajectoryConfig(linear_solver="pardiso"), tmp_path).options
    matrix = system()
    right = matrix @ rng.normal(size=variables + constraints)
    with Factorizations(ctypes.CDLL(options["pardisolib"]), matrix) as factorizations:
        assert factorizations.negative(matrix) == constraints
        found = factorizations.solution(right)
        np.testing.assert_allclose(matrix @ found, right, rtol=0, atol=1e-9 * np.abs(right).max())
        for _ in range(3):
            exponents = np.clip(exponents + rng.normal(scale=3.0, size=variables), -4, 7)
            assert factorizations.negative(system()) == constraints


@pytest.mark.skipif(not installed("mkl"), reason="MKL is optional: make pardiso")
def test_trials_without_a_correction_are_left_out_after_some_in_vain_and_never_the_corrected(tmp_path):
    """One, two, ... four in a row are left out after each trial in vain; one that is not starts anew."""
    size, untried = 20, 20  # an answer of "all negative" was not computed
    options = linear_solver(TrajectoryConfig(linear_solver="pardiso"), tmp_path).options
    generator = np.random.default_rng(3)

    def system(first):
        upper = sparse.diags_array(np.r_[first, np.full(size - 1, 2.0)]).tolil()
        upper[0, 1:] = upper[1:, 0] = 0.01 * generator.normal(size=size - 1)
        return upper.tocsr()

    answers = []
    with Factorizations(ctypes.CDLL(options["pardisolib"]), system(-1.0)) as factorizations:
        for _ in range(20):
            matrix = system(-1.0)
            answers.append(factorizations.negative(matrix))
            corrected = matrix + 2.0 * sparse.eye_array(size)
            assert factorizations.negative(corrected) == 0
            np.testing.assert_allclose(corrected @ factorizations.solution(np.ones(size)), np.ones(size))
        assert answers == [1, untried, 1, *2 * [untried], 1, *3 * [untried], 1, *4 * [untried], 1, *4 * [untried], 1]
        convex = [factorizations.negative(system(1.0)) for _ in range(6)]
        assert convex == [*4 * [untried], 0, 0]
        assert [factorizations.negative(system(-1.0)), factorizations.negative(system(1.0))] == [1, 0]


class Factorizations:
    """PARDISO in the way of IPOPT's calls, for matrices of one sparsity: the upper triangle with its whole diagonal."""

    def __init__(self, bridge, matrix):
        self.bridge, self.size = bridge, matrix.shape[0]
        self.memory, self.control, self.work = (ctypes.c_void_p * 64)(), (ctypes.c_int * 64)(), (ctypes.c_double * 64)()
        self.matrix = matrix

    def __enter__(self):
        self.bridge.pardisoinit(
            self.memory, self._integer(-2), self._integer(0), self.control, self.work, ctypes.byref(ctypes.c_int())
        )
        self._call(11)
        return self

    def __exit__(self, *_):
        self._call(-1)

    def negative(self, matrix):
        """Negative eigenvalues that factorizing gives."""
        self.matrix = matrix
        self._call(22)
        return self.control[22]

    def solution(self, right):
        return self._call(33, right.copy())

    @staticmethod
    def _integer(value):
        return ctypes.byref(ctypes.c_int(value))

    def _call(self, phase, right=None):
        pattern = sparse.triu(abs(self.matrix) + sparse.eye_array(self.size), format="csr")
        pattern.sort_indices()
        pattern.data = self.matrix.tocsr()[*pattern.nonzero()]
        right = np.zeros(self.size) if right is None else right
        parts = [pattern.data, (pattern.indptr + 1).astype(np.int32), (pattern.indices + 1).astype(np.int32)]
        one, error, spare = self._integer(1), ctypes.c_int(), np.zeros(self.size)
        values, rows, columns, b, x = (a.ctypes.data_as(ctypes.c_void_p) for a in (*parts, right, spare))
        self.bridge.pardiso(
            self.memory,
            one,
            one,
            self._integer(-2),
            self._integer(phase),
            self._integer(self.size),
            values,
            rows,
            columns,
            None,
            one,
            self.control,
            self._integer(0),
            b,
            x,
            ctypes.byref(error),
            self.work,
        )
        assert error.value == 0
        return right


def test_trials_are_left_out_alike_for_every_solver(tmp_path):
    """`trials.h` alone, which both solvers share: which of a sequence of matrices are left out."""
    source = tmp_path / "trials.c"
    source.write_text(
        '#include "trials.h"\n'
        "static trials_t all;\n"
        "void begin(int n) { trials_begin(&all, n); all.diagonal[0] = 1; }\n"
        "int answer(const double *values) { return trial(&all, values); }\n"
    )
    header = Path(solvers.__file__).parent
    subprocess.run(["gcc", "-shared", "-fPIC", f"-I{header}", source, "-o", tmp_path / "trials.so"], check=True)
    library = ctypes.CDLL(str(tmp_path / "trials.so"))
    library.begin(3)
    corrected, tried, left_out = range(3)

    def answer(diagonal, rest):
        return library.answer((ctypes.c_double * 3)(diagonal, rest, -rest))

    found = []
    for step in range(1, 21):
        found.append(answer(1.0, step))
        assert answer(2.0, step) == corrected
    assert found == [
        tried,
        left_out,
        tried,
        *2 * [left_out],
        tried,
        *3 * [left_out],
        tried,
        *4 * [left_out],
        tried,
        *4 * [left_out],
        tried,
    ]
    convex = [answer(1.0, step) for step in range(21, 28)]  # no correction is asked for
    assert convex == [*4 * [left_out], *3 * [tried]]


@pytest.mark.parametrize("triangle", ["U", "L"])
@pytest.mark.parametrize(("turned", "beta"), [("NN", 1.0), ("TN", 0.0), ("NT", 0.5), ("TT", 1.0)])
@pytest.mark.parametrize("size", [1, 32, 75])
def test_a_triangle_of_a_product_is_that_of_numpy(triangle, turned, beta, size, tmp_path):
    """Through the interface of Fortran, with leading dimensions larger than the matrices."""
    rng = np.random.default_rng(size)
    library = ctypes.CDLL(str(solvers._built("mumps.c", TrajectoryConfig(), tmp_path, *include())))
    assert library.mint_load_blas(str(solvers._installed("scipy", r"libscipy_openblas-\w+\.so")).encode())
    inner = 20

    def matrix(rows, columns):
        return np.asfortranarray(rng.normal(size=(rows + 3, columns)))[:rows]

    a, b = (
        matrix(*((size, inner), (inner, size))[turned[0] == "T"]),
        matrix(*((inner, size), (size, inner))[turned[1] == "T"]),
    )
    c = matrix(size, size)
    before = c.copy()
    if beta == 0.0:
        c[:] = np.nan  # is not read
    product = -0.7 * (a.T if turned[0] == "T" else a) @ (b.T if turned[1] == "T" else b)
    numbers = [ctypes.byref(ctypes.c_int(value)) for value in (size, inner, size + 3, inner + 3)]
    leading = {"N": numbers[2], "T": numbers[3]}[turned[0]], {"N": numbers[3], "T": numbers[2]}[turned[1]]
    scalars = [ctypes.byref(ctypes.c_double(value)) for value in (-0.7, beta)]
    library.dgemmt_(
        triangle.encode(),
        turned[:1].encode(),
        turned[1:].encode(),
        *numbers[:2],
        scalars[0],
        a.ctypes,
        leading[0],
        b.ctypes,
        leading[1],
        scalars[1],
        c.ctypes,
        numbers[2],
    )
    written = np.triu(np.ones((size, size), bool)) if triangle == "U" else np.tril(np.ones((size, size), bool))
    np.testing.assert_allclose(c[written], (product + (beta * before if beta else 0.0))[written], rtol=0, atol=1e-12)
    if beta:
        np.testing.assert_array_equal(c[~written], before[~written])


def test_mumps_and_ipopt_take_what_makes_them_fast(tmp_path):
    """The dynamic linker itself says which function it gave to MUMPS; IPOPT then solves with it."""
    program = (
        "import sys\n"
        "from mint.config.trajectory import TrajectoryConfig\n"
        "from mint.trajectory.solvers.linear_solver import linear_solver\n"
        "options = linear_solver(TrajectoryConfig(), sys.argv[1]).options\n"
        "import casadi as ca\n"
        "x = ca.SX.sym('x', 2)\n"
        "solve = ca.nlpsol('s', 'ipopt', {'x': x, 'f': ca.sumsqr(x - 3), 'g': x[0] + x[1]},\n"
        "                  {'print_time': False, 'ipopt': {**options, 'print_level': 0}})\n"
        "assert abs(float(solve(x0=0, lbg=2, ubg=2)['x'][0]) - 1) < 1e-6\n"
    )
    environment = {**os.environ, "LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(tmp_path / "bound")}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=True)
    lines = [line for path in tmp_path.glob("bound*") for line in path.read_text().splitlines()]
    for name, user in (
        ("dgemm_", "coinmumps"),
        ("dgemmt_", "coinmumps"),
        ("dtrsm_", "coinmumps"),
        ("dmumps_c", "ipopt"),
    ):
        bound = [line for line in lines if f"`{name}'" in line and re.search(rf"binding file \S*lib{user}\.so", line)]
        assert bound and all(re.search(r" to \S*/mumps_\w+\.so ", line) for line in bound), bound


def in_a_process(program: str, *arguments: object) -> str:
    """What a program prints in a process that has loaded no solver yet."""
    start = (
        "import sys\nfrom pathlib import Path\nfrom mint.config.trajectory import TrajectoryConfig\n"
        "from mint.trajectory.solvers import linear_solver as solvers\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", start + program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ASK = "print(solvers.linear_solver(TrajectoryConfig(), sys.argv[1]).warning)\n"


def test_a_fast_mumps_has_nothing_to_say(tmp_path):
    assert in_a_process(ASK, tmp_path) == ""


def test_functions_that_were_bound_elsewhere_are_noticed_and_said(tmp_path):
    """As with another layout of the wheels: the library is there, is loaded, and nobody calls it."""
    before = (
        "import casadi as ca\nx = ca.MX.sym('x')\n"
        "ca.nlpsol('s', 'ipopt', {'x': x, 'f': x**2}, {'print_time': False, 'ipopt': {'print_level': 0, 'sb': 'yes'}})(x0=1)\n"
    )
    said = in_a_process(before + ASK, tmp_path)
    assert said.startswith(
        "MUMPS without what makes it fast: matrix products and factorizations go elsewhere in casadi "
    )
    assert "slower, and the same results within tolerances only" in said


@pytest.mark.parametrize(
    ("package", "pattern"),
    [("scipy", "libscipy_openblas"), ("casadi", "libcoinmumps"), ("casadi", "libipopt"), ("casadi", "dmumps_c")],
)
def test_a_file_that_a_wheel_no_longer_has_is_named(package, pattern, tmp_path):
    without = (
        "real = solvers._installed\n"
        f"solvers._installed = lambda package, file: None if file.startswith('{pattern}') else real(package, file)\n"
    )
    said = in_a_process(without + ASK, tmp_path)
    assert re.match(f"MUMPS without what makes it fast: {package} [0-9.]+ has no file {pattern}", said), said


def test_without_a_compiler_mumps_is_slow_and_says_so(tmp_path):
    said = in_a_process(
        "print(solvers.linear_solver(TrajectoryConfig(compiler='no-such-compiler'), sys.argv[1]).warning)", tmp_path
    )
    assert "no C compiler" in said and not list(tmp_path.iterdir())


def broken_compiler(folder: Path, answers: bool = True) -> str:
    """A compiler that tells its version, or not even that, and fails."""
    path = folder / "broken-gcc"
    version_text = 'case "$1" in --version) echo "broken-gcc 1.0"; exit 0;; esac\n' if answers else ""
    path.write_text(f"#!/bin/sh\n{version_text}echo 'fatal error: stdlib.h: No such file' >&2\nexit 1\n")
    path.chmod(0o755)
    return str(path)


def written(folder: Path) -> dict[str, str]:
    """Upstream results of a chunk that may be solved, as arguments of the stage; no more than it reads before."""
    out = {}
    for name in ("ik", "support", "muscle_paths"):
        Bundle.of(name, {}).write(folder / f"{name}.npz")
        out[f"{name}_path"] = str(folder / f"{name}.npz")
    return {**out, "leg_model_path": str(folder / "leg.json"), "output": str(folder / "trajectory.npz")}


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("linear_solver", ["mumps", "pardiso"])
def test_a_compiler_that_fails_is_a_status_with_a_remedy(answers, linear_solver, tmp_path, monkeypatch):
    monkeypatch.setattr(solvers, "_of_this_process", [])
    config = TrajectoryConfig(compiler=broken_compiler(tmp_path, answers), linear_solver=linear_solver)
    status = stage.run(**written(tmp_path), cache=tmp_path / "cache", config=config).status
    assert (
        status.reason is Reason.SOLVER_SETUP
        and "broken-gcc" in status.detail
        and "stdlib.h: No such file" in status.detail
    )
    assert "use_compiler" in status.remedy
    assert Bundle.read(tmp_path / "trajectory.npz").status.reason is Reason.SOLVER_SETUP


def test_a_cache_that_cannot_be_written_is_a_status_with_a_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(solvers, "_of_this_process", [])
    (tmp_path / "file").write_text("no folder")
    status = stage.run(**written(tmp_path), cache=tmp_path / "file" / "cache").status
    assert status.reason is Reason.SOLVER_SETUP and str(tmp_path / "file" / "cache") in status.detail
    assert "be written" in status.remedy


@pytest.mark.parametrize("compiler", ["gcc", "broken"])
def test_equations_that_cannot_be_built_are_a_status_too(compiler, tmp_path):
    """The folder is a file for a compiler that works; the other one fails on the first kernel."""
    tree = build_tree(models.block())
    folder = tmp_path / "cache"
    if compiler == "gcc":
        folder.write_text("no folder")
    toolchain = find_toolchain(broken_compiler(tmp_path) if compiler == "broken" else "gcc")
    with pytest.raises(StageError) as failure:
        load_or_build(tree, folder, toolchain)
    assert failure.value.reason is Reason.SOLVER_SETUP and failure.value.remedy
    assert not list(folder.glob(".build-*"))


def test_damaged_equations_in_the_cache_are_named_with_their_folder(tmp_path):
    tree, interpreter = build_tree(models.block()), Toolchain((), "interpreter", 1)
    load_or_build(tree, tmp_path, interpreter)
    record = next(tmp_path.glob("*/structure.json"))
    text = record.read_text()
    for damage in ("", "{}", text[: len(text) // 2]):
        record.write_text(damage)
        with pytest.raises(StageError) as failure:
            load_or_build(tree, tmp_path, interpreter)
        assert failure.value.reason is Reason.SOLVER_SETUP and str(record.parent) in failure.value.remedy
