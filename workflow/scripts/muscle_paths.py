"""Rule muscle_paths: a leg model goes in, polynomials of its muscle-tendon lengths come out."""

from mint.batch.job import run_job
from mint.batch.run import Stage
from mint.core.tables import checkout_files

stage = Stage(
    "muscle_paths",
    "muscle_paths.npz",
    "mint.kinematics.muscle_paths:run",
    config=("mint.config.muscle_paths:MusclePathsConfig", snakemake.params.config),
    own={"leg_osim": "leg.osim", "upstream": ["scale.npz"]},
    watched=checkout_files(snakemake.params.tables),
)

run_job(stage, snakemake)
