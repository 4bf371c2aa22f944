"""The real workflow, run once on a few short motions; every test below looks at its results."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mint.core.bundle import Bundle
from tests.checkout import linked
from tests.conftest import ENVIRONMENT, ROOT
from tests.end_to_end import motions
from tests.end_to_end.opened import Audit
from tests.wheels import RECORDS, wheel_folder

# 0.8 s of walking at 120 frames/s: one short chunk.
FIRST, FRAMES = 60, 97
MASS_KG = 589 / 9.80665  # from the force plates in the static trial
WALKING_S = 1.3  # duration of the optical trial


class Run:
    """A results folder and what runs in it."""

    def __init__(self, folder: Path, *settings: str, wheels: bool = True) -> None:
        self.folder = folder
        self.results = folder / "results"
        self.table = folder / "sequences.tsv"
        self.settings = settings
        self.results.mkdir(parents=True)
        self.checkout = linked(folder / "checkout")
        for name in RECORDS if wheels else ():
            wheel_folder(name, self.results / "inputs" / "wheels")
        self.audit = Audit(folder / "audit", ROOT, folder)

    def snakemake(self, *arguments: str) -> str:
        settings = [f"results={self.results}", f"sequences={self.table}", *self.settings]
        body = {
            "model_dir": str(self.results / "inputs/body"),
            "marker_map": str(self.results / "inputs/body/markers.csv"),
        }
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--profile",
            "local",
            "--cores",
            "2",
            *arguments,
            "--config",
            *settings,
            f"body={body}",
        ]
        environment = {**ENVIRONMENT, "OMP_NUM_THREADS": "1", **self.audit.environment}
        done = subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True, check=False, timeout=1500
        )
        assert done.returncode == 0, failure(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def sequence(self, name: str) -> Bundle:
        return Bundle.read(self.results / "sequences" / name / "sequence.npz")

    def chunk(self, name: str, stage: str) -> Bundle:
        return Bundle.read(self.results / "sequences" / name / "chunks" / "000" / f"{stage}.npz")

    def ledger(self) -> pd.DataFrame:
        return pd.read_parquet(self.results / "ledger.parquet")


def failure(printed: str) -> str:
    """What a failed run said from its first error on, short enough for a continuous-integration log."""
    at = printed.find("Error")
    return printed[max(at - 200, 0) : at + 3000] if at >= 0 else printed[-3000:]


def table(rows: list[dict[str, object]]) -> str:
    return pd.DataFrame(rows).to_csv(sep="\t", index=False)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, shared: Callable[[str], Path]) -> Run:
    folder = tmp_path_factory.mktemp("end_to_end")
    run = Run(folder)
    amass = run.results / "inputs" / "amass" / "MintDemo" / "demo_f"
    run.table.write_text(
        table([{"sequence_id": "none", "source": "amass", "path": "none.npz", "dataset": "D", "subject": "s"}])
    )
    labels = run.results / "inputs" / "babel"
    run.snakemake(str(amass / "walk_poses.npz"), str(labels / "train.json"))
    run.settings = (f"babel={{folder: {labels}}}",)
    walk = motions.cut(motions.read(amass / "walk_poses.npz"), FIRST, FRAMES)
    variants = {
        "walk": walk,
        "walk_mirrored": motions.mirrored(walk),
        "walk_turned": motions.turned(walk, 90.0),
        "walk_raised": motions.raised(walk, 0.10),
        "nan": motions.with_nan(walk),
        "crawl": motions.cut(motions.read(amass / "crawl_poses.npz"), 0, FRAMES),
    }
    rows: list[dict[str, object]] = []
    for name, motion in variants.items():
        path = folder / "motions" / f"{name}_poses.npz"
        motions.write(path, motion)
        rows.append({"sequence_id": name, "source": "amass", "path": path, "dataset": "MintDemo", "subject": "demo_f"})
    truncated = folder / "motions" / "truncated_poses.npz"
    truncated.write_bytes((folder / "motions" / "walk_poses.npz").read_bytes()[:20000])
    rows.append(
        {"sequence_id": "truncated", "source": "amass", "path": truncated, "dataset": "MintDemo", "subject": "demo_f"}
    )
    rows.append(
        {
            "sequence_id": "missing",
            "source": "amass",
            "path": folder / "gone.npz",
            "dataset": "MintDemo",
            "subject": "demo_f",
        }
    )
    trial = "motion/opencap_subject4/{}.trc"
    rows.append(
        {
            "sequence_id": "walking1",
            "source": "trc",
            "path": shared(trial.format("walking1")),
            "dataset": "OpenCap",
            "subject": "subject4",
            "mass_kg": round(MASS_KG, 3),
            "static_path": shared(trial.format("static1")),
            "marker_set": "opencap_vicon",
            "forces_path": shared("motion/opencap_subject4/walking1_grf.mot"),
            "emg_path": motions.write_emg(folder / "motions" / "walking1_emg.sto", "soleus_r", WALKING_S),
        }
    )
    run.table.write_text(table(rows))
    run.snakemake()
    return run


@pytest.fixture(scope="session")
def full402(run: Run, tmp_path_factory: pytest.TempPathFactory, shared: Callable[[str], Path]) -> Run:
    """The same walk on the model with all 402 strands, taken from the mirror folder."""
    mirror = shared("models/cyclistFullBodyMuscle.osim").parent
    other = Run(tmp_path_factory.mktemp("full402"), "model=full402", f"inputs={{mirror: {mirror}}}")
    # Both leg models have one topology, so the compiled equations serve both.
    (other.results / "cache").symlink_to(run.results / "cache")
    motion = run.folder / "motions" / "walk_poses.npz"
    other.table.write_text(
        table([{"sequence_id": "walk", "source": "amass", "path": motion, "dataset": "MintDemo", "subject": "demo_f"}])
    )
    other.snakemake("all", f"{other.results}/opensim/exported/walk.json")
    return other
