"""The stage on synthetic chunks of the default model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim
import pytest
from scipy.optimize import linprog

from mint.config.trunk import TrunkConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageStatus, Status
from mint.core.tables import table
from mint.trunk.arms import strut_arms
from mint.trunk.capacity import Capacity
from mint.trunk.demand import GroundForces
from mint.trunk.equilibrium import Balance, optimality_error
from mint.trunk.motion import seen_by_muscles
from mint.trunk.optimize import choose_actors, optimize
from mint.trunk.paths import MusclePaths, moment_arms
from mint.trunk.reference import as_the_tool_turns
from mint.trunk.stage import run
from mint.trunk.strands import mint_name_of
from mint.trunk.table import Role
from tests.trunk.stance import held, motion_of, raised_cosine, synthetic_chunk

FLEXION_RAD, NODES = "L5_S1_Flex_Ext", 3
LUMBAR_TOTAL = 7.1429  # sum of the lumbar joints per L5/S1


def solved(folder: Path, osim: Path, moves, config: TrunkConfig | None = None) -> Bundle:
    trajectory, ik = synthetic_chunk(folder, osim, moves, first_frame=70)
    return run(trajectory, ik, osim, folder / "trunk.npz", config or TrunkConfig())


@pytest.fixture(scope="session")
def standing(tmp_path_factory, pose2sim_osim) -> Bundle:
    return solved(tmp_path_factory.mktemp("standing"), pose2sim_osim, held({FLEXION_RAD: 0.0}, NODES))


@pytest.fixture(scope="session")
def flexed(tmp_path_factory, pose2sim_osim) -> Bundle:
    return solved(
        tmp_path_factory.mktemp("flexed"), pose2sim_osim, held({FLEXION_RAD: -np.radians(30) / LUMBAR_TOTAL}, NODES)
    )


@pytest.fixture(scope="session")
def moving(tmp_path_factory, pose2sim_osim) -> Bundle:
    moves = raised_cosine({FLEXION_RAD: -0.06, "L5_S1_Lat_Bending": 0.01, "L5_S1_axial_rotation": 0.03}, 20, 0.8)
    return solved(tmp_path_factory.mktemp("moving"), pose2sim_osim, moves)


def erector_mean(bundle: Bundle) -> float:
    names = bundle.names("muscles")
    return float(bundle["activation"][:, [i for i, n in enumerate(names) if n.startswith(("IL_", "LTp"))]].mean())


def partner(names: list[str]) -> list[int]:
    """Index of each muscle's partner on the other side."""
    other = {"_r": "_l", "_l": "_r"}
    return [names.index(name[:-2] + other[name[-2:]]) for name in names]


def test_bundle_keeps_its_contract_on_disk(moving: Bundle, tmp_path: Path) -> None:
    moving.write(tmp_path / "again.npz")
    bundle = Bundle.read(tmp_path / "again.npz")
    assert bundle.ok, bundle.status.message
    n, m, r = 20, len(bundle.names("muscles")), len(bundle.names("reserve_coordinates"))
    assert (m, r) == (238, 3)
    assert bundle["activation"].shape == bundle["muscle_force_N"].shape == (n, m)
    assert bundle["reserve"].shape == (n, r)
    assert list(bundle["frames"]) == list(range(70, 90))
    assert bundle["activation"].min() >= 0.01 - 1e-9
    assert bundle["activation"].max() <= 1.0 + 1e-9
    assert set(bundle.names("ideal_coordinates")) >= {"neck_flexion", "arm_flex_r", "wrist_dev_l"}
    assert all(np.isfinite(value) for value in bundle.meta["metrics"].values())


def test_muscle_moments_and_reserves_equal_the_demand_by_opensims_moment_arms(moving: Bundle, pose2sim) -> None:
    moves = raised_cosine({FLEXION_RAD: -0.06, "L5_S1_Lat_Bending": 0.01, "L5_S1_axial_rotation": 0.03}, 20, 0.8)
    motion = seen_by_muscles(pose2sim, motion_of(pose2sim, moves))
    coordinates = pose2sim.model.getCoordinateSet()
    for frame in (5, 13):
        pose2sim.pose(motion.q[frame], motion.qd[frame])
        for j, name in enumerate(moving.names("reserve_coordinates")):
            arms = np.array(
                [
                    pose2sim.muscle_objects[m].computeMomentArm(pose2sim.state, coordinates.get(name))
                    for m in moving.names("muscles")
                ]
            )
            total = arms @ moving["muscle_force_N"][frame] + moving["reserve"][frame, j]
            assert total == pytest.approx(moving["net_moment"][frame, j], abs=1e-6)
            assert arms @ moving["muscle_force_N"][frame] == pytest.approx(moving["net_moment"][frame, j], abs=0.05)


