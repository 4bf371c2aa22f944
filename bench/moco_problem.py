"""OpenSim Moco on a chunk, in a process of its own: MocoInverse on a solved motion, or MocoTrack with foot contact.

Both take the leg model of the workflow and the muscles of the trajectory stage (`docs/method/trajectory.md`): same
parameters, no passive fiber force, compliant tendons (implicit), activation dynamics, the fitted polynomials as
paths. Actuators cost what the trajectory stage makes moments cost. Units and frames: `docs/method/index.md`.
"""

from __future__ import annotations

import ctypes
import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from scipy.interpolate import CubicHermiteSpline

from mint.config.trajectory import TrajectoryConfig, strain_of
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, kept_nodes
from mint.core.motionfiles import write_storage
from mint.core.status import StageStatus
from mint.core.tables import table
from mint.kinematics.model.export import items, load_model, model_record

Array = np.ndarray[Any, Any]
# N m, N: optimal force where Moco shall not trade a moment against muscles. A prescribed motion fixes pelvis, trunk
# and arms; toes are on springs whatever their muscles do.
FREE = 1000.0
EXCITATION_WEIGHT = 0.01  # of an activation's: about what the trajectory stage takes for squared activation rates
MAX_ITERATIONS = 2500  # Muscles in Time (2024), appendix A.3
INVERSE = "moco_inverse.sto"  # beside the result of MocoTrack: the guess of its muscles
_LINE_BUFFERED = 1  # _IOLBF of stdio.h


def run(
    formulation: str,
    leg_osim: str,
    muscle_paths_path: str,
    ik_path: str,
    trajectory_path: str,
    scheme: str,
    output: Path,
) -> None:
    """Solve a chunk and write a bundle with the arrays of trajectory.npz that Moco has, and its status in `meta`.

    `formulation`: inverse or track; `trajectory_path`: solution that gives motion and forces (inverse), height and
    moments (track); `scheme`: Moco's transcription.
    """
    # The log shall be complete when the process is killed: lines instead of blocks.
    libc = ctypes.CDLL(None)
    libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, _LINE_BUFFERED, 0)
    config, solution = TrajectoryConfig(), Bundle.read(trajectory_path)
    model = without_patellas(load_model(leg_osim))
    convert_muscles(model, Bundle.read(muscle_paths_path), config)
    if formulation == "inverse":
        study = inverse_study(model, solution, config, scheme, output.with_suffix(""))
    else:
        study = track_study(model, solution, Bundle.read(ik_path), config, scheme, output.with_name(INVERSE))
    result = study.solve()
    success = bool(result.success())
    if not success:
        result.unseal()
    status = {
        "success": success,
        "solver_status": result.getStatus(),
        "iterations": result.getNumIterations(),
        "objective": float(result.getObjective()),
    }
    result.write(str(output.with_suffix(".sto")))
    Bundle(StageStatus("moco"), arrays(result, model, solution), status).write(output)


def without_patellas(model: Any) -> Any:
    """The model with patellas (60 g each) fixed: no path touches them, and a coordinate that is coupled to another
    would cost Moco a kinematic constraint with multipliers, and leave it one transcription."""
    couplers = [opensim.CoordinateCouplerConstraint.safeDownCast(c) for c in items(model.getConstraintSet())]
    joints = [model.getCoordinateSet().get(c.getDependentCoordinateName()).getJoint().getName() for c in couplers]
    model.updConstraintSet().clearAndDestroy()
    processor = opensim.ModelProcessor(model)
    processor.append(opensim.ModOpReplaceJointsWithWelds(opensim.StdVectorString(joints)))
    welded = processor.process()
    welded.finalizeConnections()
    return welded


