"""Rule muscle_paths: a leg model goes in, polynomials of its muscle-tendon lengths come out."""

from mint.core.call import isolated

isolated(
    "muscle_paths",
    "mint.kinematics.muscle_paths:run",
    {
        "leg_osim": snakemake.input.leg,
        "upstream": [snakemake.input.scale],
    },
    snakemake.output.bundle,
    config=("mint.config.muscle_paths:MusclePathsConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
