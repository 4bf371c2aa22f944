"""A synthetic project to publish; as a program it makes one and publishes it: `python -m tests.publish.project FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from mint.config.dataset import DatasetConfig
from mint.config.publish import PublishConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, StageStatus, Status
from mint.dataset import build, ledger
from mint.dataset.babel_join import Joined
from mint.dataset.babel_record import Label
from mint.publish import build as publish
from tests.sequence.factory import Project, fail_from

WHOLE = "KIT/KIT/3/walk_straight_v2_poses"
HOLES = "BMLrub/BioMotionLab_NTroje/rub001/holes_poses"
DEMO = "MintDemo/MintDemo/demo_f/jump_poses"
CONFIG = PublishConfig(
    name="test release",
    version="2.1.0",
    creators=["A. Person", "A Group"],
    url="https://example.org/data",
    date="2030-05-06",
)
WALK = Label("sequence", 0, 0, 0.0, 6.0, "walk straight", "walk", "seg-1", ("walk",))
JUMP = Label("frame", 0, 0, 0.5, 1.5, "jump", "jump", "seg-2", ("jump",))
LABELS = {"whole": Joined(77, "train", (WALK,), "babel_sid"), "jump": Joined(5, "val", (JUMP,), "babel_sid")}


def make(
    folder: Path, *, seconds: float = 1.0, datasets: tuple[str, ...] = ("KIT", "BioMotionLab_NTroje", "MintDemo")
) -> Project:
    """Merged sequences with every kind of outcome; `seconds` is a factor on all that they took."""
    project = Project(folder)

    def took(window: Window, bundles: dict[str, Bundle]) -> None:
        for name, bundle in bundles.items():
            solver = {"iterations": bundle.status.iterations, "attempt": 1} if name == "trajectory" else {}
            bundle.status = StageStatus(
                name, wall_s=seconds * 3.3, cpu_s=seconds * 3, max_rss_mb=seconds * 100, **solver
            )
        for attempt in bundles["trajectory"].meta["attempts"]:
            attempt["wall_s"] = seconds * 41.5

    def holed(window: Window, bundles: dict[str, Bundle]) -> None:
        took(window, bundles)
        if window.chunk == 1:
            fail_from(bundles, "verify", Status.DISCARDED, Reason.PELVIS_RESIDUAL, f"see {folder}")
        if window.chunk == 3:
            fail_from(bundles, "support", Status.EXCLUDED_CONTACT, Reason.NON_FOOT_SUPPORT, "left hand at 4.6 s")

    rows = (
        ("whole", "KIT", "3", 300, "x/KIT/3/walk straight.v2_poses.npz", took),
        ("holes", "BioMotionLab_NTroje", "rub001", 364, None, holed),
        ("jump", "MintDemo", "demo_f", 154, None, took),
    )
    for name, dataset, subject, last, path, change in rows:
        if dataset in datasets:
            project.add(
                name, last, dataset=dataset, subject=subject, path=path, notes=[f"{path}: +y is up: turned to +z"]
            )
            project.solve(name, change)
            project.merge(name)
    project.add(
        "gone",
        -1,
        problem=StageStatus(
            "plan", Status.FAILED, Reason.FILE_MISSING, f"{folder}/gone.npz", f"fetch it to {folder}/gone.npz"
        ),
    )
    dataset_of(project)
    return project


def dataset_of(project: Project) -> Path:
    """Write the project's ledger and dataset."""
    ledger.run(project.plan, project.results)
    joined = {name: LABELS.get(name, Joined()) for name in project.plan["sequences"]}
    return build.run(project.plan, project.results, DatasetConfig(), joined=joined)


if __name__ == "__main__":
    publish.run(make(Path(sys.argv[1]), seconds=float(sys.argv[2])).results, CONFIG, "pose2sim")
