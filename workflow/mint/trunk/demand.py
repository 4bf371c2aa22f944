"""What the muscles have to do: generalized forces of the motion under the predicted ground forces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import opensim

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.trunk.arms import external_generalized_force
from mint.trunk.model import Float, TrunkModel

_TRANSLATIONAL = 2  # OpenSim's Coordinate::Translational


@dataclass(frozen=True)
class GroundForces:
    """Forces `(n, k, 3)` N at points `(n, k, 3)` m, in ground, on `bodies (k,)`."""

    bodies: list[str]
    force_N: Float
    point_m: Float


def ground_forces(model: TrunkModel, trajectory: Bundle) -> GroundForces:
    """Sphere forces of the leg solution on the bodies of the trunk model that carry the spheres.

    Raises StageError for a sphere that resources/contact_spheres.csv does not know, a body the model lacks,
    or values that are not finite.
    """
    rows = table("contact_spheres")
    carrier = dict(zip(rows["sphere"].astype(str), rows["body"].astype(str), strict=True))
    bodies = []
    for force_name in trajectory.names("spheres"):
        # Models name the force after the sphere, some with the force's class before it.
        sphere = next((name for name in carrier if force_name == name or force_name.endswith(f"_{name}")), None)
        if sphere is None:
            raise StageError(Reason.FIELD_VALUE, f"trajectory.npz: sphere {force_name} has no row in its table")
        if model.model.getBodySet().getIndex(carrier[sphere]) < 0:
            raise StageError(Reason.MODEL_INCOMPLETE, f"the trunk model has no body {carrier[sphere]}")
        bodies.append(carrier[sphere])
    force, point = trajectory["sphere_force_N"], trajectory["sphere_point_m"]
    if not (np.all(np.isfinite(force)) and np.all(np.isfinite(point))):
        bad = int(np.argmax(~(np.isfinite(force) & np.isfinite(point)).all(axis=(1, 2))))
        raise StageError(Reason.NOT_FINITE, f"trajectory.npz: sphere_force_N or sphere_point_m, row {bad}")
    return GroundForces(bodies, force, point)


class InverseDynamics:
    """OpenSim's InverseDynamicsSolver on a model whose own forces are off."""

    def __init__(self, model: TrunkModel) -> None:
        self._model = model
        self._solver: Any = opensim.InverseDynamicsSolver(model.model)

    def demand(self, qdd: Float, jacobian: Float, ground: GroundForces, frame: int) -> Float:
        """(u,) generalized forces that muscles must supply: M qdd + C - gravity - ground."""
        udot = opensim.Vector.createFromMat(np.ascontiguousarray(qdd))
        total = np.asarray(self._solver.solve(self._model.state, udot).to_numpy())
        external = external_generalized_force(
            self._model, jacobian, ground.bodies, ground.force_N[frame], ground.point_m[frame]
        )
        return total - external


def pelvis_axes(model: TrunkModel) -> tuple[list[int], list[int]]:
    """Indices of the pelvis coordinates: translations (residual force), rotations (residual moment)."""
    coordinates = model.model.getCoordinateSet()
    translations: list[int] = []
    rotations: list[int] = []
    for i, row in enumerate(model.rows):
        if row.role.value == "residual":
            motion = coordinates.get(row.name).getMotionType()
            (translations if motion == _TRANSLATIONAL else rotations).append(i)
    return translations, rotations


def force_unit(model: TrunkModel, coordinate: str) -> str:
    """`N` for a translational coordinate, `Nm` for a rotational one."""
    return "N" if model.model.getCoordinateSet().get(coordinate).getMotionType() == _TRANSLATIONAL else "Nm"
