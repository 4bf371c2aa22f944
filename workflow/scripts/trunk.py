"""Rule trunk: solutions go in, trunk muscles come out."""

from mint.batch.run import Stage, run_batch

stage = Stage(
    "trunk",
    "trunk.npz",
    "mint.trunk.stage:run",
    config=("mint.config.trunk:TrunkConfig", snakemake.params.config),
    shared={"scaled_osim": snakemake.input.scaled},
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