def convert_muscles(model: Any, paths: Bundle, config: TrajectoryConfig) -> None:
    """Give the muscles of the model the dynamics of the trajectory stage, and its polynomials as paths."""
    where = {c.getName(): c.getAbsolutePathString() for c in items(model.getCoordinateSet())}
    for i, name in enumerate(paths.names("muscles")):
        muscle = opensim.DeGrooteFregly2016Muscle.safeDownCast(model.updMuscles().get(name))
        muscle.set_ignore_passive_fiber_force(True)
        muscle.set_ignore_tendon_compliance(False)
        muscle.set_active_force_width_scale(1.0)
        muscle.set_tendon_compliance_dynamics_mode("implicit")
        muscle.set_activation_time_constant(config.activation_time_s)
        muscle.set_deactivation_time_constant(config.deactivation_time_s)
        muscle.set_fiber_damping(config.muscle_damping)
        strain = strain_of(muscle.getName(), config.tendon_strain, config.achilles_strain)
        muscle.set_tendon_strain_at_one_norm_force(strain)
        muscle.setMinControl(config.activation_min)
        exponents = paths[f"exponents_{i}"]
        order = np.lexsort(exponents.T[::-1])  # OpenSim wants all terms up to the order, the last power fastest
        length = opensim.MultivariatePolynomialFunction()
        length.setDimension(exponents.shape[1])
        length.setOrder(int(exponents.sum(axis=1).max()))
        length.setCoefficients(opensim.Vector.createFromMat(paths[f"coefficients_{i}"][order]))
        path = opensim.FunctionBasedPath()
        path.setName("path")
        for coordinate in paths.names(f"span_{i}"):
            path.appendCoordinatePath(where[coordinate])
        path.setLengthFunction(length)
        muscle.set_path(path)
    model.finalizeFromProperties()
    model.finalizeConnections()


def add_actuators(
    model: Any, solution: Bundle, config: TrajectoryConfig, free: Sequence[str], absent: Sequence[str] = ()
) -> None:
    """A moment at each coordinate but the `absent`: a reserve (legs), cheap (`free`), or in units of its strength.

    A control of 1 costs as much as one fully active muscle, and gives the moment that does so in the trajectory stage.
    """
    names, kept = solution.names("coordinates"), kept_nodes(len(solution["tau"]))
    peak = np.maximum(np.abs(solution["tau"][kept]).max(axis=0), config.verified.reserve_base_Nm)
    rows = table("trajectory_weights")
    for i, name in enumerate(names):
        if name in absent:
            continue
        if name in solution.names("reserve_coordinates"):
            unit = config.verified.reserve_percent / 100 * peak[i] / np.sqrt(config.reserve_weight)
        elif any(fnmatch.fnmatch(name, pattern) for pattern in free):
            unit = FREE
        else:
            unit = next(
                float(row["torque_unit_Nm"])
                for _, row in rows.iterrows()
                if fnmatch.fnmatch(name, row["coordinate_pattern"])
            )
        actuator = opensim.CoordinateActuator(name)
        actuator.setName(f"moment_{name}")
        actuator.setOptimalForce(float(unit))
        model.addForce(actuator)


def set_costs(study: Any, effort: str, muscles: Sequence[str]) -> None:
    """Squared activations instead of the muscles' squared excitations in the goal `effort`."""
    problem = study.updProblem()
    controls = opensim.MocoControlGoal.safeDownCast(problem.updGoal(effort))
    for name in muscles:
        controls.setWeightForControl(f"/forceset/{name}", EXCITATION_WEIGHT)
    activations = opensim.MocoSumSquaredStateGoal("activation_effort", 1.0)
    activations.setPattern(".*activation$")
    problem.addGoal(activations)


def set_solver(study: Any, scheme: str, config: TrajectoryConfig) -> Any:
    """Configure the solver of a study, and return it."""
    solver = opensim.MocoCasADiSolver.safeDownCast(study.updSolver())
    solver.set_transcription_scheme(scheme)
    solver.set_optim_max_iterations(MAX_ITERATIONS)
    solver.set_optim_convergence_tolerance(config.tolerance)
    solver.set_optim_constraint_tolerance(config.tolerance)
    solver.set_parallel(0)
    # What MocoInverse chooses; with the defaults of MocoTrack the first iteration takes minutes.
    solver.set_optim_sparsity_detection("random")
    solver.set_optim_finite_difference_scheme("forward")
    solver.set_multibody_dynamics_mode("implicit")
    solver.set_minimize_implicit_auxiliary_derivatives(True)
    solver.set_implicit_auxiliary_derivatives_weight(config.tendon_rate_weight)
    return solver


