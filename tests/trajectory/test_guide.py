"""The guide of feet that step: what it costs, in which rows, at which nodes."""

from __future__ import annotations

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.trajectory.feet.guide import no_guide, step_guide
from mint.trajectory.model.skeleton import ROWS_PER_FOOT

WEIGHT_N = 700.0
NODES = 6


def arrays() -> dict[str, np.ndarray]:
    """All known in all nodes but the left foot, which is in the air in the last three."""
    rng = np.random.default_rng(3)
    out = {
        "roll_point_m": rng.normal(0, 0.3, (NODES, 2, 2)),
        "roll_sd_m": rng.uniform(0.01, 0.03, (NODES, 2, 2)),
        "step_force_bw": rng.uniform(0.3, 1.1, (NODES, 2, 3)),
        "step_force_sd_bw": rng.uniform(0.01, 0.05, (NODES, 2, 3)),
        "step_moment_bw_m": rng.normal(0, 0.01, (NODES, 2)),
        "step_moment_sd_bw_m": rng.uniform(0.001, 0.002, (NODES, 2)),
    }
    out["roll_point_m"][3:, 1] = out["roll_sd_m"][3:, 1] = np.nan
    out["step_moment_bw_m"][3:, 1] = np.nan
    out["step_force_bw"][3:, 1] = 0.0
    return out


def support(**changed: np.ndarray) -> Bundle:
    return Bundle.of("support", {"frames": np.arange(NODES), **arrays(), **changed})


def cost(guide, node: int, foot: int, force: np.ndarray, point: np.ndarray, free_Nm: float | None = None) -> float:
    """Of a force (3,) N at a point (x, z) m of the floor under a foot, with a free moment: without, with that which
    makes the vertical moment about the guide's point what it should be."""
    arm = np.insert(point - guide.point_m[node, foot], 1, 0.0)
    own = slice(foot * ROWS_PER_FOOT, (foot + 1) * ROWS_PER_FOOT)
    rows = np.concatenate([force, np.cross(arm, force)])
    rows[4] = guide.target[node, own][4] if free_Nm is None else rows[4] + free_Nm
    return float(np.sum(guide.weight[node, own] * (rows - guide.target[node, own]) ** 2))


def test_what_is_expected_costs_nothing_and_one_standard_deviation_of_each_its_weight():
    guide, told = step_guide(support(), NODES, 1, WEIGHT_N, 3.0, 5.0), arrays()
    for node, foot in ((0, 0), (2, 1), (5, 0)):
        force, point = WEIGHT_N * told["step_force_bw"][node, foot], told["roll_point_m"][node, foot]
        assert cost(guide, node, foot, force, point) == pytest.approx(0.0, abs=1e-12)
        for axis in range(3):
            off = WEIGHT_N * told["step_force_sd_bw"][node, foot, axis] * np.eye(3)[axis]
            assert cost(guide, node, foot, force + off, point) == pytest.approx(5.0)
        upward = force * [0, 1, 0]
        without = cost(guide, node, foot, upward, point)
        for axis in range(2):
            off = told["roll_sd_m"][node, foot, axis] * np.eye(2)[axis]
            assert cost(guide, node, foot, upward, point + off) - without == pytest.approx(3.0)
        turning, one = (WEIGHT_N * told[name][node, foot] for name in ("step_moment_bw_m", "step_moment_sd_bw_m"))
        assert cost(guide, node, foot, force, point, turning) == pytest.approx(0.0, abs=1e-12)
        assert cost(guide, node, foot, force, point, turning - one) == pytest.approx(3.0)


def test_a_foot_that_hardly_carries_tells_its_place_as_one_that_carries_a_fifth_of_the_weight():
    told = arrays()
    for bw in (0.0, 0.1, 0.2):
        told["step_force_bw"][0, 0, 1] = bw
        guide = step_guide(support(step_force_bw=told["step_force_bw"]), NODES, 1, WEIGHT_N, 3.0, 0.0)
        off = np.array([told["roll_sd_m"][0, 0, 0], 0.0])
        assert cost(guide, 0, 0, np.array([0, 0.2 * WEIGHT_N, 0]), told["roll_point_m"][0, 0] + off) == pytest.approx(
            3.0
        )


