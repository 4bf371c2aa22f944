"""Per-node functions of skeleton and muscles with exact derivatives: compiled once per topology, cached, loaded.

Kernels of a topology (`x` (3n + 4, K) states and points of the floor, `p` run-time parameters, `l` (ny, K)
multipliers), y = (tau, penetration, feet), see `mint.trajectory.model.skeleton`: `value` -> y, `jacobian` -> y and the
nonzeros of dy/dx, `hessian` -> nonzeros of the upper triangle of d2(l.y)/dx2, `outputs` -> sphere forces, sphere
points, centre of mass. That of a muscle, `muscle`, is described in `mint.trajectory.muscles.muscle`.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np

from mint.core.atomic import write_text
from mint.core.status import Reason, StageError
from mint.trajectory.compiled import codegen
from mint.trajectory.compiled.toolchain import Toolchain, compiler_failed, find_toolchain, writing
from mint.trajectory.model import contact, parameters, skeleton, tree
from mint.trajectory.muscles import muscle

Array = np.ndarray[Any, Any]
KERNELS = ("value", "jacobian", "hessian", "outputs", "muscle")
_SOURCES = (codegen, contact, muscle, parameters, skeleton, tree)


@dataclass(frozen=True)
class Structure:
    """Sizes and sparsity of a topology's kernels; rows and columns of nonzeros in kernel order."""

    coordinates: int
    spheres: int
    parameters: int
    jacobian_rows: Array
    jacobian_cols: Array
    hessian_rows: Array
    hessian_cols: Array

    @property
    def outputs(self) -> int:
        """Rows of y."""
        return self.coordinates + self.spheres + skeleton.FEET_ROWS


class Blocks:
    """Loaded kernels of one topology. `compiled` tells whether they are machine code."""

    def __init__(self, folder: Path) -> None:
        record = json.loads((folder / "structure.json").read_text(encoding="utf-8"))
        self.compiled = bool(record["compiled"])
        self.structure = Structure(
            record["coordinates"],
            record["spheres"],
            record["parameters"],
            *(
                np.array(record[k], dtype=np.int64)
                for k in ("jacobian_rows", "jacobian_cols", "hessian_rows", "hessian_cols")
            ),
        )
        self._sizes: dict[str, int] = record["sizes"]
        self._kernels = {name: self._load(folder, name) for name in KERNELS}

    def _load(self, folder: Path, name: str) -> Any:
        if self.compiled:
            return _Library(folder / f"{name}.so", self._sizes[name])
        return _Interpreted(folder / f"{name}.casadi")

    def evaluate(self, kernel: str, x: Array, p: Array, multipliers: Array | None = None) -> Array:
        """Outputs (no, K) of a kernel for points `x` (nx, K) and parameters `p`."""
        return np.asarray(self._kernels[kernel](x, p, multipliers))


