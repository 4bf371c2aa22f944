"""Rule verify: a solution goes in, OpenSim's judgement comes out."""

from mint.core.call import isolated

isolated(
    "verify",
    "mint.verify.stage:run",
    {
        "trajectory_path": snakemake.input.trajectory,
        "ik_path": snakemake.input.ik,
        "leg_osim": snakemake.input.leg,
        "paths_path": snakemake.input.paths,
    },
    snakemake.output.bundle,
    config=("mint.config.verify:VerifyConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
