"""Stage ik: markers of chunks go in, coordinates with speeds and accelerations come out."""

from __future__ import annotations

from mint.batch.job import Job, Settings
from mint.batch.run import Stage
from mint.core.tables import checkout_files


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the chunks of a job."""
    own = settings["ik"]
    return Stage(
        "ik",
        "ik.npz",
        "mint.kinematics.ik:run",
        config=("mint.config.kinematics:KinematicsConfig", own["config"]),
        shared={
            "scale_path": job.input.scale,
            "scaled_osim": job.input.scaled,
            "leg_osim": job.input.leg,
        },
        own={
            "markers_trc": "markers.trc",
            "upstream": ["../../validated.npz", "../../body.npz"],
        },
        values={"window": "window"},
        watched=checkout_files([*job.params.marker_set, *own["tables"]]),
        ahead="mint.kinematics.ik:ahead",
    )
