"""Rule trunk: a verified solution goes in, trunk muscles come out."""

from mint.core.call import isolated

isolated(
    "trunk",
    "mint.trunk.stage:run",
    {
        "trajectory_path": snakemake.input.trajectory,
        "ik_path": snakemake.input.ik,
        "scaled_osim": snakemake.input.scaled,
        "upstream": [snakemake.input.verify],
    },
    snakemake.output.bundle,
    config=("mint.config.trunk:TrunkConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
