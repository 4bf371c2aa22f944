"""Derivatives of the assembled programs against finite differences; analytic motions through stage 1."""

import shutil

import numpy as np
import pytest

from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError
from mint.trajectory.attempts.ladder import rough_motion
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.compiled.toolchain import find_toolchain
from mint.trajectory.feet.guide import ForceGuide, no_guide
from mint.trajectory.feet.height import needed_mean_force, pelvis_height_offset
from mint.trajectory.problems.assemble import skeleton_nlp
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.skeleton import make_scales
from tests.trajectory import models
from tests.trajectory.models import dense

CONFIG = TrajectoryConfig(rough_violation=1e-3, rough_iterations=450)  # constraints hold to the tolerance
STEP = 0.02
ANYWHERE = (np.array(-np.inf), np.array(np.inf))


def case_of(block, target, config=CONFIG, guide=None):
    tree, blocks = block
    return SkeletonCase(
        tree,
        blocks,
        make_scales(tree, config),
        target,
        STEP,
        np.zeros(3),
        config,
        ANYWHERE,
        guide or no_guide(len(target)),
    )


def still(nodes, height, coordinates=7):
    target = np.zeros((nodes, 3, coordinates))
    target[:, 0, 4] = height
    return target


def guide_of(nodes):
    """Points of the floor, forces and moments that are asked for with all kinds of weights."""
    rng = np.random.default_rng(7)
    return ForceGuide(
        rng.normal(size=(nodes, 2, 2)), 100 * rng.normal(size=(nodes, 12)), 1e-4 * rng.uniform(size=(nodes, 12))
    )


@pytest.mark.parametrize(("arms", "carrier"), [("r", "pelvis"), ("rl", "pelvis"), ("rl", "arm_l")])
def test_gradient_jacobian_and_exact_hessian_agree_with_finite_differences(kernels, arms, carrier):
    rng = np.random.default_rng(0)
    model, n = kernels(models.block(arms=arms, carrier=carrier)), 6 + len(arms)
    guide = guide_of(5) if carrier == "arm_l" else None
    case = case_of(model, still(5, 0.015, n) + 0.003 * rng.normal(size=(5, 3, n)), guide=guide)
    problem = case.problem(CONFIG.rungs[0])
    lower, upper = problem.bounds(case.tree, case.reach)
    nlp = skeleton_nlp(problem, lower, upper)
    assert problem.meeting()[6:, 6:].all() == (len(arms) == 1)  # arms never meet each other
    z = problem.start() + 1e-3 * rng.normal(size=problem.size)
    multipliers = rng.normal(size=len(nlp.lower_g))

    def lagrangian_gradient(z):
        return nlp.gradient(z) + dense(nlp.jacobian_sparsity, nlp.jacobian(z)).T @ multipliers

    step = 1e-6
    for direction in rng.normal(size=(4, problem.size)):
        forward, back = z + step * direction, z - step * direction
        assert nlp.gradient(z) @ direction == pytest.approx(
            (nlp.objective(forward) - nlp.objective(back)) / (2 * step), rel=1e-5
        )
        np.testing.assert_allclose(
            dense(nlp.jacobian_sparsity, nlp.jacobian(z)) @ direction,
            (nlp.constraints(forward) - nlp.constraints(back)) / (2 * step),
            rtol=1e-4,
            atol=1e-3,
        )
        lower_part = dense(nlp.hessian_sparsity, nlp.hessian(z, 1.0, multipliers))
        hessian = lower_part + np.tril(lower_part, -1).T
        difference = (lagrangian_gradient(forward) - lagrangian_gradient(back)) / (2 * step)
        np.testing.assert_allclose(hessian @ direction, difference, rtol=2e-4, atol=1e-4 * np.abs(difference).max())


