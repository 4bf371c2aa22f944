"""Columns of an exported project: angles in degrees, generalized forces, forces of muscles and actuators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import opensim
from numpy.typing import NDArray

from mint.exchange.actuators import ENDING
from mint.exchange.loads import GroundLoads
from mint.exchange.mechanics import Mechanics
from mint.exchange.solution import PartSolution
from mint.kinematics.model.export import items

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ForceTable:
    """`columns` of forces by muscle (N) and by actuator (N m, N), (n,) each; `demand (n, u)` generalized forces."""

    columns: Mapping[str, Floats]
    demand: Floats


def angles_in_degrees(columns: Mapping[str, Floats], rotational: Mapping[str, bool]) -> dict[str, Floats]:
    """The same columns with angles in degrees."""
    return {name: np.degrees(values) if rotational[name] else values for name, values in columns.items()}


def moment_columns(order: Sequence[str], rotational: Mapping[str, bool]) -> list[str]:
    """Names of generalized forces as OpenSim's inverse dynamics has them."""
    return [f"{name}_{'moment' if rotational[name] else 'force'}" for name in order]


def force_table(
    mechanics: Mechanics, model: Any, solution: PartSolution, motion: tuple[Floats, Floats, Floats], loads: GroundLoads
) -> ForceTable:
    """Forces that move the model as it moves, frame by frame: those of the muscles as solved, and of an actuator on
    every coordinate what they and passive springs lack: reserves, moments of joints without muscles, residuals.
    """
    muscles = model.getMuscles()
    paths = [opensim.GeometryPath.safeDownCast(muscles.get(name).updPath()) for name in solution.muscles]
    springs = _springs(model, mechanics.order)
    demand, rest = np.zeros_like(motion[0]), np.zeros_like(motion[0])
    for row, (q, qd, qdd) in enumerate(zip(*motion, strict=True)):
        demand[row] = mechanics.demand(q, qd, qdd, loads, row)
        rest[row] = demand[row] - mechanics.muscle_forces(paths, solution.force_N[row])
        for column, (stiffness, viscosity) in springs.items():
            rest[row, column] += stiffness * q[column] + viscosity * qd[column]
        rest[row] -= mechanics.strut_forces({name: float(push[row]) for name, push in solution.further_N.items()})
    columns = {name: solution.force_N[:, i] for i, name in enumerate(solution.muscles)}
    columns |= {name: np.zeros(len(demand)) for name in (m.getName() for m in items(muscles)) if name not in columns}
    columns |= dict(solution.further_N)
    columns |= {f"{name}{ENDING}": rest[:, i] for i, name in enumerate(mechanics.order)}
    return ForceTable(columns, demand)


def _springs(model: Any, order: Sequence[str]) -> dict[int, tuple[float, float]]:
    """Stiffness N m/rad and viscosity N m s/rad of passive joints, by column."""
    out = {}
    for force in items(model.getForceSet()):
        spring = opensim.SpringGeneralizedForce.safeDownCast(force)
        if spring is not None:
            out[list(order).index(spring.get_coordinate())] = (spring.getStiffness(), spring.getViscosity())
    return out
