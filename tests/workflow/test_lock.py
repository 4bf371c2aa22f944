"""What `make env` installs is named to the byte: every pin of the lock has hashes, and pip is told to hold them."""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("lock", "torch", "pardiso")


def pins(name: str) -> list[tuple[str, str, list[str]]]:
    """Package, version and SHA-256 digests of each requirement of a lock file."""
    text = (ROOT / "envs" / f"{name}.txt").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ").splitlines()
    found = []
    for line in lines:
        pin, *options = line.split()
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)", pin)
        assert match, line
        found.append((match[1], match[2], [option.removeprefix("--hash=sha256:") for option in options]))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_pinned_package_has_hashes_and_no_package_comes_twice(name: str) -> None:
    packages = [package for package, _, _ in pins(name)]
    assert packages and len(packages) == len(set(packages))
    for package, _, digests in pins(name):
        assert digests and all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests), package


def test_the_environment_of_these_tests_is_that_of_the_lock() -> None:
    for package, pinned, _ in pins("lock") + pins("torch"):
        try:
            assert version(package).partition("+")[0] == pinned, package
        except PackageNotFoundError:
            pytest.fail(f"{package} of the lock is not installed")


@pytest.mark.parametrize("index", ["", "somewhere"])
def test_pip_gets_every_lock_with_hashes_required_and_torch_of_another_index_only_without(index: str) -> None:
    """What make would run, without running it; in a folder that does not exist, so that everything would be built."""
    done = subprocess.run(["make", "--dry-run", "--always-make", "pardiso", "VENV=no-such-venv", f"TORCH_INDEX={index}"], cwd=ROOT,
                          capture_output=True, text=True, check=True)
    installs = [line for line in done.stdout.splitlines() if "pip install" in line]
    with_hashes = {name for name in LOCKS for line in installs if f"envs/{name}.txt" in line and "--require-hashes" in line}
    assert with_hashes == ({"lock", "torch", "pardiso"} if not index else {"lock", "pardiso"})
    assert all("--require-hashes" in line for line in installs if "--requirement" in line)
    torch = f"torch=={pins('torch')[0][1]}"
    assert bool([line for line in installs if f"--extra-index-url {index} {torch}" in line and "hashes" not in line]) == bool(index)
