"""Rule validate: motion files go in, clean and checked motions come out."""

from mint.batch.run import Stage, run_job

stage = Stage(
    "validate",
    "validated.npz",
    "mint.body.validate:run",
    config=("mint.config.validate:ValidateConfig", snakemake.params.config),
    named={"path": "path"},
    values={
        "source": "source",
        "gender": "gender",
        "frame_rate_override": "frame_rate_override",
        "subject": "subject",
    },
)

run_job(stage, snakemake)
