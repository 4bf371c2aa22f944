"""Stage validate: motion files go in, clean and checked motions come out."""

from __future__ import annotations

from mint.batch.job import Job, Settings
from mint.batch.run import Stage
from mint.core.tables import checkout_files


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the sequences of a job."""
    own = settings["validate"]
    return Stage(
        "validate",
        "validated.npz",
        "mint.body.validate:run",
        config=("mint.config.validate:ValidateConfig", own["config"]),
        named={"path": "path", "others": "others"},
        values={
            "source": "source",
            "gender": "gender",
            "frame_rate_override": "frame_rate_override",
            "subject": "subject",
            "mass_kg": "shaped_mass_kg",
            "height_m": "shaped_height_m",
            "model_dir": "model_dir",
            "density_kg_m3": "density_kg_m3",
        },
        arguments={"human": own["human"]},
        watched=[*job.input.shapes, *checkout_files(own["tables"])],
    )
