"""How many sequences or chunks share a job."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class BatchConfig(Section):
    """Jobs of sensible size: a job costs about 7 core seconds before it does anything on a cluster."""

    target_minutes: float = Field(
        3,
        ge=0,
        description="predicted core minutes of a job, of members of one subject; 0: "
        "one sequence or chunk per job. Batches that exist keep their "
        "members; the slurm profile asks for longer ones",
    )
    planning_steps: int = Field(
        2_000_000,
        ge=0,
        description="steps of searches for better packings than longest-first "
        "and exchanges, all subjects together [1]; some 6 s",
    )
