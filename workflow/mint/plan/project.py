"""From the configuration to the plan: the only part of planning that knows where the project's files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mint.config.project import ProjectConfig
from mint.core.tables import table
from mint.plan.build import build_plan, write_plan
from mint.plan.scan import HeaderCache
from mint.plan.sequences import read_sequences


def plan_path(project: ProjectConfig) -> Path:
    """Where the plan lies."""
    return Path(project.results) / "plan" / "plan.json"


# A clip is made for the first subject, or for both (column `both` of resources/demo_clips.csv).
DEMO_SUBJECTS = ("demo_f", "demo_m")


def demo_lengths(project: ProjectConfig) -> dict[str, tuple[int, float]]:
    """Frames and rate [Hz] of the embedded motion by path, known before a rule makes it."""
    folder = f"{project.results}/inputs/amass/MintDemo"
    return {f"{folder}/{subject}/{row['clip']}_poses.npz": (int(row["frames"]), float(row["rate_hz"]))
            for row in table("demo_clips").to_dict("records")
            for subject in DEMO_SUBJECTS[: 2 if row["both"] == "yes" else 1]}


def make_plan(project: ProjectConfig, root: Path) -> dict[str, Any]:
    """Plan every sequence of the table and write the plan for the jobs. Raises ValueError for a bad table."""
    cache = HeaderCache(Path(project.results) / "plan" / "headers.json")
    rows = read_sequences(project.sequences)
    plan = build_plan(rows, cache, root=root, known_lengths=demo_lengths(project))
    cache.save()
    write_plan(plan, plan_path(project))
    return plan