def test_moving_frames_are_optimal(moving: Bundle, pose2sim) -> None:
    moves = raised_cosine({FLEXION_RAD: -0.06, "L5_S1_Lat_Bending": 0.01, "L5_S1_axial_rotation": 0.03}, 20, 0.8)
    motion = seen_by_muscles(pose2sim, motion_of(pose2sim, moves))
    from mint.trunk.capacity import active_force

    muscles = moving.names("muscles")
    for frame in (0, 19):
        pose2sim.pose(motion.q[frame], motion.qd[frame])
        arms = moment_arms(pose2sim, muscles, pose2sim.system_jacobian()) @ pose2sim.projection(motion.q[frame])
        effect = arms.T * active_force(pose2sim, muscles)
        balance = Balance(moving["activation"][frame], moving["reserve"][frame], np.zeros(3), 0)
        assert (
            optimality_error(balance, effect, moving["net_moment"][frame], np.full(238, 0.01), np.ones(238), 1.0) < 1e-7
        )


def turning_strength_Nm(model, motion) -> float:
    """Largest moment at a lumbar level with the turn, without one to the front or the side."""
    actors = choose_actors(model, motion.q[0], [])
    model.pose(motion.q[0], motion.qd[0])
    geometry = MusclePaths(model, actors.muscles).at(
        model.system_jacobian(), model.projection(motion.q[0]), motion.qd[0]
    )
    flexion, bending, turning = geometry.arms.T * Capacity(model, actors.muscles).active(geometry)
    best = linprog(-turning, A_eq=[flexion, bending], b_eq=[0, 0], bounds=(0.01, 1))
    return -best.fun / 5.5625


def test_muscles_of_a_rigid_thorax_follow_the_lumbar_share_of_its_turn(pose2sim) -> None:
    """Of 30 degrees 9: where they can still turn it, under the load of the whole turn."""
    whole, lumbar = (
        motion_of(pose2sim, held({"L5_S1_axial_rotation": np.radians(turn) / 5.5625}, 1)) for turn in (30.0, 0.302 * 30)
    )
    seen = seen_by_muscles(pose2sim, whole)
    np.testing.assert_allclose(seen.q, lumbar.q, atol=1e-12)
    at_rest, lost, left = (
        turning_strength_Nm(pose2sim, motion)
        for motion in (motion_of(pose2sim, held({"L5_S1_axial_rotation": 0.0}, 1)), whole, seen)
    )
    assert lost < 0.3 * at_rest and 0.6 * at_rest < left < 0.8 * at_rest
    actors = choose_actors(pose2sim, whole.q[0], [])
    nothing, none = GroundForces([], np.zeros((1, 0, 3)), np.zeros((1, 0, 3))), np.zeros((1, 0))
    turned = optimize(pose2sim, whole, nothing, actors, none, TrunkConfig())
    np.testing.assert_array_equal(
        turned.demand, optimize(as_the_tool_turns(pose2sim), whole, nothing, actors, none, TrunkConfig()).demand
    )
    np.testing.assert_allclose(
        turned.capacity_N,
        optimize(as_the_tool_turns(pose2sim), lumbar, nothing, actors, none, TrunkConfig()).capacity_N,
        rtol=1e-9,
    )


def test_levels_of_a_thorax_that_bends_are_their_muscles_own(full402) -> None:
    motion = motion_of(full402, held({"L4_L5_AR": 0.02}, 1))
    assert seen_by_muscles(full402, motion) is motion


def test_feet_that_carry_the_motion_leave_no_pelvis_residual(moving: Bundle) -> None:
    assert moving.meta["metrics"]["pelvis_residual_max_percent_bw"] < 1e-6


def test_standing_needs_little_and_flexion_several_times_more(standing: Bundle, flexed: Bundle) -> None:
    assert erector_mean(standing) < 0.02
    assert erector_mean(flexed) > 3 * erector_mean(standing)
    assert flexed["net_moment"][0, 0] > 5 * abs(standing["net_moment"][0, 0])


def test_symmetric_posture_gives_symmetric_activations(flexed: Bundle, pose2sim) -> None:
    """To the model's own asymmetry: millimetres in its paths, and LTpT_T8 a third weaker on the right."""
    activation, names = flexed["activation"][0], flexed.names("muscles")
    strength = np.array([pose2sim.muscle_objects[name].get_max_isometric_force() for name in names])
    alike = np.abs(strength / strength[partner(names)] - 1) < 0.01
    assert [name for name, same in zip(names, alike, strict=True) if not same] == ["LTpT_T8_r", "LTpT_T8_l"]
    assert np.abs(activation - activation[partner(names)])[alike].max() < 0.005
    assert activation.max() > 0.15


