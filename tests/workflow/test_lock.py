"""What `make env` installs is named to the byte: every pin of the lock has hashes, and pip is told to hold them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("lock", "torch", "pardiso", "mutants")


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
def test_make_installs_every_lock_by_hash_and_torch_of_another_index_only_without(index: str) -> None:
    """What make would run, without running it; in a folder that does not exist, so that everything would be built."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "pardiso", "mutants", "VENV=no-such-venv", f"TORCH_INDEX={index}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert {name for name in LOCKS for line in installs if f"envs/{name}.txt" in line} == {"lock", "pardiso", "mutants"}
    assert all("--require-hashes" in line for line in installs if "--requirement" in line)
    torch = f"torch=={pins('torch')[0][1]}"
    (install, _) = [line for line in installs if line.partition("#")[0].rstrip().endswith(torch)]
    assert "--report no-such-venv/torch.json" in install and ("--extra-index-url somewhere" in install) == bool(index)
    checks = [line for line in lines if "known_file.py no-such-venv/torch.json envs/torch.txt" in line]
    assert bool(checks) != bool(index) and all("pip uninstall" in line and "exit 1" in line for line in checks)


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_the_lock_does_not_name_is_refused(known: bool, tmp_path: Path) -> None:
    """With a wheel made here, and the report that pip writes of it."""
    with zipfile.ZipFile(tmp_path / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(
            "tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--isolated",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--find-links",
        str(tmp_path),
        "--target",
        str(tmp_path / "site"),
        "--report",
        str(tmp_path / "report.json"),
        "tiny==1.0",
    ]
    subprocess.run(pip, check=True, capture_output=True)
    digest = hashlib.sha256((tmp_path / "tiny-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    (tmp_path / "lock.txt").write_text(f"tiny==1.0 --hash=sha256:{digest if known else '0' * 64}\n")
    done = subprocess.run(
        [sys.executable, ROOT / "envs/known_file.py", tmp_path / "report.json", tmp_path / "lock.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == known
    assert known or (f"does not name tiny 1.0 with SHA-256 {digest}" in done.stderr and "TORCH_INDEX" in done.stderr)
