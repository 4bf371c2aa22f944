"""Motion and muscles in one program: derivatives against finite differences, and what it is for."""

import re
from dataclasses import replace

import numpy as np
import pytest

from mint.config.trajectory import TrajectoryConfig
from mint.config.verify import SolutionLimits
from mint.core.finding import Finding
from mint.core.status import Reason, StageError
from mint.trajectory.attempts.ladder import limit_ratios, rough_motion
from mint.trajectory.attempts.legs import joint_problem, moving_legs, solve_joint
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.feet.guide import no_guide
from mint.trajectory.muscles.path_derivatives import LegPaths
from mint.trajectory.muscles.paths import Path, PathSet
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.leg import make_legs, paths_of_legs
from mint.trajectory.problems.skeleton import make_scales
from tests.trajectory.models import dense

STEP = 0.02
ANYWHERE = (np.array(-np.inf), np.array(np.inf))
# Derivatives are checked against the true Hessian, so without the proximal term.
CONFIG = TrajectoryConfig(proximal_weight=0.0)


def swinging_arm(block, nodes, amplitude=0.3, config=CONFIG, height=0.012):
    """The block stands on its spheres; its arm swings to and fro at 1.5 Hz."""
    tree, blocks = block
    t = np.arange(nodes) * STEP
    target = np.zeros((nodes, 3, 7))
    target[:, 0, 4] = height
    rate = 2 * np.pi * 1.5
    for order, values in enumerate((np.sin(rate * t), rate * np.cos(rate * t), -(rate**2) * np.sin(rate * t))):
        target[:, order, 6] = amplitude * values
    return SkeletonCase(
        tree, blocks, make_scales(tree, config), target, STEP, np.zeros(3), config, ANYWHERE, no_guide(nodes)
    )


def paths(tilting=False):
    """Flexor and extensor of the arm at 5 cm; with `tilting` their lengths also depend on the pelvis."""
    span = ("arm_flex_r", "pelvis_tilt") if tilting else ("arm_flex_r",)
    out = []
    for sign, muscle in ((-1, "flexor_r"), (1, "extensor_r")):
        exponents = [[0, 0], [1, 0], [2, 0], [3, 1], [1, 2]] if tilting else [[0], [1], [2]]
        coefficients = [0.275, sign * 0.05, 0.004, 0.02, -0.03][: len(exponents)]
        out.append(Path(muscle, span, np.array(exponents), np.array(coefficients)))
    return PathSet(tuple(out), {}, {})


def legs(case, strength, tilting=False):
    muscle = {
        "max_isometric_force_N": strength,
        "optimal_fiber_length_m": 0.08,
        "tendon_slack_length_m": 0.2,
        "pennation_angle_rad": 0.1,
        "max_contraction_velocity": 10.0,
    }
    record, found = {"muscles": {"flexor_r": muscle, "extensor_r": muscle}}, paths(tilting)
    return make_legs(record, found, case, paths_of_legs(found, case.tree))[:1]


def motion_alone(case):
    """A motion that obeys the constraints to the tolerance, without muscles."""
    exact = case.config.model_copy(update={"rough_violation": case.config.tolerance, "rough_iterations": 450})
    return rough_motion(replace(case, config=exact), Attempts())


def largest_moment(case):
    """Of the arm in N m, on the motion without muscles, inside the buffers."""
    coefficients = motion_alone(case).coefficients
    return float(np.abs(case.dynamics.value(coefficients)[7:-7, case.tree.index(["arm_flex_r"])]).max())


def test_path_derivatives_agree_with_finite_differences():
    rng = np.random.default_rng(3)
    exponents = np.array([[i, j, k] for i in range(4) for j in range(4 - i) for k in range(4 - i - j)])
    leg = LegPaths(
        [
            Path("m", ("a", "b", "c"), exponents, rng.normal(size=len(exponents))),
            Path("n", ("b",), np.array([[0], [3]]), np.array([0.2, 0.7])),
        ],
        ("c", "b", "a"),
    )
    assert leg.coordinates == ("c", "b", "a") and leg.spans.tolist() == [[True] * 3, [False, True, False]]
    q, weight, along = rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), rng.normal(size=(5, 2, 3))
    shape, step = leg.evaluate(q), 1e-5
    for i in range(3):
        change = np.eye(3)[i] * step
        ahead, behind = leg.evaluate(q + change), leg.evaluate(q - change)
        for of, by in (("length", "slope"), ("slope", "curve")):
            difference = (getattr(ahead, of) - getattr(behind, of)) / (2 * step)
            np.testing.assert_allclose(getattr(shape, by)[..., i], difference, atol=1e-7)
        gradient = [
            np.einsum("km,kms->ks", weight, s.slope) + np.einsum("kmj,kmjs->ks", along, s.curve)
            for s in (ahead, behind)
        ]
        np.testing.assert_allclose(
            leg.curvature(shape, weight, along)[:, i], (gradient[0] - gradient[1]) / (2 * step), atol=1e-6
        )


