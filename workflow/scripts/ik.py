"""Rule ik: markers of chunks go in, coordinates with speeds and accelerations come out."""

from mint.batch.run import Stage, run_job
from mint.core.tables import checkout_files

stage = Stage(
    "ik",
    "ik.npz",
    "mint.kinematics.ik:run",
    config=("mint.config.kinematics:KinematicsConfig", snakemake.params.config),
    shared={
        "scale_path": snakemake.input.scale,
        "scaled_osim": snakemake.input.scaled,
        "leg_osim": snakemake.input.leg,
    },
    own={
        "markers_trc": "markers.trc",
        "upstream": ["../../validated.npz", "../../body.npz"],
    },
    values={"window": "window"},
    watched=checkout_files(snakemake.params.tables),
    ahead="mint.kinematics.ik:ahead",
)

run_job(stage, snakemake)