def inverse_study(model: Any, solution: Bundle, config: TrajectoryConfig, scheme: str, folder: Path) -> Any:
    """Muscles on the motion and the ground forces of a solution; the forces become files in `folder`."""
    time, loads = window(solution), external_loads(model, solution, folder)
    forces = model.updForceSet()
    for i in reversed(range(forces.getSize())):
        if forces.get(i).getConcreteClassName() == "SmoothSphereHalfSpaceForce":
            forces.remove(i)
    add_actuators(model, solution, config, free=("pelvis_*", config.mtp_pattern))
    inverse = opensim.MocoInverse()
    processor = opensim.ModelProcessor(model)
    processor.append(opensim.ModOpAddExternalLoads(str(loads)))
    inverse.setModel(processor)
    # Denser than the nodes: OpenSim's splines of degree 5 then keep the accelerations of the cubic ones.
    fine = np.linspace(time[0], time[-1], 5 * (len(time) - 1) + 1)
    motion = CubicHermiteSpline(time, solution["q"], solution["qd"])(fine)
    motion = motion_table(model, fine.tolist(), solution.names("coordinates"), motion)
    inverse.setKinematics(opensim.TableProcessor(motion))
    inverse.set_initial_time(time[0])
    inverse.set_final_time(time[-1])
    inverse.set_mesh_interval(1.0 / FRAME_RATE_HZ)
    study = inverse.initialize()
    set_costs(study, "excitation_effort", solution.names("muscles"))
    set_solver(study, scheme, config)
    return study


def track_study(model: Any, solution: Bundle, ik: Bundle, config: TrajectoryConfig, scheme: str, muscles: Path) -> Any:
    """Motion, contact and muscles at once, from inverse kinematics at the height of the solution.

    Positions and speeds are tracked with the weights of the trajectory stage; Moco has no goal for accelerations.
    `muscles`: trajectory of MocoInverse.
    """
    names, passive = ik.names("leg_coordinates"), solution.meta["passive_coordinates"]
    add_actuators(
        model,
        solution,
        config,
        free=(),
        absent=("pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz", *passive),
    )
    for name in passive:
        spring = opensim.SpringGeneralizedForce(name)
        spring.setName(f"spring_{name}")
        spring.setStiffness(config.mtp_stiffness)
        spring.setViscosity(config.mtp_damping)
        model.addForce(spring)
    q, qd = ik["leg_q"].copy(), ik["leg_qd"].copy()
    q[:, names.index("pelvis_ty")] += solution.meta["pelvis_height_offset_m"]
    for motion in (q, qd):
        motion[:, [names.index(name) for name in passive]] = 0.0
    time = window(solution)
    track = opensim.MocoTrack()
    track.setModel(opensim.ModelProcessor(model))
    reference = motion_table(model, time, names, q, qd)
    track.setStatesReference(opensim.TableProcessor(reference))
    track.set_allow_unused_references(True)
    track.set_states_weight_set(tracking_weights(model, names, config))
    track.set_control_effort_weight(1.0)
    track.set_initial_time(time[0])
    track.set_final_time(time[-1])
    track.set_mesh_interval(1.0 / FRAME_RATE_HZ)
    study = track.initialize()
    set_costs(study, "control_effort", solution.names("muscles"))
    solver = set_solver(study, scheme, config)
    solver.resetProblem(study.getProblem())
    solver.setGuess(guess(solver, reference, names, ik["leg_qdd"], muscles))
    return study


def guess(solver: Any, reference: Any, names: Sequence[str], qdd: Array, muscles: Path) -> Any:
    """The tracked motion, its accelerations (K, p), and the muscles of a trajectory of Moco at the same nodes, if its
    file exists: the middle of their bounds tears the model apart."""
    out = solver.createGuess("bounds")
    out.insertStatesTrajectory(reference, True)
    for path in out.getDerivativeNames():
        if path.endswith("/accel"):
            column = np.ascontiguousarray(qdd[:, names.index(path.split("/")[-2])])
            out.setDerivative(path, opensim.Vector.createFromMat(column))
    if muscles.is_file():
        solved = opensim.MocoTrajectory(str(muscles))
        out.insertStatesTrajectory(solved.exportToStatesTable(), True)
        for path in set(out.getControlNames()) & set(solved.getControlNames()):
            out.setControl(path, opensim.Vector.createFromMat(solved.getControlMat(path)))
    return out


