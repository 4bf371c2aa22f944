"""`snakemake --profile local` and `--profile slurm` mean this repository's profiles, whatever the user has at home."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.checkout import ROOT, linked
from tests.conftest import ENVIRONMENT


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return linked(tmp_path_factory.mktemp("profiles") / "checkout")


def dry_run(checkout: Path, profile: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in ENVIRONMENT.items() if not k.startswith(("SNAKEMAKE", "XDG"))}
    environment["HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--profile", profile, "--dry-run"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("profile", ["local", "slurm"])
def test_profile_is_found_with_an_empty_home(checkout: Path, profile: str, tmp_path: Path) -> None:
    done = dry_run(checkout, profile, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("profile", ["local", "slurm"])
def test_a_decoy_profile_of_the_user_is_not_taken(checkout: Path, profile: str, tmp_path: Path) -> None:
    decoy = tmp_path / ".config" / "snakemake" / profile
    decoy.mkdir(parents=True)
    (decoy / "config.yaml").write_text("no-such-option-of-snakemake: true\n")
    done = dry_run(checkout, profile, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    # The decoy is one that Snakemake would stumble over, if it were read.
    shadow = ROOT / profile
    assert shadow.is_symlink() and shadow.readlink() == Path(f"profiles/{profile}")
    with_decoy = dry_run(checkout, str(decoy), tmp_path)
    assert with_decoy.returncode != 0


def test_there_is_no_default_profile_that_would_override_the_named_one() -> None:
    assert not (ROOT / "profiles" / "default").exists()


def test_every_line_of_a_profile_has_its_reason() -> None:
    for path in ROOT.glob("profiles/*/config.yaml"):
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                assert "#" in line or line.split(":")[0].strip() in _SELF_EXPLAINING, f"{path}: {line}"


_SELF_EXPLAINING = {"executor", "default-resources"}


def test_files_a_profile_refers_to_live_inside_it() -> None:
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
    assert profile["slurm-partition-config"].startswith("profiles/slurm/")
    assert (ROOT / profile["slurm-partition-config"]).is_file()
