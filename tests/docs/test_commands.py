"""Every command that a page shows does what a reader expects: it is run here, as far as planning goes, or elsewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from mint.cli.main import application
from tests.checkout import OF_THE_WORKFLOW, linked
from tests.conftest import ENVIRONMENT, ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "config/README.md", ROOT / "examples/README.md"]
PAGES += sorted(path for path in (ROOT / "docs").rglob("*.md") if "generated" not in path.parts)
BLOCK = re.compile(r"^[ \t]*```bash\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
# Commands that plan the workflow before they run it; here they plan only.
PLANNED = ("run", "rescue", "publish", "what-changed", "status", "config")
# What other tests run: a command and the words of the test that runs it.
ELSEWHERE = {
    "python load_example.py": ("tests/publish", "load_example.py"),
    "sha256sum -c": ("tests/publish", "SHA256SUMS"),
    "opensim-cmd run-tool": ("tests/end_to_end/test_opensim.py", "setup_"),
    "python examples/": ("tests/examples", "examples"),
    "python -c": ("tests/learning/benchmark", "left_out"),
    ".venv/bin/python -m pytest": ("Makefile", "pytest"),
    ".venv/bin/python bench/": ("Makefile", "bench/"),
    "python bench/": ("Makefile", "bench/"),
}
# What belongs to the shell or to the system of a cluster.
OF_THE_SYSTEM = (
    "cd",
    "source",
    "cp",
    "ln",
    "mkdir",
    "git",
    "sinfo",
    "squeue",
    "sacct",
    "scancel",
    "module",
    "tmux",
    "export",
)


def commands() -> Iterator[tuple[str, str]]:
    """Page and command of every line of every block."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield str(page.relative_to(ROOT)), shlex.join(words)


SHOWN = {command: page for page, command in commands()}


def of(*programs: str) -> list[str]:
    """Commands of some programs."""
    return sorted(command for command in SHOWN if shlex.split(command)[0] in programs)


def of_mint(*, planned: bool) -> list[str]:
    """Commands of `mint` that plan the workflow, or the others."""
    return [command for command in of("mint") if (shlex.split(command)[1] in PLANNED) == planned]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose profiles plan and run nothing, with a profile of one's own as the page on clusters makes it."""
    folder = linked(tmp_path_factory.mktemp("docs") / "checkout")
    for name in ("profiles", "local", "slurm"):
        (folder / name).unlink()
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    shutil.copytree(folder / "profiles/slurm", folder / "profiles/hpc")
    for name in ("local", "slurm", "hpc"):
        path = folder / "profiles" / name / "config.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "\ndry-run: true\n", encoding="utf-8")
        (folder / name).symlink_to(path.parent)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{ENVIRONMENT['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**ENVIRONMENT, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pages_show_commands_and_every_one_of_them_is_looked_at() -> None:
    known = ("mint", "snakemake", "make", *OF_THE_SYSTEM)
    others = [command for command in SHOWN if shlex.split(re.sub(r"^\w+=\S+ ", "", command))[0] not in known]
    left = [command for command in others if not any(command.startswith(start) for start in ELSEWHERE)]
    assert len(SHOWN) > 50 and not left, [(SHOWN[command], command) for command in left]


@pytest.mark.parametrize("command", [c for c in SHOWN if re.search(r"(^| )make ", c)])
def test_make_knows_the_target(command: str) -> None:
    done = run(command.replace("make ", "make --dry-run ", 1), ROOT)
    assert done.returncode == 0, (SHOWN[command], done.stderr)


@pytest.mark.parametrize("command", [*of("snakemake"), *of_mint(planned=True)])
def test_the_workflow_plans_what_the_page_asks_for(command: str, checkout: Path) -> None:
    done = run(command, checkout)
    assert done.returncode == 0, (SHOWN[command], done.stdout[-2000:], done.stderr[-2000:])


@pytest.mark.parametrize("command", of_mint(planned=False))
def test_mint_understands_the_command(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)[1:]
    for word in words:
        if re.search(r"\.\w+$", word) and not word.startswith("/"):
            (tmp_path / word).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / word).touch()
    group, above = get_command(application()), None
    while True:
        context = group.make_context("mint", words, parent=above)  # ends with an error for an unknown option
        if not isinstance(group, typer.core.TyperGroup):
            break
        _, group, words = group.resolve_command(context, [*context._protected_args, *context.args])
        above = context
    assert context.command.callback is not None


@pytest.mark.parametrize("start", ELSEWHERE)
def test_what_is_run_elsewhere_is(start: str) -> None:
    where, word = ELSEWHERE[start]
    files = [ROOT / where] if (ROOT / where).is_file() else sorted((ROOT / where).rglob("*.py"))
    assert any(word in path.read_text(encoding="utf-8") for path in files), f"{start}: nothing in {where} has {word}"


def test_the_links_of_a_checkout_are_those_of_this_file() -> None:
    assert {"profiles", "local", "slurm"} <= set(OF_THE_WORKFLOW)
