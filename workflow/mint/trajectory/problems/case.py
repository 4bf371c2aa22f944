"""The chunk that all attempts are about, and the skeleton problem of each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mint.config.rungs import Rung
from mint.config.trajectory import TrajectoryConfig
from mint.trajectory.feet.guide import ForceGuide
from mint.trajectory.mesh.blocks import Blocks
from mint.trajectory.mesh.dynamics import Dynamics
from mint.trajectory.model.parameters import parameter_vector
from mint.trajectory.model.tree import Tree
from mint.trajectory.problems.skeleton import Scales, SkeletonProblem

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class SkeletonCase:
    """What all rungs share: model, kernels, parameters, the motion to track (K, 3, n), lower and upper limits (n,)
    of coordinates (those of the muscle paths), and what is known of the ground forces."""

    tree: Tree
    blocks: Blocks
    scales: Scales
    target: Array
    step_s: float
    belt_velocity: Array
    config: TrajectoryConfig
    reach: tuple[Array, Array]
    guide: ForceGuide

    @cached_property
    def dynamics(self) -> Dynamics:
        """Dynamics of the model on its floor."""
        return self._dynamics(1.0)

    def _dynamics(self, softness: float) -> Dynamics:
        tree = replace(
            self.tree, spheres=tuple(replace(s, stiffness=s.stiffness * softness) for s in self.tree.spheres)
        )
        return Dynamics(self.blocks, parameter_vector(tree, self.belt_velocity), self.step_s, self.guide.point_m)

    def problem(self, rung: Rung, softness: float = 1.0, free: Array | None = None) -> SkeletonProblem:
        """The problem of a rung, with contact stiffness times `softness`; `free` as in `SkeletonProblem`."""
        dynamics = self.dynamics if softness == 1.0 else self._dynamics(softness)
        return SkeletonProblem(dynamics, self.tree, self.scales, self.target, rung, self.config, self.guide, free)
