"""What a stage is made of: its script, or its module of `mint.stages` where it shares a rule; all modules of `mint`
that this imports, what lies beside them (C code, pages).

Everything is read and nothing imported: neither OpenSim nor CasADi need be there. A digest leaves out what no result
can depend on: comments, docstrings, layout, and the prose of settings.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mint.core.methods import METHOD_VERSION

CHECKOUT = Path(__file__).resolve().parents[3]
# Numbers of versions are what digests are held against; packages are compared by their versions.
NOT_CODE = frozenset({"mint.core.methods", "mint.core.packages"})
# What hands members of a batch to a stage; it computes nothing.
_HANDS_OVER = frozenset({"mint.batch.job", "mint.batch.run", "mint.core.joblog"})
# Further rules that carry the version of a stage.
_FURTHER_SCRIPTS = {"scale": ("generic_leg_model",)}
# A function or a class that is named in a text, to be called in a child process.
_REFERENCE = re.compile(r"(mint(?:\.\w+)+):\w+")
_LEFT_OUT = ("kind", "type_comment", "ctx")
_C_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """A file of code: digest, the modules of `mint` it needs, and the packages."""

    digest: str
    modules: frozenset[str]
    packages: frozenset[str]


class Sources:
    """The code of a checkout. Files are read once."""

    def __init__(self, checkout: Path = CHECKOUT) -> None:
        self._root = checkout / "workflow"
        self.module = cache(self._module)
        self.script = cache(self._script)

    def stage(self, name: str) -> dict[str, Source]:
        """All code of a stage, by module; scripts by their path below `workflow`."""
        found: dict[str, Source] = {}
        left: set[str] = set()
        for entry in self._entries(name):
            source = self.module(entry) if entry.startswith("mint.") else self.script(entry)
            found[entry if entry.startswith("mint.") else f"scripts/{entry}.py"] = source
            left |= source.modules - _HANDS_OVER
        while left:
            module = left.pop()
            if module in found or module in NOT_CODE:
                continue
            found[module] = self.module(module)
            left |= found[module].modules
        return found

    def packages(self, name: str) -> frozenset[str]:
        """Names by which the code of a stage imports packages, the standard library and `mint` left out."""
        return frozenset().union(*(source.packages for source in self.stage(name).values()))

    def path(self, module: str) -> Path | None:
        """File of a module or package, None if there is none."""
        place = self._root.joinpath(*module.split("."))
        return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)

    def _entries(self, stage: str) -> tuple[str, ...]:
        """Where the code of a stage begins: its module of `mint.stages`, or scripts by the names of their rules."""
        shared = f"mint.stages.{stage}"
        return (shared,) if self.path(shared) else (stage, *_FURTHER_SCRIPTS.get(stage, ()))

    def _script(self, rule: str) -> Source:
        return self._read(self._root / "scripts" / f"{rule}.py")

    def _module(self, name: str) -> Source:
        path = self.path(name)
        if path is None:
            raise ValueError(f"{name} is no module of this checkout")
        return self._read(path)

    def _read(self, path: Path) -> Source:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        hasher = hashlib.sha256("\n".join(_words(tree, [])).encode())
        modules: set[str] = set()
        packages: set[str] = set()
        beside: set[Path] = set()
        for node in ast.walk(tree):
            for name in _imported(node, path, self._root):
                top = name.partition(".")[0]
                if top == "mint":
                    modules |= self._with_packages(name)
                elif top not in sys.stdlib_module_names:
                    packages.add(top)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for reference in _REFERENCE.findall(node.value):
                    modules |= self._with_packages(reference)
                beside |= _beside(path, node.value)
        for file in sorted(beside):
            hasher.update(file.name.encode() + b"\0" + _content(file))
        return Source(hasher.hexdigest(), frozenset(modules), frozenset(packages))

    def _with_packages(self, name: str) -> set[str]:
        """Modules that an import of `name` runs: those that exist among its prefixes."""
        parts = name.split(".")
        prefixes = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
        return {prefix for prefix in prefixes if self.path(prefix) is not None}


def stage_digest(sources: dict[str, Source]) -> str:
    """One digest of all code of a stage."""
    hasher = hashlib.sha256()
    for name in sorted(sources):
        hasher.update(f"{name} {sources[name].digest}\n".encode())
    return hasher.hexdigest()


def stages() -> tuple[str, ...]:
    """Stages that have a method version."""
    return tuple(METHOD_VERSION)


def _imported(node: ast.AST, path: Path, root: Path) -> Iterator[str]:
    """Full names that an import statement may load: modules, or what is taken from them."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            here = path.relative_to(root).with_suffix("").parts
            package = here[: len(here) - node.level]
            base = ".".join([*package, *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _words(node: Any, out: list[str]) -> list[str]:
    """A syntax tree as text, the same in all versions of Python: without places, empty fields, docstrings and prose."""
    if isinstance(node, list):
        for item in node:
            _words(item, out)
    elif not isinstance(node, ast.AST):
        out.append(repr(node))
    elif not _is_prose(node):
        out.append(f"({type(node).__name__}")
        for field in node._fields:
            value = getattr(node, field, None)
            if field in _LEFT_OUT or value == [] or (value is None and not isinstance(node, ast.Constant)):
                continue
            if field == "keywords" and isinstance(node, ast.Call) and _name(node.func) == "Field":
                value = [keyword for keyword in node.keywords if keyword.arg != "description"]
            out.append(field)
            _words(value, out)
        out.append(")")
    return out


def _is_prose(node: ast.AST) -> bool:
    """Whether a statement is a text that stands alone (a docstring), or the number of a release."""
    if isinstance(node, ast.Assign):
        return [_name(target) for target in node.targets] == ["__version__"]
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _beside(path: Path, text: str) -> set[Path]:
    """Files that a text names beside a module (code in C), or all of a folder (templates)."""
    if not re.fullmatch(r"[\w.-]+", text) or text in (".", ".."):
        return set()
    place = path.parent / text
    if place.suffix == ".py" or path.parent.name == "scripts" or not place.exists():
        return set()
    if place.is_file():
        headers = set(place.parent.glob("*.h")) if place.suffix == ".c" else set()
        return {place, *headers}
    if (place / "__init__.py").exists() or place.name == "__pycache__":
        return set()
    return {file for file in place.rglob("*") if file.is_file()}


def _content(path: Path) -> bytes:
    """Content of a file; of C without comments and layout."""
    data = path.read_bytes()
    return b" ".join(_C_COMMENT.sub(b" ", data).split()) if path.suffix in (".c", ".h") else data