def tracking_weights(model: Any, names: Sequence[str], config: TrajectoryConfig) -> Any:
    """Weights of squared deviations of positions and speeds, in 1/rad2, 1/m2 and their rates."""
    rows, rung, weights = table("trajectory_weights"), config.rungs[0], opensim.MocoWeightSet()
    for name in names:
        row = next(r for _, r in rows.iterrows() if fnmatch.fnmatch(name, r["coordinate_pattern"]))
        path = model.getCoordinateSet().get(name).getAbsolutePathString()
        for state, weight, unit in (
            ("value", rung.position, row["position_deviation_rad_or_m"]),
            ("speed", rung.speed, row["speed_deviation_rad_s_or_m_s"]),
        ):
            weights.cloneAndAppend(opensim.MocoWeight(f"{path}/{state}", weight / float(unit) ** 2))
    return weights


def window(solution: Bundle) -> list[float]:
    """Times (s) of the nodes."""
    return [round(int(frame) / FRAME_RATE_HZ, 2) for frame in solution["frames"]]


def motion_table(model: Any, time: Sequence[float], names: Sequence[str], q: Array, qd: Array | None = None) -> Any:
    """A motion (K, p) as Moco's table of states."""
    where = [model.getCoordinateSet().get(name).getAbsolutePathString() for name in names]
    columns = [f"{path}/value" for path in where]
    if qd is not None:
        columns += [f"{path}/speed" for path in where]
        q = np.concatenate([q, qd], axis=1)
    motion = opensim.TimeSeriesTable(
        opensim.StdVectorDouble(list(time)), opensim.Matrix.createFromMat(q), opensim.StdVectorString(columns)
    )
    motion.addTableMetaDataString("inDegrees", "no")
    return motion


def external_loads(model: Any, solution: Bundle, folder: Path) -> Path:
    """Write the sphere forces of a solution, summed by body, as OpenSim's external loads; the file."""
    body_of = {contact["name"]: contact["body"] for contact in model_record(model)["contacts"]}
    loads, columns, values = opensim.ExternalLoads(), [], []
    for body in sorted(set(body_of.values())):
        own = [i for i, name in enumerate(solution.names("spheres")) if body_of[name] == body]
        force, point = solution["sphere_force_N"][:, own], solution["sphere_point_m"][:, own]
        # At the origin of ground, with the moment about it: no point of application where there is no force.
        values += [force.sum(axis=1), np.zeros((len(force), 3)), np.cross(point, force).sum(axis=1)]
        columns += [f"{body}_{what}{axis}" for what in ("v", "p", "m") for axis in "xyz"]
        load = opensim.ExternalForce()
        load.setName(f"load_{body}")
        load.set_applied_to_body(body)
        load.set_force_expressed_in_body("ground")
        load.set_point_expressed_in_body("ground")
        load.set_force_identifier(f"{body}_v")
        load.set_point_identifier(f"{body}_p")
        load.set_torque_identifier(f"{body}_m")
        loads.cloneAndAppend(load)
    write_storage(folder / "forces.sto", np.array(window(solution)), columns, np.concatenate(values, axis=1), "forces")
    loads.setDataFileName("forces.sto")
    loads.printToXML(str(folder / "loads.xml"))
    return folder / "loads.xml"


def arrays(result: Any, model: Any, solution: Bundle) -> dict[str, Array]:
    """What a solution of Moco has of `trajectory.npz`, at the nodes."""
    own, time = result.getTimeMat(), np.array(window(solution))

    def at_nodes(values: Array) -> Array:
        return np.interp(time, own, values)

    muscles, actuators = (
        solution.names("muscles"),
        [f for f in items(model.getForceSet()) if f.getConcreteClassName() == "CoordinateActuator"],
    )
    activation = [at_nodes(result.getStateMat(f"/forceset/{name}/activation")) for name in muscles]
    moments = [
        at_nodes(result.getControlMat(f.getAbsolutePathString()))
        * opensim.CoordinateActuator.safeDownCast(f).getOptimalForce()
        for f in actuators
    ]
    return {
        "frames": solution["frames"],
        "muscles": solution["muscles"],
        "activation": np.stack(activation, axis=1),
        "moment_coordinates": np.array([f.getName().removeprefix("moment_") for f in actuators]),
        "moment": np.stack(moments, axis=1),
    }
