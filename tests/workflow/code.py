"""What the code of a rule reads: modules that its script imports, with all that these import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

PACKAGES = ROOT / "workflow"
SCRIPTS = PACKAGES / "scripts"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_file(name: str) -> Path | None:
    """File of a module of `mint`; None for a name that is none."""
    place = PACKAGES.joinpath(*name.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def imported(path: Path) -> Iterator[str]:
    """Modules of `mint` that a file imports, or names as `package.module:function` for a child to call."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and (found := re.fullmatch(r"(mint(?:\.\w+)+):\w+", str(node.value))):
            yield found[1]


@cache
def code_of(rule: str) -> frozenset[Path]:
    """The script of a rule, or the module of a stage that shares one, and every module of `mint` that it brings along."""
    waiting, found = [module_file(f"mint.stages.{rule}") or SCRIPTS / f"{rule}.py"], set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in imported(path) if name.startswith("mint") and (file := module_file(name))]
    return frozenset(found)


@cache
def names_read(path: Path) -> frozenset[str]:
    """Attributes that a file reads; where it looks up attributes by name, its texts too."""
    nodes = list(ast.walk(tree(path)))
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    if any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr" for node in nodes
    ):
        read |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(read)