def test_lateral_bending_is_carried_by_the_other_side_and_mirrors(tmp_path: Path, pose2sim_osim: Path) -> None:
    right = solved(tmp_path / "r", pose2sim_osim, held({"L5_S1_Lat_Bending": 0.02}, 1))
    left = solved(tmp_path / "l", pose2sim_osim, held({"L5_S1_Lat_Bending": -0.02}, 1))
    names = right.names("muscles")
    swap = partner(names)
    assert np.abs(right["activation"][0] - left["activation"][0][swap]).max() < 0.01
    side = np.array([name.endswith("_r") for name in names])
    # Positive bending leans to the right (+z) in this model: the left side holds it.
    assert right["muscle_force_N"][0][~side].sum() > 1.5 * right["muscle_force_N"][0][side].sum()
    assert left["muscle_force_N"][0][side].sum() > 1.5 * left["muscle_force_N"][0][~side].sum()


def test_activation_dynamics_bound_excitations_and_change_little(
    tmp_path: Path, pose2sim_osim: Path, moving: Bundle
) -> None:
    moves = raised_cosine({FLEXION_RAD: -0.06, "L5_S1_Lat_Bending": 0.01, "L5_S1_axial_rotation": 0.03}, 20, 0.8)
    coupled = solved(tmp_path, pose2sim_osim, moves, TrunkConfig(activation_dynamics=True))

    def excitation(bundle: Bundle) -> np.ndarray:
        change = np.diff(bundle["activation"], axis=0) / 0.02
        return bundle["activation"][1:] + np.where(change > 0, 0.015, 0.060) * change

    assert coupled.ok and excitation(moving).min() < 0.0
    assert excitation(coupled).min() >= 0.01 - 1e-5 and excitation(coupled).max() <= 1 + 1e-5
    assert np.sqrt(np.mean((coupled["activation"] - moving["activation"]) ** 2)) < 0.02


def test_load_beyond_strength_discards_the_chunk_with_coordinate_and_time(tmp_path: Path, pose2sim_osim: Path) -> None:
    violent = raised_cosine({FLEXION_RAD: -0.12}, 13, 0.24)
    bundle = solved(tmp_path, pose2sim_osim, violent)
    assert bundle.status.status is Status.DISCARDED
    assert bundle.status.reason is Reason.TRUNK_RESERVE
    assert "L5_S1_Flex_Ext needs a reserve of" in bundle.status.detail
    assert "t = 1." in bundle.status.detail
    found = bundle.status.finding
    assert (found.constraint, found.coordinate) == ("reserve", "L5_S1_Flex_Ext")
    assert bundle["flagged"][found.node]
    assert bundle.meta["metrics"]["flagged_share"] == pytest.approx(bundle["flagged"].mean())
    assert "activation" in Bundle.read(tmp_path / "trunk.npz")


def test_moments_of_joints_without_muscles_are_reported_apart(standing: Bundle, pose2sim) -> None:
    names = standing.names("ideal_coordinates")
    assert not set(names) & set(standing.names("reserve_coordinates"))
    assert abs(standing["ideal_moment"][0, names.index("neck_flexion")]) > 0.1


def test_a_muscle_with_a_given_force_unloads_the_others_by_its_moment(pose2sim) -> None:
    """As for a lower-limb muscle that crosses the lumbar spine: its force from the leg solution is a load."""
    motion = motion_of(pose2sim, held({FLEXION_RAD: -0.05}, 1))
    actors = choose_actors(pose2sim, motion.q[0], [])
    assert actors.given == []
    name = "IL_R11_r"
    rest = [muscle for muscle in actors.muscles if muscle != name]
    nothing = GroundForces([], np.zeros((1, 0, 3)), np.zeros((1, 0, 3)))
    force = 80.0
    solution = optimize(
        pose2sim, motion, nothing, replace(actors, muscles=rest, given=[name]), np.array([[force]]), TrunkConfig()
    )
    pose2sim.pose(motion.q[0], motion.qd[0])
    coordinates = pose2sim.model.getCoordinateSet()
    for j, coordinate in enumerate(pose2sim.names(Role.MUSCLES)):
        arm = {
            m: pose2sim.muscle_objects[m].computeMomentArm(pose2sim.state, coordinates.get(coordinate))
            for m in [*rest, name]
        }
        total = sum(arm[m] * f for m, f in zip(rest, solution.muscle_force_N[0], strict=True)) + arm[name] * force
        assert total + solution.reserve[0, j] == pytest.approx(solution.net_moment[0, j], abs=1e-6)


