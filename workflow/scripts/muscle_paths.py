"""Rule muscle_paths: a leg model goes in, polynomials of its muscle-tendon lengths come out."""

from mint.batch.run import Stage, run_batch

stage = Stage(
    "muscle_paths",
    "muscle_paths.npz",
    "mint.kinematics.muscle_paths:run",
    config=("mint.config.muscle_paths:MusclePathsConfig", snakemake.params.config),
    own={"leg_osim": "leg.osim", "upstream": ["scale.npz"]},
)

run_batch(
    stage,
    snakemake.params.members,
    None,
    results=snakemake.config["results"],
    limits=snakemake.params.limits,
    attempt=snakemake.resources.attempt,
    log=snakemake.log[0],
)