@pytest.mark.parametrize("carrier", ["pelvis", "arm_r"])
def test_merit_model_has_the_gradient_of_the_merit(kernels, carrier):
    rng = np.random.default_rng(1)
    case = case_of(kernels(models.block(carrier=carrier)), still(6, 0.02), guide=guide_of(6))
    problem = case.problem(CONFIG.rungs[0])
    z = problem.start() + 1e-3 * rng.normal(size=problem.size)
    multipliers = rng.normal(size=problem.constraints(z).shape)
    merit, gradient, band = problem.model(z, multipliers, 3.0)
    direction, step = rng.normal(size=z.size), 1e-6
    difference = (
        problem.merit(z + step * direction, multipliers, 3.0) - problem.merit(z - step * direction, multipliers, 3.0)
    ) / (2 * step)
    assert merit == pytest.approx(problem.merit(z, multipliers, 3.0))
    assert gradient @ direction == pytest.approx(difference, rel=1e-4)
    assert band.shape == (21, problem.size) and (band[0] > 0).all()


def test_wrenches_of_the_feet_are_those_of_the_spheres_about_the_points_of_the_floor(kernels):
    rng = np.random.default_rng(2)
    guide = guide_of(4)
    case = case_of(
        kernels(models.block(carrier="arm_r")), still(4, 0.015) + 0.003 * rng.normal(size=(4, 3, 7)), guide=guide
    )
    z = case.problem(CONFIG.rungs[0]).start().reshape(-1, 7)
    force, point, _ = case.dynamics.outputs(case.dynamics.states(z))
    feet = case.dynamics.value(z)[:, case.dynamics.feet].reshape(4, 2, 6)
    floor = np.stack([guide.point_m[:, 0, 0], np.zeros(4), guide.point_m[:, 0, 1]], axis=1)
    moment = np.cross(point - floor[:, None], force).sum(axis=1)
    assert np.abs(force).max() > 50
    np.testing.assert_allclose(feet[:, 0], np.column_stack([force.sum(axis=1), moment]), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(feet[:, 1], 0.0)  # nothing is on the left


def test_a_guide_moves_the_centre_of_pressure_to_where_it_is_known_to_be(kernels):
    """A body that stands, tracked with its mass over the origin; what is known is that it carries 3 cm further on."""
    target = still(30, 0.012)
    guide = no_guide(30)
    guide.point_m[:, 0, 0] = 0.03
    guide.weight[:, 5] = 10.0 / (42 * 9.80665 * 0.005) ** 2
    model = kernels(models.block(carrier="arm_r"))
    acts = []
    for each in (None, guide):
        case = case_of(model, target.copy(), guide=each)
        solution = rough_motion(case, Attempts())
        force, point, _ = case.dynamics.outputs(case.dynamics.states(solution.coefficients))
        acts.append(np.median((point[..., 0] * force[..., 1]).sum(axis=1) / force[..., 1].sum(axis=1)))
    assert acts[0] == pytest.approx(0.0, abs=2e-3)
    assert acts[1] == pytest.approx(0.03, abs=5e-3)


def test_a_guide_makes_the_vertical_moment_of_a_foot_what_it_is_known_to_be(kernels):
    """A body that may turn on its foot stands still as tracked; plates tell that the foot's free moment swings."""
    record = models.block(carrier="arm_r")
    record["joints"][1]["axes"][0] = models.free("arm_flex_r", models.Y)
    guide, known = no_guide(30), 2.0 * np.sin(2 * np.pi * np.arange(30) / 20)
    guide.target[:, 4], guide.weight[:, 4] = known, 2.0 / (42 * 9.80665 * 0.001) ** 2
    model = kernels(record)
    errors = []
    for each in (None, guide):
        case = case_of(model, still(30, 0.012), guide=each)
        solution = rough_motion(case, Attempts())
        force, point, _ = case.dynamics.outputs(case.dynamics.states(solution.coefficients))
        errors.append(np.cross(point, force)[..., 1].sum(axis=1) - known)
    assert np.sqrt(np.mean(errors[0] ** 2)) == pytest.approx(np.sqrt(2.0), rel=0.05)
    assert np.sqrt(np.mean(errors[1] ** 2)) < 0.2


def test_quiet_standing_gives_one_body_weight_from_a_floor_two_centimetres_off(block):
    case = case_of(block, still(20, 0.05))
    dynamics = case.dynamics
    offset, need = pelvis_height_offset(dynamics, case.target, 4, case.tree.mass, 9.80665)
    assert need == pytest.approx(42 * 9.80665, rel=1e-6)
    case.target[:, 0, 4] += offset
    solution = rough_motion(case, Attempts())
    force = dynamics.outputs(dynamics.states(solution.coefficients))[0].sum(axis=1)
    np.testing.assert_allclose(force[:, 1] / (42 * 9.80665), 1.0, atol=0.01)


@pytest.mark.parametrize("acceleration", [-3.0, 2.0])
def test_a_body_that_speeds_up_needs_more_force_and_one_that_slows_down_less(block, acceleration):
    """Mean force over the window by momentum: m (g + a) for a constant acceleration upwards."""
    t = np.arange(30) * STEP
    target = still(30, 0.0)
    target[:, 0, 4] = 0.05 + 0.5 * acceleration * t**2
    case = case_of(block, target)
    assert needed_mean_force(case.dynamics, target, 42.0, 9.80665) == pytest.approx(
        42 * (9.80665 + acceleration), rel=1e-6
    )


def test_a_ballistic_flight_keeps_its_parabola_without_ground_force(block):
    t = np.arange(25) * STEP
    target = still(25, 0.0)
    target[:, 0, 4] = 0.3 + 2.4 * t - 0.5 * 9.80665 * t**2
    target[:, 1, 4], target[:, 2, 4] = 2.4 - 9.80665 * t, -9.80665
    target[:, 0, 3], target[:, 1, 3] = 1.1 * t, 1.1
    case = case_of(block, target)
    solution = rough_motion(case, Attempts())
    dynamics = case.dynamics
    states = dynamics.states(solution.coefficients)
    assert np.abs(dynamics.outputs(states)[0]).max() < 1.0
    np.testing.assert_allclose(states[:7].T, target[:, 0], atol=2e-3)


def test_an_impossible_hover_fails_with_coordinate_and_nodes(block):
    """A body held a metre above the floor without support: no motion within the bounds obeys gravity."""
    config = CONFIG.model_copy(update={"rungs": CONFIG.rungs[:1], "rough_polish_iterations": 5, "rough_iterations": 15})
    case = case_of(block, still(30, 1.0), config)
    attempts = Attempts()
    with pytest.raises(StageError, match="pelvis_ty") as error:
        rough_motion(case, attempts)
    assert error.value.reason is Reason.NOT_CONVERGED and "node" in str(error.value)
    assert len(attempts.rows) == 2 and all(row.constraint_violation > 1e-3 for row in attempts.rows)


def test_a_start_that_fails_is_tried_with_softer_contact_next(block):
    config = CONFIG.model_copy(update={"rough_iterations": 2, "rough_polish_iterations": 1})
    case = case_of(block, still(30, 1.0), config)
    attempts = Attempts()
    with pytest.raises(StageError):
        rough_motion(case, attempts)
    tried = list(dict.fromkeys(row.rung for row in attempts.rows))
    assert tried == ["standard", "relaxed_contact_soft", "relaxed_contact", "balanced", "loose_acceleration"]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler")
def test_compiled_kernels_equal_the_interpreter(block, kernels):
    tree, interpreted = block
    _, compiled = kernels(models.block(), find_toolchain("gcc"))
    assert compiled.compiled and not interpreted.compiled
    from mint.trajectory.model.parameters import parameter_vector

    rng = np.random.default_rng(2)
    x, multipliers = 0.1 * rng.normal(size=(25, 13)), rng.normal(size=(25, 13))
    for kernel in ("value", "jacobian", "hessian", "outputs"):
        given = multipliers if kernel == "hessian" else None
        a, b = (k.evaluate(kernel, x, parameter_vector(tree), given) for k in (compiled, interpreted))
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(b).max())


def test_a_rough_start_leaves_least_squares_early_and_the_solver_at_the_residual_that_is_enough(block):
    config = TrajectoryConfig(rough_iterations=2)
    rough, exact = Attempts(), Attempts()
    rough_motion(case_of(block, still(40, 0.03), config), rough)
    rough_motion(case_of(block, still(40, 0.03)), exact)
    first, last = rough.rows
    assert first.iterations == 2 and first.constraint_violation > config.rough_violation
    assert last.formulation == "ipopt_exact_hessian" and last.constraint_violation <= config.rough_violation
    assert exact.rows[0].iterations > 2 and exact.rows[-1].constraint_violation <= config.tolerance
