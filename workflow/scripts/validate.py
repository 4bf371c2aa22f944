"""Rule validate: motion files go in, clean and checked motions come out."""

from mint.batch.run import Stage, run_job

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
    },
    arguments={"human": snakemake.params.human},
)

run_job(stage, snakemake)
