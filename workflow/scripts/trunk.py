"""Rule trunk: solutions go in, trunk muscles come out."""

from mint.batch.run import Stage, run_job
from mint.core.tables import checkout_files

stage = Stage(
    "trunk",
    "trunk.npz",
    "mint.trunk.stage:run",
    config=("mint.config.trunk:TrunkConfig", snakemake.params.config),
    shared={"scaled_osim": snakemake.input.scaled},
    own={"trajectory_path": "trajectory.npz"},
    named={"ik_path": "ik"},
    watched=checkout_files(snakemake.params.tables),
    ahead="mint.trunk.stage:ahead",
)

run_job(stage, snakemake)