def test_moment_arm_and_speed_are_derivatives_of_the_path_polynomial(block):
    leg = legs(swinging_arm(block, 16), 500.0, tilting=True)[0]
    rng = np.random.default_rng(4)
    q, qd, step = 0.3 * rng.normal(size=(5, 7)), rng.normal(size=(5, 7)), 1e-6
    found = leg.place(q, qd)[1]

    def length(q):  # of the flexor, worked out by hand
        tilt, arm = q[:, 0], q[:, 6]
        return 0.275 - 0.05 * arm + 0.004 * arm**2 + 0.02 * arm**3 * tilt - 0.03 * arm * tilt**2

    np.testing.assert_allclose(found.length[:, 0], length(q))
    np.testing.assert_allclose(
        found.speed[:, 0], (length(q + step * qd) - length(q - step * qd)) / (2 * step), rtol=1e-6
    )
    arm = q[:, 6]
    np.testing.assert_allclose(
        found.moment_arm[:, 0, list(leg.coordinates).index("arm_flex_r")],
        0.05 - 0.008 * arm - 0.06 * arm**2 * q[:, 0] + 0.03 * q[:, 0] ** 2,
    )


def test_jacobian_and_exact_hessian_agree_with_finite_differences(block):
    rng = np.random.default_rng(0)
    case = swinging_arm(block, 16)
    motion = motion_alone(case)
    problem = joint_problem(case, moving_legs(case, legs(case, 500.0, tilting=True), motion), motion.rung)
    nlp = problem.nlp(*problem.skeleton.bounds(case.tree, case.reach))
    z = np.concatenate([motion.z, problem.legs[0].problem.start(0.3)])
    z += np.where(np.arange(z.size) < motion.z.size, 1e-3, 1e-2) * rng.normal(size=z.size)
    multipliers = rng.normal(size=len(nlp.lower_g))

    def lagrangian_gradient(z):
        return nlp.gradient(z) + dense(nlp.jacobian_sparsity, nlp.jacobian(z)).T @ multipliers

    lower = dense(nlp.hessian_sparsity, nlp.hessian(z, 1.0, multipliers))
    assert np.abs(np.triu(lower, 1)).max() == 0.0
    hessian, step = lower + np.tril(lower, -1).T, 1e-6
    motion_only = np.arange(z.size) < motion.z.size
    for part in (motion_only, ~motion_only):
        direction = np.where(part, rng.normal(size=z.size), 0.0)
        forward, back = z + step * direction, z - step * direction
        slope = dense(nlp.jacobian_sparsity, nlp.jacobian(z)) @ direction
        np.testing.assert_allclose(
            slope,
            (nlp.constraints(forward) - nlp.constraints(back)) / (2 * step),
            rtol=1e-4,
            atol=1e-6 * np.abs(slope).max(),
        )
        difference = (lagrangian_gradient(forward) - lagrangian_gradient(back)) / (2 * step)
        for rows in (motion_only, ~motion_only):
            np.testing.assert_allclose(
                (hessian @ direction)[rows], difference[rows], atol=1e-5 * np.abs(difference[rows]).max()
            )


def test_weak_muscles_bend_the_motion(block):
    case = swinging_arm(block, 40, config=TrajectoryConfig())
    motion = motion_alone(case)
    index = case.tree.index(["arm_flex_r"])
    needed = case.dynamics.value(motion.coefficients)[7:-7, index]
    # three quarters of the strength that the tracked motion asks for
    solution = solve_joint(case, legs(case, 0.75 * float(np.abs(needed).max()) / 0.05), Attempts())
    moved = solution.motion.coefficients[:, index] - motion.coefficients[:, index]
    assert solution.reserve_share < 0.005 and 1e-3 < np.abs(moved).max() < np.radians(5)


