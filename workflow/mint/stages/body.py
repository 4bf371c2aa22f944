"""Stage body: clean motions go in; mass, stature, ground and part heights come out."""

from __future__ import annotations

from mint.batch.job import Job, Settings
from mint.batch.run import Stage
from mint.core.tables import checkout_files


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the sequences of a job."""
    own = settings["body"]
    return Stage(
        "body",
        "body.npz",
        "mint.body.stage:run",
        config=("mint.config.body:BodyConfig", own["config"]),
        own={"validated_path": "validated.npz"},
        named={"static_path": "static_path"},
        values={
            "marker_bodies": "marker_bodies",
            "mass_kg": "mass_kg",
            "height_m": "height_m",
        },
        arguments={"human": own["human"]},
        places={
            "model_dir": own["config"]["model_dir"],
            "marker_map_csv": own["config"]["marker_map"],
        },
        watched=[*job.input.models, *checkout_files(job.params.landmarks)],
        loads=["mint.body.forward"] if any(member["kind"] == "poses" for member in job.params.members) else [],
    )
