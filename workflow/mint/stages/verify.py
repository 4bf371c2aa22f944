"""Stage verify: solutions go in, OpenSim's judgement comes out."""

from __future__ import annotations

from mint.batch.job import Job, Settings
from mint.batch.run import Stage
from mint.core.tables import checkout_files


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the chunks of a job, of either pass."""
    own = settings["verify"]
    return Stage(
        "verify",
        "verify.npz",
        "mint.verify.stage:run",
        config=("mint.config.verify:VerifyConfig", own["config"]),
        shared={"leg_osim": job.input.leg, "paths_path": job.input.paths},
        own={"trajectory_path": "trajectory.npz"},
        named={"ik_path": "ik"},
        watched=checkout_files(own["tables"]),
        ahead="mint.verify.stage:ahead",
    )