def test_the_motion_stays_within_its_limit_however_weak_muscles_are(block):
    """A tenth of the strength: without a limit the arm would swing less by far more than it may."""
    config = TrajectoryConfig(joint_rungs=())
    case = swinging_arm(block, 40, config=config)
    weak = legs(case, largest_moment(case) / 10 / 0.05)
    solution = solve_joint(case, weak, Attempts())
    ratio = limit_ratios(case, solution.motion.z)[0]
    assert solution.reserve_share > 0.01
    assert 0.99 < ratio[6] < 1.001


def test_reserves_that_remain_are_limited_and_then_weak_muscles_are_asked_for_less(block):
    share, tried = {}, {}
    for limit in (100.0, 2.5, 0.5):
        verified = SolutionLimits(reserve_percent=limit / 0.9)
        config = TrajectoryConfig(
            verified=verified,
            reserve_weight=5.0 * (verified.reserve_percent / 5.0) ** 2,  # reserves cost the same in all three
            joint_iterations=30,
        )
        assert config.accept_reserve_percent == pytest.approx(limit)
        case = swinging_arm(block, 40, config=config)
        attempts = Attempts()
        share[limit] = solve_joint(case, legs(case, largest_moment(case) / 10 / 0.05), attempts).reserve_share
        tried[limit] = [row.rung for row in attempts.rows if row.rung.startswith("joint")]
    assert tried[100.0] == ["joint_standard"]
    assert tried[2.5] == ["joint_standard", "joint_standard_limited_reserves"]
    assert tried[0.5] == [*tried[2.5], "joint_loose_acceleration_limited_reserves"]
    assert share[0.5] < 0.005 < 0.02 < share[2.5] < 0.025 < share[100.0]


def test_spheres_go_no_deeper_than_their_limit(block):
    """By their limit alone: what penetration costs begins there."""

    class Hard(TrajectoryConfig):
        @property
        def penetration_soft_m(self) -> float:
            return self.penetration_max_m

    depth = {}
    for limit in (0.03, None):
        limit = limit or 0.98 * depth[0.03]
        config = Hard(verified=SolutionLimits(penetration_m=limit * 60 / 59))
        assert config.penetration_max_m == pytest.approx(limit)
        case = swinging_arm(block, 40, amplitude=0.6, config=config)
        solution = solve_joint(case, legs(case, 5000.0), Attempts())
        depth[limit] = limit * limit_ratios(case, solution.motion.z)[1]
    free, bound = depth.values()
    assert free < 0.03 and bound == pytest.approx(0.98 * free, rel=2e-3)


def test_where_muscles_lack_much_the_joint_problem_starts_with_accelerations_tracked_less(block):
    first = {}
    for limit in (1.0, 100.0):
        case = swinging_arm(block, 40, config=TrajectoryConfig(joint_lack_percent=limit))
        attempts = Attempts()
        solve_joint(case, legs(case, largest_moment(case) / 4 / 0.05), attempts)
        first[limit] = next(row.rung for row in attempts.rows if row.rung.startswith("joint"))
    assert first == {1.0: "joint_balanced_limited_reserves", 100.0: "joint_standard"}


def test_a_joint_problem_that_fails_says_what_the_muscles_lack(block):
    case = swinging_arm(
        block,
        40,
        config=TrajectoryConfig(
            joint_iterations=1, joint_last_iterations=2, cold_iterations=1, joint_grace_iterations=0
        ),
    )
    attempts = Attempts()
    with pytest.raises(
        StageError,
        match=r"Maximum_Iterations_Exceeded after 2 iterations, .*lack \d+ % of the peak moment "
        "of arm_flex_r",
    ) as error:
        solve_joint(case, legs(case, 20.0), attempts)
    assert error.value.reason is Reason.NOT_CONVERGED
    tried = [(row.rung, row.iterations) for row in attempts.rows if row.rung.startswith("joint")]
    assert tried == [("joint_standard", 1), ("joint_loose_acceleration_limited_reserves", 2), ("joint_cold", 1)]


def test_the_last_resort_starts_from_the_tracked_motion_and_finds_the_same_solution(block):
    solutions, rungs = {}, {}
    for iterations in (1, 130):
        case = swinging_arm(
            block,
            40,
            config=TrajectoryConfig(joint_last_iterations=iterations, joint_rungs=(), joint_grace_iterations=0),
        )
        attempts = Attempts()
        solutions[iterations] = solve_joint(case, legs(case, 500.0), attempts)
        rungs[iterations] = attempts.rows[-1].rung
    assert rungs == {1: "joint_cold", 130: "joint_standard"}
    np.testing.assert_allclose(solutions[1].motion.coefficients, solutions[130].motion.coefficients, atol=2e-3)


