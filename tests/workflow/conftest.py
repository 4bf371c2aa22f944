"""A copy of the workflow in which every job only writes its outputs: rules, parameters and plan are the real ones."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mint.campaign.affected import CHANGED, SETTINGS
from mint.campaign.what_changed import planned_jobs
from mint.config.project import load_project
from mint.config.rescue import RescueConfig
from mint.plan.project import make_plan
from tests.conftest import ENVIRONMENT, ROOT

STUB = """
from pathlib import Path
for name in snakemake.output:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix:
        path.write_text(f"{snakemake.rule} {dict(snakemake.wildcards)}")
    else:
        path.mkdir(exist_ok=True)
        (path / "data").write_text("x")
"""


def renamed(attempt: str, name: str) -> list[dict[str, Any]]:
    """The attempts of a rescue, one of them by another name."""
    attempts = RescueConfig().model_dump(mode="json")["attempts"]
    return [each | {"name": name} if each["name"] == attempt else each for each in attempts]


HEAD = "sequence_id\tsource\tpath\tdataset\tsubject\n"


class Workspace:
    """A checkout-like folder with three short sequences of two subjects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("workflow", "profiles", "resources", "envs"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "body_models"))
        shutil.copy(ROOT / "Snakefile", folder)
        (folder / "local").symlink_to("profiles/local")
        for script in (folder / "workflow" / "scripts").glob("*.py"):
            script.write_text(STUB)
        (folder / "config").mkdir()
        shutil.copy(ROOT / "config" / "config.yaml", folder / "config")
        self.set_config(r"model_dir:.*", "model_dir: bodies")
        self.set_config(r"marker_map:.*", "marker_map: bodies/markers.csv")
        for gender in ("male", "female", "neutral"):
            (folder / "bodies" / gender).mkdir(parents=True)
            (folder / "bodies" / gender / "model.npz").write_text("x")
        (folder / "bodies" / "markers.csv").write_text("x")
        (folder / "config" / "sequences.tsv").write_text(HEAD)
        self.adjustments("")
        for name, subject in (("a", "one"), ("b", "one"), ("c", "two")):
            self.add_sequence(name, subject)

    def add_sequence(self, name: str, subject: str, frames: int = 101) -> None:
        motion = self.folder / "motion" / f"{name}_poses.npz"
        motion.parent.mkdir(exist_ok=True)
        np.savez(
            motion,
            poses=np.zeros((frames, 156)),
            trans=np.zeros((frames, 3)),
            betas=np.zeros(16),
            mocap_framerate=np.array(60.0),
        )
        with (self.folder / "config" / "sequences.tsv").open("a") as table:
            table.write(f"{name}\tamass\tmotion/{name}_poses.npz\tD\t{subject}\n")

    def adjustments(self, rows: str) -> None:
        head = "subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\n"
        (self.folder / "config" / "marker_adjustments.tsv").write_text(head + rows)

    def set_config(self, pattern: str, replacement: str) -> None:
        path = self.folder / "config" / "config.yaml"
        text, count = re.subn(pattern, replacement, path.read_text())
        assert count == 1, f"{pattern} occurs {count} times"
        path.write_text(text)

    def pretend_version(self, package: str, version: str) -> None:
        """Let a package look as if it had another version."""
        folder = self.folder / "workflow" / f"{package.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")

    def configure(self, settings: Mapping[str, object]) -> None:
        """Give settings `section.key` other values."""
        path = self.folder / "config" / "config.yaml"
        values = yaml.safe_load(path.read_text())
        for leaf, value in settings.items():
            section, _, key = leaf.partition(".")
            values.setdefault(section, {})[key] = value
        path.write_text(yaml.safe_dump(values))

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**ENVIRONMENT, "HOME": str(self.folder)}
        environment.pop("PYTHONPATH", None)
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "--profile", "local", "--cores", "2", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def run(self, *targets: str) -> None:
        done = self.snakemake(*targets)
        assert done.returncode == 0, done.stdout + done.stderr

    def dry_run(self, *targets: str) -> str:
        """Text of a dry run: the table of rules with their counts, then one message per job."""
        done = self.snakemake(*targets, "--dry-run", "--quiet", "host")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def planned(self, *targets: str) -> Counter[str]:
        """Rules that a run would execute, with their counts."""
        text = self.dry_run(*targets)
        if "Nothing to be done" in text:
            return Counter()
        table = text.split("Job stats:")[1].split("total")[0]
        return Counter({rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, flags=re.MULTILINE)})

    def changed(self) -> set[str]:
        """Rules whose parameters are others than in the last run, and stages whose settings are."""
        done = self.snakemake("--summary")
        assert done.returncode == 0, done.stderr
        jobs = [job for job in planned_jobs(done.stdout) if job.status == CHANGED]
        return {job.name if job.rule == SETTINGS else job.rule for job in jobs}

    def plan(self) -> dict[str, Any]:
        """The plan that a run would start with, which is in no file before."""
        with contextlib.chdir(self.folder):
            return make_plan(load_project(yaml.safe_load(Path("config/config.yaml").read_text())), Path.cwd()).plan

    def batches(self) -> dict[str, dict[str, list[str]]]:
        return self.plan()["batches"]

    def recorded(self) -> dict[str, Any]:
        """The plan that the last run has left for its jobs."""
        return json.loads((self.folder / "results/plan/plan.json").read_text())


@pytest.fixture
def fresh(tmp_path: Path) -> Workspace:
    """A workspace in which nothing has run."""
    return Workspace(tmp_path / "checkout")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose workflow has run to the end once."""
    workspace = Workspace(tmp_path_factory.mktemp("workflow") / "checkout")
    workspace.run()
    return workspace


@pytest.fixture
def workspace(finished: Workspace, tmp_path: Path) -> Workspace:
    """A fresh copy of the finished workspace, to change at will."""
    copy = object.__new__(Workspace)
    copy.folder = tmp_path / "checkout"
    shutil.copytree(finished.folder, copy.folder, symlinks=True)
    return copy
