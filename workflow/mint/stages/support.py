"""Stage support: coordinates and part heights go in, who carries the body comes out."""

from __future__ import annotations

from mint.batch.job import Job, Settings
from mint.batch.run import Stage
from mint.core.tables import checkout_files


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the chunks of a job."""
    own = settings["support"]
    return Stage(
        "support",
        "support.npz",
        "mint.support.stage:run",
        config=("mint.config.support:SupportConfig", own["config"]),
        shared={"leg_model_json": job.input.leg_json},
        own={"ik_path": "ik.npz", "body_path": "../../body.npz"},
        values={
            "name": "sequence",
            "window": "window",
            "belt_velocity": "belt_velocity_m_s",
        },
        arguments={"slowest_hz": own["slowest_hz"]},
        watched=checkout_files(own["tables"]),
    )
