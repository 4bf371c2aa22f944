"""Rule trajectory: coordinates and model go in; motion, ground forces and leg muscles come out."""

from pathlib import Path

from mint.core.call import isolated

isolated(
    "trajectory",
    "mint.trajectory.stage:run",
    {
        "leg_model_path": snakemake.input.leg_json,
        "muscle_paths_path": snakemake.input.paths,
        "ik_path": snakemake.input.ik,
        "support_path": snakemake.input.support,
        "cache": str(Path(snakemake.input.compiled).parent),
    },
    snakemake.output.bundle,
    config=("mint.config.trajectory:TrajectoryConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
