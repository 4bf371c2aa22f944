"""Static optimization of a window: pose, moment arms, capacity and demand, then one program per frame or for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import opensim

from mint.config.trunk import TrunkConfig
from mint.core.chunks import FRAME_RATE_HZ, time_s
from mint.core.finding import Finding
from mint.core.status import Reason, StageError
from mint.trunk.arms import strut_arms
from mint.trunk.capacity import Capacity
from mint.trunk.coupled import ActivationDynamics, solve_window
from mint.trunk.demand import GroundForces, InverseDynamics
from mint.trunk.equilibrium import Equilibrium
from mint.trunk.model import Float, TrunkModel
from mint.trunk.motion import Motion, seen_by_muscles
from mint.trunk.paths import MusclePaths, moment_arms
from mint.trunk.strands import mint_name_of
from mint.trunk.table import BALANCED, Role

_NO_ARM = 1e-7  # m: below this a path does not act on a coordinate


@dataclass(frozen=True)
class Actors:
    """Who acts: `muscles` with an activation, `given` muscles with a known force, cartilage `struts`."""

    muscles: list[str]
    given: list[str]
    struts: list[str]
    strut_force_N: Float
    without_arm: list[str]


@dataclass(frozen=True)
class TrunkSolution:
    """Results over n frames; `demand (n, u)` N m or N of all coordinates, before couplers and muscles."""

    activation: Float
    capacity_N: Float
    passive_N: Float
    reserve: Float
    strut_N: Float
    net_moment: Float
    demand: Float

    @property
    def muscle_force_N(self) -> Float:
        """(n, m) force along the tendon."""
        return self.activation * self.capacity_N + self.passive_N


def choose_actors(model: TrunkModel, q: Float, given: list[str]) -> Actors:
    """Sort the model's muscles at pose `q (u,)`.

    Lower-limb muscles are `given` where they act on a trunk coordinate. Of the others MinT's strands and the
    families (name up to the first `_`) of which some fascicle acts on a trunk coordinate get an activation;
    arm muscles do not. Raises StageError(MODEL_INCOMPLETE) if none acts.
    """
    model.pose(q, np.zeros_like(q))
    jacobian = model.system_jacobian()
    projection = model.projection(q)
    reach = np.abs(moment_arms(model, model.muscles, jacobian) @ projection).max(axis=1, initial=0.0)
    acts = {name: bool(r > _NO_ARM) for name, r in zip(model.muscles, reach, strict=True)}
    lower_limb, trunk = mint_name_of("lower_limb"), mint_name_of("trunk")
    families = {name.split("_")[0] for name in model.muscles if acts[name]}
    muscles = [
        name for name in model.muscles if name not in lower_limb and (name in trunk or name.split("_")[0] in families)
    ]
    if not any(acts[name] for name in muscles):
        raise StageError(
            Reason.MODEL_INCOMPLETE, f"none of {len(model.muscles)} muscles of the model acts on a trunk coordinate"
        )
    acting_legs = [name for name in model.muscles if name in lower_limb and acts[name]]
    unknown = [name for name in acting_legs if name not in given]
    if unknown:
        raise StageError(Reason.FIELD_MISSING, f"trajectory.npz has no force of {unknown[0]}, which acts on the trunk")
    struts, optimal = [], []
    forces = model.model.getForceSet()
    for i in range(forces.getSize()):
        strut = opensim.PointToPointActuator.safeDownCast(forces.get(i))
        if strut is not None:
            struts.append(str(strut.getName()))
            optimal.append(float(strut.getOptimalForce()))
    without_arm = [name for name in muscles if not acts[name]]
    return Actors(muscles, acting_legs, struts, np.array(optimal), without_arm)


def reserve_optimal_force(model: TrunkModel, config: TrunkConfig) -> Float:
    """(e,) reserve of each coordinate with an equation that costs as much as one fully active muscle, N m or N."""
    by_role = {Role.MUSCLES: config.reserve_optimal_force, Role.SUPPORTED: config.support_optimal_force}
    return np.array([by_role[row.role] for row in model.rows if row.role in BALANCED])


def optimize(
    model: TrunkModel, motion: Motion, ground: GroundForces, actors: Actors, given_force_N: Float, config: TrunkConfig
) -> TrunkSolution:
    """Solve every frame; `given_force_N (n, g)` are forces of `actors.given`. Muscles are where `seen_by_muscles` says.

    Raises StageError(TRUNK_INFEASIBLE), with the time of the frame unless frames are coupled.
    """
    n, m, s = len(motion.frames), len(actors.muscles), len(actors.struts)
    e, u = len(model.names(*BALANCED)), len(model.rows)
    dynamics, capacity = InverseDynamics(model), Capacity(model, actors.muscles)
    paths, given = MusclePaths(model, actors.muscles), MusclePaths(model, actors.given)
    out = TrunkSolution(*(np.zeros((n, width)) for width in (m, m, m, e, s, e, u)))
    effects, loads = np.zeros((n, e, m + s)), np.zeros((n, e))
    seen = seen_by_muscles(model, motion)
    for i in range(n):
        model.pose(motion.q[i], motion.qd[i])
        jacobian = model.system_jacobian()
        projection = model.projection(motion.q[i])
        out.demand[i] = dynamics.demand(motion.qdd[i], jacobian, ground, i)
        out.net_moment[i] = projection.T @ out.demand[i]
        loads[i] = out.net_moment[i]
        if seen is not motion:
            model.pose(seen.q[i], seen.qd[i])
            jacobian = model.system_jacobian()
            projection = model.projection(seen.q[i])
        geometry = paths.at(jacobian, projection, seen.qd[i])
        out.capacity_N[i] = capacity.active(geometry, config.pennation)
        if actors.given:
            loads[i] -= given.at(jacobian, projection, seen.qd[i]).arms.T @ given_force_N[i]
        if config.passive_forces:
            out.passive_N[i] = capacity.passive(geometry)
            loads[i] -= geometry.arms.T @ out.passive_N[i]
        effects[i, :, :m] = geometry.arms.T * out.capacity_N[i]
        if actors.struts:
            push = strut_arms(model, actors.struts, jacobian) @ projection
            effects[i, :, m:] = push.T * actors.strut_force_N
    controls, out.reserve[:] = _solve(effects, loads, m, reserve_optimal_force(model, config), motion, config)
    out.activation[:], out.strut_N[:] = controls[:, :m], controls[:, m:] * actors.strut_force_N
    return out


def _solve(
    effects: Float, loads: Float, muscles: int, reserve_force: Float, motion: Motion, config: TrunkConfig
) -> tuple[Float, Float]:
    """Controls (n, m + s) and reserves (n, e) for `effects (n, e, m + s)` and `loads (n, e)`: each frame for itself, or
    all together with activation dynamics."""
    struts = effects.shape[2] - muscles
    lower = np.concatenate([np.full(muscles, config.min_activation), np.full(struts, -1.0)])
    upper = np.concatenate([np.full(muscles, config.max_activation), np.full(struts, 1.0)])
    if config.activation_dynamics:
        return solve_window(
            effects,
            loads,
            muscles,
            lower,
            upper,
            reserve_force,
            ActivationDynamics(
                config.activation_time_constant_s, config.deactivation_time_constant_s, 1.0 / FRAME_RATE_HZ
            ),
        )
    solver = Equilibrium(lower, upper, reserve_force)
    controls, reserves = np.zeros((len(loads), len(lower))), np.zeros_like(loads)
    for i, (effect, load) in enumerate(zip(effects, loads, strict=True)):
        try:
            balance = solver.solve(effect, load)
        except StageError as error:
            when = time_s(int(motion.frames[i]))
            raise StageError(
                Reason.TRUNK_INFEASIBLE,
                f"t = {when:.2f} s: {error.detail}",
                t_start_s=when,
                t_end_s=when,
                finding=Finding("equation of motion", node=i),
            ) from error
        controls[i], reserves[i] = balance.control, balance.reserve
    return controls, reserves