def test_the_last_resort_is_tried_where_no_motion_without_muscles_is_found(block):
    """No residual is small enough for a rough start, so that the tracked motion is the start that is left."""
    impossible = TrajectoryConfig(rough_violation=1e-12, rough_iterations=1, rough_polish_iterations=1)
    case, attempts = swinging_arm(block, 40, config=impossible), Attempts()
    solution = solve_joint(case, legs(case, 500.0), attempts)
    assert attempts.rows[-1].rung == "joint_cold" and not any(row.rung.startswith("guess") for row in attempts.rows)
    usual = solve_joint(swinging_arm(block, 40), legs(case, 500.0), Attempts())
    np.testing.assert_allclose(solution.motion.coefficients, usual.motion.coefficients, atol=2e-3)


def test_the_worst_constraint_is_named_with_its_node(block):
    case = swinging_arm(block, 40)
    motion = motion_alone(case)
    problem = joint_problem(case, moving_legs(case, legs(case, 500.0), motion), motion.rung)
    muscles = problem.legs[0].problem
    settled = np.concatenate([motion.z, muscles.start(0.1)])

    def worst(index, change):
        z = settled.copy()
        z[motion.z.size + index] += change
        return problem.worst(z, case.tree)

    moment, balance = worst(muscles.r[17, 0], 1e4), worst(muscles.s[9, 1], 1.5)
    assert re.fullmatch(r"moment of muscles of arm_flex_r is off by \S+ at node 17", str(moment))
    assert moment.finding(1) == Finding("moment of muscles", coordinate="arm_flex_r", node=17)
    assert re.fullmatch(r"force balance of extensor_r is off by \S+ at node 8", str(balance))
    assert balance.finding(2) == Finding("force balance", muscle="extensor_r", node=4)
    # 0.1 - 0.060 s * 9 / 0.02 s = -26.9
    assert str(worst(muscles.a[12, 0], 9.0)) == "deactivation of flexor_r is off by 27 at node 12"
    z = settled.copy()
    z[: motion.z.size].reshape(-1, 7)[:, 6] += 3.0
    assert "arm_flex_r" in str(problem.worst(z, case.tree))


def test_a_rung_for_the_joint_problem_that_is_not_in_the_ladder_is_refused():
    for field, value in (("joint_rungs", ("balanced", "firm")), ("joint_hard_rung", "firm")):
        with pytest.raises(ValueError, match=f"{field} has firm, but the rungs are standard"):
            TrajectoryConfig(**{field: value})


def test_programs_over_the_same_legs_do_not_move_each_other(block):
    """Constraints, slopes and curvature at a point are the same whatever was asked before, of this program or another."""
    rng = np.random.default_rng(1)
    case = swinging_arm(block, 16)
    motion = motion_alone(case)
    shared = moving_legs(case, legs(case, 500.0, tilting=True), motion)
    first, second = (joint_problem(case, shared, motion.rung) for _ in range(2))
    z = np.concatenate([motion.z, shared[0].problem.start(0.3)])
    other = z + np.where(np.arange(z.size) < motion.z.size, 3e-2, 0.0) * rng.normal(size=z.size)
    alone = shared[0].problem.start(0.2)
    before = first.constraints(z), first.jacobian(z)
    second.constraints(other)
    np.testing.assert_array_equal(first.constraints(z), before[0])
    np.testing.assert_array_equal(first.jacobian(z), before[1])
    np.testing.assert_array_equal(shared[0].problem.start(0.2), alone)


def test_derivatives_need_nobody_to_ask_for_their_places_first(block):
    case = swinging_arm(block, 16)
    motion = motion_alone(case)

    def fresh():
        return moving_legs(case, legs(case, 500.0), motion)[0].problem

    asked, problem = fresh(), fresh()
    asked.nlp()
    z, multipliers = problem.start(0.3), np.ones(problem.rows)
    np.testing.assert_array_equal(problem.jacobian(z), asked.jacobian(z))
    np.testing.assert_array_equal(fresh().hessian(z, 1.7, multipliers), asked.hessian(z, 1.7, multipliers))