def test_where_the_load_is_unknown_the_place_counts_as_under_the_whole_weight():
    told = arrays()
    told["step_force_bw"][0, 0], told["step_force_sd_bw"][0, 0] = np.nan, np.nan
    guide = step_guide(support(**told), NODES, 1, WEIGHT_N, 3.0, 5.0)
    off = np.array([0.0, told["roll_sd_m"][0, 0, 1]])
    assert cost(guide, 0, 0, np.array([0, WEIGHT_N, 0]), told["roll_point_m"][0, 0] + off) == pytest.approx(3.0)


@pytest.mark.parametrize("name", [*arrays()])
def test_what_is_not_known_costs_nothing(name):
    told = arrays()
    told[name][1, 0] = np.nan
    guide = step_guide(support(**told), NODES, 1, WEIGHT_N, 3.0, 5.0)
    assert all(np.isfinite(each).all() for each in (guide.point_m, guide.target, guide.weight))
    whole = step_guide(support(), NODES, 1, WEIGHT_N, 3.0, 5.0)
    # Without a point no moment about it is known.
    forces, moments, turning = [0, 1, 2], [3, 4, 5], [4]
    lost = moments if name.startswith("roll") else turning if "moment" in name else forces
    assert (guide.weight[1, lost] == 0).all() and (np.delete(guide.weight[1, :6], lost) > 0).all()
    others = np.arange(NODES) != 1
    np.testing.assert_array_equal(guide.weight[others], whole.weight[others])
    # A foot in the air has no place, but a force: none.
    assert (
        (whole.weight[3:, 9:] == 0).all() and (whole.weight[3:, 6:9] > 0).all() and (whole.target[3:, 6:9] == 0).all()
    )


def test_where_no_plate_tells_a_free_moment_it_costs_nothing_and_the_rest_what_it_did():
    step = {name: values for name, values in arrays().items() if "moment" not in name}
    guide = step_guide(Bundle.of("support", {"frames": np.arange(NODES), **step}), NODES, 1, WEIGHT_N, 3.0, 5.0)
    whole = step_guide(support(), NODES, 1, WEIGHT_N, 3.0, 5.0)
    turning = [4, 10]
    assert not guide.weight[:, turning].any() and not guide.target[:, turning].any() and whole.weight[:3, turning].all()
    for one, other in ((guide.weight, whole.weight), (guide.target, whole.target)):
        np.testing.assert_array_equal(np.delete(one, turning, axis=1), np.delete(other, turning, axis=1))


@pytest.mark.parametrize(("point_weight", "force_weight"), [(0.0, 5.0), (3.0, 0.0), (0.0, 0.0)])
def test_a_weight_of_zero_is_no_guide(point_weight, force_weight):
    guide = step_guide(support(), NODES, 1, WEIGHT_N, point_weight, force_weight)
    for foot in (0, 1):
        own = guide.weight[:, foot * ROWS_PER_FOOT : (foot + 1) * ROWS_PER_FOOT]
        assert own[:, :3].any() == bool(force_weight) and own[:, 3:].any() == bool(point_weight)


def test_a_support_that_knows_no_steps_is_no_guide():
    nothing = Bundle.of("support", {"frames": np.arange(NODES)})
    blank = {name: np.full_like(values, np.nan) for name, values in arrays().items()}
    for each in (nothing, support(**blank)):
        guide = step_guide(each, 2 * NODES - 1, 2, WEIGHT_N, 3.0, 5.0)
        for one, other in zip(vars(guide).values(), vars(no_guide(2 * NODES - 1)).values(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_mesh_twice_as_fine_has_the_same_nodes_and_middles_between():
    coarse = step_guide(support(), NODES, 1, WEIGHT_N, 3.0, 5.0)
    fine = step_guide(support(), 2 * NODES - 1, 2, WEIGHT_N, 3.0, 5.0)
    for one, other in zip(vars(fine).values(), vars(coarse).values(), strict=True):
        np.testing.assert_allclose(one[::2], other)
    np.testing.assert_allclose(fine.point_m[1:5:2], 0.5 * (coarse.point_m[:2] + coarse.point_m[1:3]))
    np.testing.assert_allclose(fine.target[1::2, :3], 0.5 * (coarse.target[:-1, :3] + coarse.target[1:, :3]))
    # Between a node that is known and one that is not nothing is known.
    assert (fine.weight[5, 9:] == 0).all() and (fine.weight[4, 9:] > 0).all() and (fine.weight[5, 6:9] > 0).all()
