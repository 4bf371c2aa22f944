"""Rule verify: solutions go in, OpenSim's judgement comes out."""

from mint.batch.run import Stage, run_job
from mint.core.tables import checkout_files

stage = Stage(
    "verify",
    "verify.npz",
    "mint.verify.stage:run",
    config=("mint.config.verify:VerifyConfig", snakemake.params.config),
    shared={"leg_osim": snakemake.input.leg, "paths_path": snakemake.input.paths},
    own={"trajectory_path": "trajectory.npz"},
    named={"ik_path": "ik"},
    watched=checkout_files(snakemake.params.tables),
    ahead="mint.verify.stage:ahead",
)

run_job(stage, snakemake)
