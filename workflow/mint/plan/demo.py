"""The embedded motions, known before a rule makes them."""

from __future__ import annotations

from typing import Any

from mint.config.project import ProjectConfig
from mint.core.tables import table

# A clip is made for the first subject, or for both (column `both` of resources/demo_clips.csv).
DEMO_SUBJECTS = ("demo_f", "demo_m")


def demo_lengths(project: ProjectConfig) -> dict[str, tuple[int, float]]:
    """Frames and rate [Hz] of the embedded motion by path, known before a rule makes it."""
    folder = f"{project.results}/inputs/amass/MintDemo"
    return {
        f"{folder}/{subject}/{row['clip']}_poses.npz": (int(row["frames"]), float(row["rate_hz"]))
        for subject, row in demo_clips()
    }


def demo_clips() -> list[tuple[str, dict[str, Any]]]:
    """Subject and row of resources/demo_clips.csv of every embedded motion."""
    return [
        (subject, {str(k): v for k, v in row.items()})
        for row in table("demo_clips").to_dict("records")
        for subject in DEMO_SUBJECTS[: 2 if row["both"] == "yes" else 1]
    ]
