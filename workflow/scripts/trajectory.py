"""Rule trajectory: coordinates and model go in; motion, ground forces and leg muscles come out."""

from pathlib import Path

from mint.batch.rescue import rescuing
from mint.batch.run import Stage, run_job
from mint.core.methods import METHOD_VERSION
from mint.core.packages import LINEAR_SOLVER_PACKAGES
from mint.core.tables import checkout_files

FUNCTION = "mint.trajectory.stage:run"
config = ("mint.config.trajectory:TrajectoryConfig", snakemake.params.config)
attempts = snakemake.params.rescue
packages = LINEAR_SOLVER_PACKAGES[snakemake.params.config["linear_solver"]]
places = {"cache": str(Path(snakemake.input.compiled).parent)}
memory_mb = snakemake.params.limits["chunk_memory_mb"]

stage = Stage(
    "trajectory",
    "trajectory.npz",
    FUNCTION,
    config=config,
    shared={
        "leg_model_path": snakemake.input.leg_json,
        "muscle_paths_path": snakemake.input.paths,
    },
    named={"ik_path": "ik", "support_path": "support"}
    | ({"first": "trajectory"} if attempts else {})
    | ({"measured_path": "measured"} if snakemake.input.measured else {}),
    places=places,
    watched=checkout_files(snakemake.params.tables | snakemake.params.sources),
    depends={"compile": METHOD_VERSION["compile"]} | ({"rescue": attempts} if attempts else {}),
    packages=packages,
    ahead="mint.trajectory.stage:ahead",
    compute=rescuing("trajectory", FUNCTION, config, attempts, memory_mb, places, packages) if attempts else None,
)

run_job(stage, snakemake)
