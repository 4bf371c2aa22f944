"""Rule verify: solutions go in, OpenSim's judgement comes out."""

from mint.batch.run import Stage, run_batch

stage = Stage(
    "verify",
    "verify.npz",
    "mint.verify.stage:run",
    config=("mint.config.verify:VerifyConfig", snakemake.params.config),
    shared={"leg_osim": snakemake.input.leg, "paths_path": snakemake.input.paths},
    own={"trajectory_path": "trajectory.npz"},
    named={"ik_path": "ik"},
)

run_batch(
    stage,
    snakemake.params.members,
    snakemake.output.record,
    results=snakemake.config["results"],
    limits=snakemake.params.limits,
    attempt=snakemake.resources.attempt,
    log=snakemake.log[0],
)