def test_passive_force_is_a_load_that_activations_complete(full402) -> None:
    motion = motion_of(full402, held({"L4_L5_FE": -0.1, "L3_L4_FE": -0.1, "L2_L3_FE": -0.1}, 1))
    actors = choose_actors(full402, motion.q[0], [])
    nothing = GroundForces([], np.zeros((1, 0, 3)), np.zeros((1, 0, 3)))
    active, both = (
        optimize(full402, motion, nothing, actors, np.zeros((1, 0)), TrunkConfig(passive_forces=on))
        for on in (False, True)
    )
    assert active.passive_N.max() == 0.0
    assert both.passive_N.max() > 5.0
    full402.pose(motion.q[0], motion.qd[0])
    jacobian, projection = full402.system_jacobian(), full402.projection(motion.q[0])
    moment = projection.T @ (moment_arms(full402, actors.muscles, jacobian).T @ both.muscle_force_N[0])
    struts = projection.T @ (strut_arms(full402, actors.struts, jacobian).T @ both.strut_N[0])
    assert moment + struts + both.reserve[0] == pytest.approx(both.net_moment[0], abs=1e-6)


def test_upstream_failure_is_passed_on_unchanged(tmp_path: Path, pose2sim_osim: Path) -> None:
    trajectory, ik = synthetic_chunk(tmp_path, pose2sim_osim, held({FLEXION_RAD: 0.0}, 1))
    status = StageStatus("trajectory", Status.DISCARDED, Reason.NOT_CONVERGED, "after 3 attempts")
    Bundle(status).write(trajectory)
    assert run(trajectory, ik, pose2sim_osim, tmp_path / "trunk.npz", TrunkConfig()).status == status


def test_missing_coordinate_and_frame_are_named(tmp_path: Path, pose2sim_osim: Path) -> None:
    trajectory, ik = synthetic_chunk(tmp_path, pose2sim_osim, held({FLEXION_RAD: 0.0}, 2))
    full = Bundle.read(ik)
    keep = [i for i, name in enumerate(full.names("coordinates")) if name != "L5_S1_Lat_Bending"]
    Bundle.of(
        "ik",
        {**full.arrays, "coordinates": full["coordinates"][keep], **{k: full[k][:, keep] for k in ("q", "qd", "qdd")}},
    ).write(ik)
    status = run(trajectory, ik, pose2sim_osim, tmp_path / "trunk.npz", TrunkConfig()).status
    assert (status.reason, "L5_S1_Lat_Bending" in status.detail) == (Reason.FIELD_MISSING, True)
    Bundle.of("ik", {**full.arrays, "frames": full["frames"] + 1}).write(ik)
    status = run(trajectory, ik, pose2sim_osim, tmp_path / "trunk.npz", TrunkConfig()).status
    assert "frame 0" in status.detail


def test_model_that_no_table_describes_is_refused(tmp_path: Path, pose2sim_osim: Path, shared) -> None:
    trajectory, ik = synthetic_chunk(tmp_path, pose2sim_osim, held({FLEXION_RAD: 0.0}, 1))
    status = run(trajectory, ik, shared("models/LaiUhlrich2022.osim"), tmp_path / "trunk.npz", TrunkConfig()).status
    assert status.reason is Reason.MODEL_INCOMPLETE
    assert "lacks coordinates" in status.detail


def test_a_strand_that_the_model_lacks_is_named(tmp_path: Path, pose2sim_osim: Path, standing: Bundle) -> None:
    model = opensim.Model(str(pose2sim_osim))
    forces = model.updForceSet()
    forces.remove(forces.getIndex("rect_abd_l"))
    model.finalizeConnections()
    model.printToXML(str(tmp_path / "less.osim"))
    trajectory, ik = synthetic_chunk(tmp_path, pose2sim_osim, held({FLEXION_RAD: 0.0}, 1))
    status = run(trajectory, ik, tmp_path / "less.osim", tmp_path / "trunk.npz", TrunkConfig()).status
    assert any("TL_rect_abd_l" in warning for warning in status.warnings)
    assert not any("lacks" in warning for warning in standing.status.warnings)


def test_strands_without_moment_arm_are_named_in_a_warning_or_absent(standing: Bundle) -> None:
    """The latissimus fascicles from the rigid thorax to the humerus cannot act on this model's lumbar spine."""
    silent = set(standing.meta["muscles_without_arm"])
    assert silent == {
        n
        for n in standing.names("muscles")
        if n.startswith("LD_") and n.split("_")[1] in ("T7", "T8", "T9", "T10", "T11", "T12", "R11", "R12")
    }
    named = silent & set(mint_name_of("trunk"))
    assert any("no moment arm" in w for w in standing.status.warnings) == bool(named)


def test_known_coordinates_cover_both_models() -> None:
    for name, count in (("trunk_coordinates_pose2sim", 62), ("trunk_coordinates_full402", 171)):
        rows = table(name)
        assert len(rows) == count
        assert rows["source"].notna().all()
        assert not rows["coordinate"].duplicated().any()
