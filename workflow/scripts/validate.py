"""Rule validate: a motion file goes in, a clean and checked motion comes out."""

from mint.core.call import isolated

isolated(
    "validate",
    "mint.body.validate:run",
    {
        "path": snakemake.input.motion,
        "source": snakemake.params.source,
        "gender": snakemake.params.gender,
        "frame_rate_override": snakemake.params.frame_rate_override,
    },
    snakemake.output.bundle,
    config=("mint.config.validate:ValidateConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
