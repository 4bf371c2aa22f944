"""What examples/README.md and the scripts say of themselves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES

SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py"))


def shown(text: str) -> list[str]:
    """Commands of a text that call an example."""
    return re.findall(r"^\s*(python examples/.*)$", text, re.MULTILINE)


def test_the_readme_has_one_command_for_every_example() -> None:
    commands = shown((EXAMPLES / "README.md").read_text(encoding="utf-8"))
    assert sorted(Path(command.split()[1]).name for command in commands) == SCRIPTS and len(SCRIPTS) == 4


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_shows_the_command_of_the_readme_and_is_short(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    tree = ast.parse(text)
    [command] = shown(ast.get_docstring(tree) or "")
    assert command in shown((EXAMPLES / "README.md").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert "main" in [function.name for function in functions] and len(text.splitlines()) <= 90
    assert all(ast.get_docstring(function) and function.returns for function in functions)
