"""The rule: made on request, made again when its inputs change, and a failure keeps the former release."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT, ROOT
from tests.publish import project
from tests.publish.folders import sha256sum

# What the rule needs of the rules before it; everything else is the real rule with the real script.
SNAKEFILE = f"""
from pathlib import Path
from mint.config.project import load_project
from mint.core.methods import METHOD_VERSION
from mint.core.packages import versions_of

ROOT = Path({str(ROOT)!r})
PROJECT = load_project({{"publish": config["publish"]}})
RESULTS = PROJECT.results


def section(name):
    return getattr(PROJECT, name).model_dump(mode="json")


def resource_tables(*names):
    return {{name: (ROOT / "resources" / f"{{name}}.csv").read_text() for name in names}}


def code_files(*patterns):
    return {{}}


rule all:
    input:
        "results/dataset/mint_metadata.csv",


rule dataset:
    output:
        metadata="results/dataset/mint_metadata.csv",
        ledger="results/ledger.parquet",
        attempts="results/attempts.parquet",
        quality="results/dataset/quality_chunks.parquet",


include: {str(ROOT / "workflow" / "rules" / "publish.smk")!r}
"""


def _snakemake(folder: Path, licence: str) -> subprocess.CompletedProcess[str]:
    settings = f'publish={{"name": "out", "licence": "{licence}", "csv": false}}'
    environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT / "workflow"), "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "publish", "--cores", "1", "--config", settings],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    project.make(tmp_path, datasets=("KIT",))
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    return tmp_path


def test_publish_makes_a_release_once_and_a_refused_licence_keeps_it(workspace: Path) -> None:
    done = _snakemake(workspace, "CC-BY-NC-4.0")
    assert done.returncode == 0, done.stdout + done.stderr
    release = workspace / "results" / "release" / "out"
    assert sha256sum(release).returncode == 0 and not release.with_name("out-csv").exists()
    log = (workspace / "results" / "logs" / "publish.log").read_text()
    assert "warning: publish.creators is empty" in log
    again = _snakemake(workspace, "CC-BY-NC-4.0")
    assert again.returncode == 0 and "Nothing to be done" in again.stdout + again.stderr
    before = shutil.copytree(release, workspace / "before")
    refused = _snakemake(workspace, "CC-BY-4.0")
    assert refused.returncode != 0
    assert (
        "publish.licence: CC-BY-4.0 allows commercial use"
        in (workspace / "results" / "logs" / "publish.log").read_text()
    )
    assert (release / "SHA256SUMS").read_bytes() == (before / "SHA256SUMS").read_bytes() and sha256sum(
        release
    ).returncode == 0
    # It is not taken for the release of the present settings.
    assert not release.with_name("out.sha256").exists()
