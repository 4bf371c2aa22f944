"""Rule ik: markers of a chunk go in, coordinates with speeds and accelerations come out."""

from mint.core.call import isolated

isolated(
    "ik",
    "mint.kinematics.ik:run",
    {
        "markers_trc": snakemake.input.markers,
        "scale_path": snakemake.input.scale,
        "scaled_osim": snakemake.input.scaled,
        "leg_osim": snakemake.input.leg,
        "window": snakemake.params.window,
        "upstream": [snakemake.input.validated, snakemake.input.body],
    },
    snakemake.output.bundle,
    config=("mint.config.kinematics:KinematicsConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
