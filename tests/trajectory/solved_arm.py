"""A chunk in a process of its own: `python -m tests.trajectory.solved_arm CACHE WORK_LIMIT` prints how it ended, as JSON.

Motion and muscles of a small model, with the linear solver that a chunk gets and interpreted kernels.
"""

import hashlib
import json
import sys

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.status import StageError
from mint.trajectory.attempts.legs import solve_joint
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.compiled.toolchain import Toolchain
from mint.trajectory.mesh.blocks import load_or_build
from mint.trajectory.model.tree import build_tree
from mint.trajectory.solvers.linear_solver import linear_solver
from tests.trajectory import models
from tests.trajectory.test_joint import legs, swinging_arm


def ended(cache: str, work_limit: int) -> dict:
    """Reason, rows without their times, work, and a digest of every number of the solution."""
    config = TrajectoryConfig()
    tree = build_tree(models.block())
    case = swinging_arm((tree, load_or_build(tree, cache, Toolchain((), "interpreter", 1))), 40, config=config)
    attempts = Attempts(linear_solver(config, cache).options, work_limit=work_limit)
    digest = hashlib.sha256()
    try:
        solution, reason = solve_joint(case, legs(case, 300.0), attempts), "none"
        muscles = [
            getattr(each, name) for each in solution.muscles.values() for name in ("activation", "force", "reserve")
        ]
        for array in (solution.motion.z, *muscles):
            digest.update(np.ascontiguousarray(array).tobytes())
    except StageError as error:
        reason = error.reason.value
    rows = [{key: value for key, value in row.items() if key != "wall_s"} for row in attempts.to_json()]
    return {"reason": reason, "work": attempts.work, "rows": rows, "digest": digest.hexdigest()}


if __name__ == "__main__":
    print(json.dumps(ended(sys.argv[1], int(sys.argv[2]))))
