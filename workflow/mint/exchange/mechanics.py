"""Inverse dynamics of an exported motion under its own ground forces, and what actuators must add to the muscles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import opensim
from numpy.typing import NDArray

from mint.exchange.loads import GroundLoads
from mint.kinematics.model.joint_loads import force_wrench, strut_wrench, tension_wrench

Floats = NDArray[np.float64]


class Mechanics:
    """A model in a state, its own forces off; `order (u,)` are its coordinates in the order of the state."""

    def __init__(self, model: Any, state: Any, order: Sequence[str]) -> None:
        self._model, self._state, self.order = model, state, list(order)
        self._solver = opensim.InverseDynamicsSolver(model)

    def demand(self, q: Floats, qd: Floats, qdd: Floats, loads: GroundLoads, row: int) -> Floats:
        """(u,) generalized forces N m, N that a pose with speeds and accelerations (u,) needs beyond gravity and the
        ground forces of a row. Leaves the model in that state."""
        self._state.setQ(opensim.Vector.createFromMat(np.ascontiguousarray(q)))
        self._state.setU(opensim.Vector.createFromMat(np.ascontiguousarray(qd)))
        self._model.realizeVelocity(self._state)
        needed = np.asarray(
            self._solver.solve(self._state, opensim.Vector.createFromMat(np.ascontiguousarray(qdd))).to_numpy()
        )
        wrench = force_wrench(
            self._model, self._state, loads.bodies, loads.force_N[row], loads.point_m[row], self._bodies()
        )
        for name, torque in zip(loads.bodies, loads.torque_Nm[row], strict=True):
            wrench[int(self._model.getBodySet().get(name).getMobilizedBodyIndex()), :3] += torque
        return np.asarray(needed - wrench.reshape(-1) @ self._jacobian())

    def muscle_forces(self, paths: Sequence[Any], tension_N: Floats) -> Floats:
        """(u,) generalized forces of paths under tension (m,) in the present state."""
        return np.asarray(tension_wrench(self._state, paths, tension_N, self._bodies()).reshape(-1) @ self._jacobian())

    def strut_forces(self, pushes_N: Mapping[str, float]) -> Floats:
        """(u,) generalized forces of actuators that push their two points apart, in the present state."""
        pushes = np.array(list(pushes_N.values()))
        wrench = strut_wrench(self._model, self._state, list(pushes_N), pushes, self._bodies())
        return np.asarray(wrench.reshape(-1) @ self._jacobian())

    def _bodies(self) -> int:
        return len(self._jacobian()) // 6

    def _jacobian(self) -> Floats:
        matrix = opensim.Matrix()
        self._model.getMatterSubsystem().calcSystemJacobian(self._state, matrix)
        return np.asarray(matrix.to_numpy())
