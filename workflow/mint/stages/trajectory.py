"""Stage trajectory: coordinates and model go in; motion, ground forces and leg muscles come out."""

from __future__ import annotations

from pathlib import Path

from mint.batch.job import Job, Settings
from mint.batch.rescue import rescuing
from mint.batch.run import Stage
from mint.core.methods import METHOD_VERSION
from mint.core.packages import LINEAR_SOLVER_PACKAGES
from mint.core.tables import checkout_files

_FUNCTION = "mint.trajectory.stage:run"


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the chunks of a job; with settings of a rescue, for their second pass."""
    own = settings["trajectory"]
    attempts = settings["rescue"]["attempts"] if "rescue" in settings else []
    config = ("mint.config.trajectory:TrajectoryConfig", own["config"])
    packages = LINEAR_SOLVER_PACKAGES[own["config"]["linear_solver"]]
    places = {"cache": str(Path(job.input.compiled).parent)}
    memory_mb = job.params.limits["chunk_memory_mb"]
    return Stage(
        "trajectory",
        "trajectory.npz",
        _FUNCTION,
        config=config,
        shared={
            "leg_model_path": job.input.leg_json,
            "muscle_paths_path": job.input.paths,
        },
        named={"ik_path": "ik", "support_path": "support"}
        | ({"first": "trajectory"} if attempts else {})
        | ({"measured_path": "measured"} if job.input.measured else {}),
        places=places,
        watched=checkout_files([*own["tables"], *own["sources"]]),
        depends={"compile": METHOD_VERSION["compile"]} | ({"rescue": attempts} if attempts else {}),
        packages=packages,
        ahead="mint.trajectory.stage:ahead",
        compute=rescuing("trajectory", _FUNCTION, config, attempts, memory_mb, places, packages) if attempts else None,
    )
