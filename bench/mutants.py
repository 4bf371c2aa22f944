"""Mutation tests of the kernels of the science: does a test fail where a line of theirs is wrong?

`python bench/mutants.py [modules]` has mutmut change every expression of the modules named in `KERNELS`, one at a time,
and run the tests beside the module on each mutant; `results/benchmarks/mutants.json` has the numbers: `mutants`, how
many of them tests have `killed` (an endless loop and a crash are killed too), `killed_share`, the same by module, and
all `survivors`. Mutants that no test can kill are in `tests/mutants.csv` with the reason why they change nothing; they
count as survivors, and what is neither killed nor there is `unexplained`. A module whose source and tests have not
changed since it was tested last is not tested again. `make mutants` installs mutmut (`envs/mutants.txt`).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import chdir
from difflib import ndiff
from pathlib import Path
from typing import Any

from mutmut.mutation.data import MutantLineSpans, SourceFileMutationData
from mutmut.utils.format_utils import orig_function_and_class_names_from_key
from trials import ROOT, SHARED

from mint.core.atomic import write_text

# Tests of each module that are fast, below tests/. CasADi and OpenSim never meet: each module has a process of its own.
KERNELS = {
    "trajectory/model/contact": ["trajectory/test_contact.py"],
    "trajectory/muscles/muscle": ["trajectory/test_muscle_curves.py"],
    "trajectory/muscles/paths": ["trajectory/test_paths.py"],
    "trajectory/feet/height": ["trajectory/test_height.py"],
    "trajectory/mesh/spline": ["trajectory/test_spline.py"],
    "trajectory/mesh/dynamics": ["trajectory/test_dynamics.py"],
    "trajectory/problems/deviation": ["trajectory/test_limits.py"],
    "trajectory/problems/depth": ["trajectory/test_limits.py"],
    "trunk/equilibrium": ["trunk/test_equilibrium.py"],
    "trunk/coupled": ["trunk/test_coupled.py"],
    "sequence/blend": ["sequence/test_blend.py"],
    "sequence/ground": ["sequence/test_ground.py"],
    "sequence/metrics": ["sequence/test_chunk_numbers.py"],
    "verify/metrics": ["verify/test_metrics.py"],
    "body/ground": ["body/test_ground.py"],
    "kinematics/inverse/filtering": ["kinematics_scale/test_filtering.py"],
    "core/chunks": ["core/test_chunks.py"],
    "batch/digest": ["batch/test_digest.py"],
    "batch/made": ["batch/test_made.py"],
}
WORK = ROOT / "results/bench/mutants"
OUT = ROOT / "results/benchmarks/mutants.json"
EXPLAINED = ROOT / "tests/mutants.csv"
SURVIVED, TIMED_OUT, NO_TESTS = 0, (-24, 24, 152, 255), (5, 33)  # exit codes of mutmut's processes
# mutmut ends a mutant after (seconds of its tests + constant) * multiplier: many times what a busy machine needs.
CONFIG = """[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/mint/{module}.py"]
pytest_add_cli_args_test_selection = {tests}
timeout_constant = 2.0
timeout_multiplier = 20.0
[tool.pytest.ini_options]
addopts = "-p no:cacheprovider -p no:unraisableexception -p no:threadexception"
"""


def checkout(module: str, tests: list[str]) -> Path:
    """A fresh folder for mutmut, with the sources as `src`; beside the mutated copy lies what else tests read."""
    folder = WORK / module
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "mutants").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(CONFIG.format(module=module, tests=[f"tests/{each}" for each in tests]))
    (folder / "src").symlink_to(ROOT / "workflow")
    (folder / "tests").symlink_to(ROOT / "tests")
    (folder / "mutants/workflow").symlink_to("src")
    for name in subprocess.check_output(["git", "ls-tree", "--name-only", "HEAD"], cwd=ROOT, text=True).split():
        if name not in ("workflow", "tests", "pyproject.toml", ".gitignore"):
            (folder / "mutants" / name).symlink_to(ROOT / name)
    return folder


def tested(module: str, tests: list[str]) -> dict[str, Any]:
    """Counts of a module and its survivors, each as function and mutation."""
    folder = checkout(module, tests)
    environment = {**os.environ, "MINT_SHARED": str(SHARED)}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    with (folder / "log.txt").open("w") as log:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=log, check=False)
    if done.returncode:
        raise SystemExit(f"mutmut ended with {done.returncode}: {folder / 'log.txt'}")
    with chdir(folder):
        data = SourceFileMutationData(path=f"src/mint/{module}.py")
        data.load()
        codes = data.exit_code_by_key
        alive = [name for name, code in codes.items() if code == SURVIVED or code in NO_TESTS]
        survivors = [{"function": function(name), "mutation": mutation(module, name)} for name in alive]
    return {
        "mutants": len(codes),
        "killed": len(codes) - len(alive),
        "timed_out": sum(code in TIMED_OUT for code in codes.values()),
        "survivors": survivors,
    }


def function(mutant: str) -> str:
    """Name of the mutated function, with its class."""
    name, of_class = orig_function_and_class_names_from_key(mutant)
    return f"{of_class}.{name}" if of_class else name


def mutation(module: str, mutant: str) -> str:
    """The lines that differ, before and after."""
    name = mutant.rpartition(".")[2]
    original = name.rpartition("_")[0] + "_orig"
    before, after = MutantLineSpans.load(f"src/mint/{module}.py").read_function_sources([original, name])
    lines = list(ndiff(before.replace(original, name).splitlines(), after.splitlines()))
    return " -> ".join(" ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+")


def state(module: str, tests: list[str]) -> str:
    """Digest of all that a module's outcome depends on, but for what its tests import."""
    files = [ROOT / f"workflow/mint/{module}.py", *(ROOT / "tests" / each for each in tests), ROOT / "envs/mutants.txt"]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def outcome(module: str, tests: list[str]) -> dict[str, Any]:
    """What is known of a module, tested if it has changed."""
    kept, now = WORK / module / "outcome.json", state(module, tests)
    if kept.exists() and (known := json.loads(kept.read_text(encoding="utf-8")))["state"] == now:
        return known
    known = {"state": now, **tested(module, tests)}
    write_text(kept, json.dumps(known, indent=1, ensure_ascii=False))
    return known


def explained(rows: list[dict[str, str]], module: str, found: dict[str, Any]) -> list[dict[str, str]]:
    """Survivors of a module with the reason of the table, or none; a row that no survivor needs is told."""
    reasons = {(row["function"], row["mutation"]): row["reason"] for row in rows if row["module"] == module}
    alive = [(each["function"], each["mutation"]) for each in found["survivors"]]
    for function, mutation in sorted(reasons.keys() - set(alive)):
        print(f"{EXPLAINED.name}: no survivor of {module}: {function}: {mutation}")
    return [
        {"module": module, "function": function, "mutation": mutation, "reason": reasons.get((function, mutation), "")}
        for function, mutation in alive
    ]


def main() -> None:
    """Test what has changed and write the summary."""
    chosen = sys.argv[1:] or list(KERNELS)
    with EXPLAINED.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    modules, survivors = {}, []
    for module in chosen:
        found = outcome(module, KERNELS[module])
        alive = explained(rows, module, found)
        unexplained = sum(not each["reason"] for each in alive)
        counts = {key: found[key] for key in ("mutants", "killed", "timed_out")}
        modules[module] = {**counts, "equivalent": len(alive) - unexplained, "unexplained": unexplained}
        survivors += alive
        print(module, modules[module], flush=True)
    keys = ("mutants", "killed", "timed_out", "equivalent", "unexplained")
    total = {key: sum(counts[key] for counts in modules.values()) for key in keys}
    summary = {**total, "killed_share": total["killed"] / total["mutants"]}
    text = json.dumps({**summary, "modules": modules, "survivors": survivors}, indent=1, ensure_ascii=False)
    write_text(OUT, text)
    for each in survivors:
        if not each["reason"]:
            print("unexplained:", each["module"], each["function"], each["mutation"])
    print(f"{summary}\n-> {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
