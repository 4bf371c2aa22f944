"""Who only reads the dataset installs numpy, pandas and pyarrow; pyproject.toml declares what the package imports."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions, requires

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_PACKAGE = packages_distributions()
# pyarrow imports them where they are installed, and does without them.
TAKEN_IF_THERE = {"setuptools", "cloudpickle"}


def distributions(modules: Iterable[str]) -> set[str]:
    """Names of what third parties' modules come from."""
    found = {name.lower() for module in modules for name in OF_PACKAGE.get(module, [])}
    return {name.replace("_", "-") for name in found} - {"mint-workflow"}


def names(requirements: Iterable[str]) -> set[str]:
    """Names of requirements that no extra asks for."""
    plain = (text for text in requirements if "extra ==" not in text)
    return {re.split(r"[^A-Za-z0-9_.-]", text, maxsplit=1)[0].lower().replace("_", "-") for text in plain}


def closure(wanted: set[str]) -> set[str]:
    """What is wanted, and what that needs."""
    found: set[str] = set()
    while new := wanted - found:
        found |= new
        wanted = {need for name in new if name in distributions(OF_PACKAGE) for need in names(requires(name) or [])}
    return found


def test_the_reader_imports_nothing_but_what_the_bare_package_requires() -> None:
    program = "import json, sys, mint.reader; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout)) - sys.stdlib_module_names
    assert {"mint", "numpy", "pandas", "pyarrow"} <= loaded
    assert distributions(loaded) - closure(names(PROJECT["dependencies"])) <= TAKEN_IF_THERE


def test_all_imports_of_the_package_are_declared() -> None:
    imported = set()
    for path in (ROOT / "workflow" / "mint").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(str(node.module).split(".")[0])
    declared = names([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["workflow"]])
    assert distributions(imported - sys.stdlib_module_names) <= declared
    lock = (ROOT / "envs/lock.txt").read_text(encoding="utf-8").splitlines()
    assert declared <= names(line for line in lock if "==" in line) | {"torch"}
