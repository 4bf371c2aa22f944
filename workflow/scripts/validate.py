"""Rule validate: motion files go in, clean and checked motions come out."""

from mint.batch.run import Stage, run_job
from mint.core.tables import checkout_files

stage = Stage(
    "validate",
    "validated.npz",
    "mint.body.validate:run",
    config=("mint.config.validate:ValidateConfig", snakemake.params.config),
    named={"path": "path", "others": "others"},
    values={
        "source": "source",
        "gender": "gender",
        "frame_rate_override": "frame_rate_override",
        "subject": "subject",
        "mass_kg": "mass_kg",
        "height_m": "height_m",
        "model_dir": "model_dir",
        "density_kg_m3": "density_kg_m3",
    },
    arguments={"human": snakemake.params.human},
    watched=[*snakemake.input.models, *checkout_files(snakemake.params.tables)],
)

run_job(stage, snakemake)
