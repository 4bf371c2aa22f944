"""Stage trunk: solutions go in, trunk muscles come out.

It does not ask for the verdict of verification, so that another threshold there computes no trunk again.
"""

from __future__ import annotations

from mint.batch.job import Job, Settings
from mint.batch.run import Stage
from mint.core.tables import checkout_files


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the chunks of a job, of either pass."""
    own = settings["trunk"]
    return Stage(
        "trunk",
        "trunk.npz",
        "mint.trunk.stage:run",
        config=("mint.config.trunk:TrunkConfig", own["config"]),
        shared={"scaled_osim": job.input.scaled},
        own={"trajectory_path": "trajectory.npz"},
        named={"ik_path": "ik"},
        watched=checkout_files(own["tables"]),
        ahead="mint.trunk.stage:ahead",
    )
