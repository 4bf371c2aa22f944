"""Rule validate: motion files go in, clean and checked motions come out."""

from mint.batch.run import Stage, run_batch

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
    },
)

run_batch(
    stage,
    snakemake.params.members,
    snakemake.output.record,
    results=snakemake.config["results"],
    limits=snakemake.params.limits,
    attempt=snakemake.resources.attempt,
    log=snakemake.log[0],
)