class _Library:
    def __init__(self, path: Path, size: int) -> None:
        library = ctypes.CDLL(str(path.resolve()))
        library.run_work.restype = ctypes.c_long
        self._run, self._width, self._size = library.run, int(library.run_width()), size
        self._work = np.zeros(library.run_work() // 8 + 8)

    def __call__(self, x: Array, p: Array, multipliers: Array | None) -> Array:
        count = x.shape[1]
        padded = -(-count // self._width) * self._width
        x = _padded(x, padded)
        multipliers = None if multipliers is None else _padded(multipliers, padded)
        p = np.ascontiguousarray(p, dtype=float)
        out = np.empty((self._size, padded))
        self._run(
            ctypes.c_long(padded),
            *(ctypes.c_void_p(a.ctypes.data if a is not None else None) for a in (x, p, multipliers, out, self._work)),
        )
        return out[:, :count]


def _padded(a: Array, columns: int) -> Array:
    """Repeat the last column: lanes that are thrown away still need finite numbers."""
    extra = columns - a.shape[1]
    return np.ascontiguousarray(np.concatenate([a, np.repeat(a[:, -1:], extra, axis=1)], axis=1), dtype=float)


class _Interpreted:
    def __init__(self, path: Path) -> None:
        self._function = ca.Function.load(str(path))
        self._mapped: dict[int, Any] = {}

    def __call__(self, x: Array, p: Array, multipliers: Array | None) -> Array:
        count = x.shape[1]
        if count not in self._mapped:  # building the map costs as much as evaluating it
            self._mapped[count] = self._function.map(count)
        arguments = [x, np.repeat(p[:, None], count, axis=1)] + ([] if multipliers is None else [multipliers])
        return np.asarray(self._mapped[count](*arguments))


def load_or_build(model: tree.Tree, cache: str | Path, toolchain: Toolchain | None = None) -> Blocks:
    """Kernels of the model's topology from the cache folder, built there first if they are not.

    Raises `StageError(SOLVER_SETUP)` where the compiler fails, the folder cannot be written or its content is damaged.
    """
    toolchain = toolchain or find_toolchain()
    folder = Path(cache) / folder_name(model, toolchain)
    if not (folder / "structure.json").exists():
        with writing(cache):
            _build(model, folder, toolchain)
    try:
        return Blocks(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise StageError(
            Reason.SOLVER_SETUP,
            f"the equations in {folder} cannot be loaded: {error}",
            remedy=f"remove {folder}: it is built again",
        ) from error


def folder_name(model: tree.Tree, toolchain: Toolchain) -> str:
    """Cache key: topology, the source code of the equations, compiler and flags."""
    source = hashlib.sha256(
        "".join(Path(str(m.__file__)).read_text() for m in _SOURCES).encode() + Path(__file__).read_bytes()
    ).hexdigest()[:12]
    return f"{parameters.topology_key(model)}_{source}_{toolchain.key}"


def functions(model: tree.Tree) -> tuple[dict[str, Any], dict[str, Any]]:
    """CasADi functions of the kernels, and their record (sizes and sparsity)."""
    s = skeleton.build_skeleton(model)
    x, p = ca.vertcat(s.x, s.floor), s.parameters
    y = ca.vertcat(s.tau, s.penetration, s.feet)
    multipliers = ca.SX.sym("l", y.numel())
    jacobian = ca.jacobian(y, s.x)
    hessian = ca.triu(ca.hessian(ca.dot(multipliers, y), s.x)[0])
    options = {"cse": True}
    out = {
        "value": ca.Function("value", [x, p], [ca.densify(y)], options),
        "jacobian": ca.Function("jacobian", [x, p], [ca.vertcat(ca.densify(y), _column(jacobian))], options),
        "hessian": ca.Function("hessian", [x, p, multipliers], [_column(hessian)], options),
        "outputs": ca.Function(
            "outputs", [x, p], [ca.densify(ca.vertcat(ca.vec(s.force), ca.vec(s.point), s.com))], options
        ),
        "muscle": muscle.kernel(),
    }
    rows, cols = jacobian.sparsity().get_triplet()
    hessian_rows, hessian_cols = hessian.sparsity().get_triplet()
    record = {
        "coordinates": len(model.coordinates),
        "spheres": len(model.spheres),
        "parameters": p.numel(),
        "jacobian_rows": list(rows),
        "jacobian_cols": list(cols),
        "hessian_rows": list(hessian_rows),
        "hessian_cols": list(hessian_cols),
        "sizes": {name: f.size1_out(0) for name, f in out.items()},
    }
    return out, record


def _column(matrix: Any) -> Any:
    """Nonzeros as a column (those of a row vector would be a row)."""
    return ca.reshape(matrix.nz[:], matrix.nnz(), 1)


def _build(model: tree.Tree, folder: Path, toolchain: Toolchain) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    kernels, record = functions(model)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".build-"))
    try:
        if toolchain.command:
            _compile(kernels, temporary, toolchain)
        else:
            for name, function in kernels.items():
                function.save(str(temporary / f"{name}.casadi"))
        write_text(temporary / "structure.json", json.dumps({**record, "compiled": bool(toolchain.command)}))
        temporary.chmod(0o755)
        if not folder.exists():
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _compile(kernels: dict[str, Any], folder: Path, toolchain: Toolchain) -> None:
    """Compile all kernels at the same time (the two large ones dominate)."""
    running = []
    for name in sorted(kernels, key=lambda n: -kernels[n].n_instructions()):
        source = folder / f"{name}.c"
        source.write_text(codegen.c_source(kernels[name], "run", toolchain.width), encoding="utf-8")
        command = [*toolchain.command, str(source), "-o", str(folder / f"{name}.so"), "-lm"]
        running.append((source, subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace")))
    ended = [(source, process.communicate()[1], process.returncode) for source, process in running]
    for source, errors, code in ended:
        if code:
            raise compiler_failed(toolchain, source.name, errors)
        source.unlink()
