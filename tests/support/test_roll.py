"""Steps, points and forces of feet that step, of walkers whose strikes and lifts are known."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.support import SupportConfig
from mint.core.tables import table
from mint.support.roll import roll, step_forces
from mint.support.steps import Feet, Step, feet_of, steps_of
from tests.support.bodies import joint, model
from tests.support.steppers import FRAMES, LENGTH_M, RATE_HZ, Gait, feet, mirror, record, strikes

CONFIG = SupportConfig()
WALKS = {
    "along x": Gait(),
    "along -z": Gait(heading=np.pi / 2),
    "slow": Gait(speed=0.8, cycle_s=1.3),
    "fast": Gait(speed=1.8, cycle_s=0.95, stance=0.6),
    "toes out": Gait(toes=15.0),
    "later": Gait(phases=(0.9, 0.4)),
}
SHAKEN = np.random.default_rng(2).normal(0.0, 1.0, (FRAMES, 3))


def all_of(
    seen: Feet, com_acceleration: np.ndarray = SHAKEN
) -> tuple[list[Step], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    steps = steps_of(seen, CONFIG)
    point, point_sd = roll(seen, steps)
    return steps, point, point_sd, *step_forces(seen, steps, point, seen.pelvis, com_acceleration)


def known(gait: Gait) -> list[Step]:
    """The stances that the window shows anything of."""
    stance = gait.stance * gait.cycle_s * RATE_HZ
    each = [Step(foot, strike, strike + stance) for foot in (0, 1) for strike in strikes(gait, foot)]
    return sorted((step for step in each if step.lift > 1 and step.strike < FRAMES - 2), key=lambda step: step.strike)


@pytest.mark.parametrize("gait", WALKS.values(), ids=WALKS)
def test_strikes_and_lifts_are_found_to_half_a_frame(gait: Gait) -> None:
    found = steps_of(feet(gait), CONFIG)
    true = [step for step in known(gait) if 3 < step.strike < FRAMES - 5]
    assert len(true) >= 2
    for step in true:
        own = min((each for each in found if each.foot == step.foot), key=lambda each: abs(each.strike - step.strike))
        assert own.strike == pytest.approx(step.strike, abs=0.5) and own.lift == pytest.approx(step.lift, abs=0.5)
    # Nothing else is found: every stance is one of the walker's, cut by the window or not.
    for step in found:
        assert min(abs(each.strike - step.strike) for each in known(gait) if each.foot == step.foot) < 1.0


@pytest.mark.parametrize("turn", [0.4, -0.4])
def test_who_turns_steps_as_well(turn: float) -> None:
    gait = Gait(turn=turn)
    found, straight = steps_of(feet(gait), CONFIG), steps_of(feet(Gait()), CONFIG)
    assert [step.foot for step in found] == [step.foot for step in straight]
    for one, other in zip(found, straight, strict=True):
        assert one.strike == pytest.approx(other.strike, abs=1.5) and one.lift == pytest.approx(other.lift, abs=1.5)


def test_on_a_belt_all_is_as_over_ground() -> None:
    ground, belt = feet(Gait()), feet(Gait(belt=True))
    here, there = all_of(ground), all_of(belt)
    assert [step.foot for step in here[0]] == [step.foot for step in there[0]]
    np.testing.assert_allclose(
        [(step.strike, step.lift) for step in here[0]], [(step.strike, step.lift) for step in there[0]], atol=1e-6
    )
    from_pelvis = [point - seen.pelvis[:, None, [0, 2]] for seen, point in ((ground, here[1]), (belt, there[1]))]
    np.testing.assert_allclose(*from_pelvis, atol=1e-6)
    for one, other in zip(here[2:], there[2:], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("gait", [Gait(), Gait(turn=0.4, toes=10.0)], ids=["straight", "turning"])
def test_a_mirrored_walker_has_a_mirrored_guide(gait: Gait) -> None:
    across = SHAKEN * [1, 1, -1]
    steps, point, point_sd, force, force_sd = all_of(feet(gait))
    others, mirrored, mirrored_sd, mirrored_force, mirrored_force_sd = all_of(feet(mirror(gait)), across)
    assert [(step.foot, step.strike) for step in steps] == [
        (1 - step.foot, pytest.approx(step.strike)) for step in others
    ]
    np.testing.assert_allclose(mirrored, point[:, ::-1] * [1, -1], atol=1e-9)
    np.testing.assert_allclose(mirrored_sd, point_sd[:, ::-1], atol=1e-9)
    np.testing.assert_allclose(mirrored_force, force[:, ::-1] * [1, 1, -1], atol=1e-9)
    np.testing.assert_allclose(mirrored_force_sd, force_sd[:, ::-1], atol=1e-9)


OTHERS = {
    "standing": Gait(speed=0.0, swings=(0.0, 0.0), rise=0.0),
    "marching in place": Gait(speed=0.0, swings=(2.0, 2.0)),
    "creeping": Gait(speed=0.3),
    "running": Gait(speed=3.0, cycle_s=0.7, stance=0.35),
    "slow running": Gait(speed=2.0, cycle_s=0.75, stance=0.4),
    "leaping from foot to foot": Gait(speed=1.5, cycle_s=1.1, stance=0.45),
    "stepping sideways": Gait(toes=90.0),
    "walking backward": Gait(toes=180.0),
    "walking on the toes": Gait(rise=-10.0),
    "hopping on the right foot": Gait(cycle_s=0.8, swings=(1.0, 0.2)),
    "hopping on both feet": Gait(cycle_s=0.8, phases=(0.2, 0.2)),
    "galloping": Gait(cycle_s=0.8, phases=(0.2, 0.35)),
}


@pytest.mark.parametrize("gait", OTHERS.values(), ids=OTHERS)
def test_what_is_no_walk_from_heel_to_toe_has_no_step(gait: Gait) -> None:
    steps, *arrays = all_of(feet(gait))
    assert steps == []
    assert all(np.isnan(each).all() for each in arrays)


def test_a_squat_has_no_step() -> None:
    q = np.zeros((FRAMES, len(names := list(record()["coordinates"]))))
    down = 1 - np.cos(2 * np.pi * np.arange(FRAMES) / FRAMES)
    q[:, names.index("pelvis_3")], q[:, names.index("pelvis_4")] = -0.1 * down, 0.95 - 0.2 * down
    seen = feet_of(record(), names, q, np.zeros(3))
    assert seen is not None and steps_of(seen, CONFIG) == []


@pytest.mark.parametrize("frames", [1, 2, 3, 10, 20])
def test_a_window_shorter_than_a_step_tells_nothing_it_does_not_show(frames: int) -> None:
    seen = feet(Gait(), frames)
    steps, point, _, force, _ = all_of(seen, np.zeros((frames, 3)))
    assert point.shape == (frames, 2, 2) and force.shape == (frames, 2, 3)
    if not steps:
        assert np.isnan(point).all() and np.isnan(force).all()


def test_feet_without_toes_or_without_length_are_none() -> None:
    heels = [joint(f"calcn_{side}", {}) for side in "rl"]
    bare = model([joint("pelvis", {3: ("x", [1, 0, 0])}), *heels], {}, [])
    assert feet_of(bare, ["x"], np.zeros((5, 1)), np.zeros(3)) is None
    short = model(
        [joint("pelvis", {3: ("x", [1, 0, 0])}), *heels, *(joint(f"toes_{side}", {}) for side in "rl")], {}, []
    )
    assert feet_of(short, ["x"], np.zeros((5, 1)), np.zeros(3)) is None


@pytest.mark.parametrize("gait", WALKS.values(), ids=WALKS)
def test_points_lie_on_the_foot_where_the_table_says_and_nowhere_else(gait: Gait) -> None:
    seen = feet(gait)
    steps, point, point_sd, _, _ = all_of(seen)
    rows = table("foot_roll").set_index("stance_share")
    stands = np.zeros((FRAMES, 2), dtype=bool)
    for step in steps:
        for frame in range(FRAMES):
            if not step.strike <= frame <= step.lift:
                continue
            stands[frame, step.foot] = True
            from_heel = (point[frame, step.foot] - seen.heel[frame, step.foot, [0, 2]]) / LENGTH_M
            axis, side = (each[frame, step.foot, [0, 2]] for each in (seen.axis, seen.side))
            share = (frame - step.strike) / (step.lift - step.strike)
            for direction, name in ((axis, "along"), (side, "across")):
                assert from_heel @ direction == pytest.approx(np.interp(share, rows.index, rows[name]), abs=1e-9)
    np.testing.assert_array_equal(np.isfinite(point).all(axis=2), stands)
    np.testing.assert_array_equal(np.isfinite(point_sd).all(axis=2), stands)
    assert stands.any() and (point_sd[stands] > 0).all()


def test_points_are_known_along_and_across_the_foot_as_in_the_table() -> None:
    rows = table("foot_roll").set_index("stance_share")
    for gait, order in ((Gait(), ["along_sd", "across_sd"]), (Gait(heading=np.pi / 2), ["across_sd", "along_sd"])):
        steps, _, sd, _, _ = all_of(feet(gait))
        step = next(each for each in steps if each.strike > 0 and each.lift < FRAMES - 1)
        frame = round(0.5 * (step.strike + step.lift))
        share = (frame - step.strike) / (step.lift - step.strike)
        np.testing.assert_allclose(
            sd[frame, step.foot], [LENGTH_M * np.interp(share, rows.index, rows[name]) for name in order], rtol=1e-6
        )


def spans(steps: list[Step]) -> tuple[list[tuple[int, float, float]], list[tuple[float, float]]]:
    """Spans of single support (foot, from, to) and of double support (from, to) that the steps show."""
    alone, both = [], []
    for step in steps:
        lifts = [each.lift for each in steps if each.foot != step.foot and step.strike < each.lift < step.lift]
        nexts = [each.strike for each in steps if each.foot != step.foot and step.strike < each.strike < step.lift]
        both += [(step.strike, lifts[0])] if lifts else []
        alone += [(step.foot, lifts[0], nexts[0])] if lifts and nexts else []
    return alone, both


def inside(start: float, stop: float) -> np.ndarray:
    return np.arange(max(0, int(np.ceil(start))), min(FRAMES - 1, int(stop)) + 1)


def told(frames: np.ndarray, start: float, stop: float) -> dict[str, np.ndarray]:
    rows = table("step_force").set_index("phase")
    return {name: np.interp((frames - start) / (stop - start), rows.index, rows[name]) for name in rows.columns}


def froude(seen: Feet, frames: np.ndarray) -> float:
    return float(np.median(seen.speed[frames]) ** 2 / (9.80665 * np.median(seen.pelvis[frames, 1])))


@pytest.mark.parametrize("gait", [Gait(), Gait(heading=np.pi / 2)], ids=["along x", "along -z"])
def test_the_foot_that_stands_alone_carries_what_the_centre_of_mass_asks_for_and_the_tables_correction(
    gait: Gait,
) -> None:
    seen = feet(gait)
    steps, _, _, force, sd = all_of(seen)
    alone, _ = spans(steps)
    assert {foot for foot, _, _ in alone} == {0, 1}
    total = SHAKEN / 9.80665 + [0, 1, 0]
    # Forwards and to the right, as columns x and z.
    ahead, right = (0, 2) if gait.heading == 0 else (2, 0)
    signs = {ahead: 1 if gait.heading == 0 else -1, right: 1}
    for foot, start, stop in alone:
        frames = inside(start, stop)
        rows, speed = told(frames, start, stop), froude(seen, frames)
        wanted = total[frames].copy()
        wanted[:, 1] += speed * rows["alone_up"]
        wanted[:, ahead] += signs[ahead] * speed * rows["alone_along"]
        wanted[:, right] += signs[right] * rows["alone_outward"] * (1 if foot == 0 else -1)
        np.testing.assert_allclose(force[frames, foot], wanted, atol=1e-6)
        for axis, name in ((ahead, "along"), (1, "up"), (right, "outward")):
            np.testing.assert_allclose(sd[frames, foot, axis], rows[f"alone_{name}_sd"], atol=1e-6)


def test_while_both_stand_each_has_its_share_of_the_vertical_force_and_what_the_filter_took() -> None:
    seen = feet(Gait())
    steps, _, _, force, sd = all_of(seen)
    _, both = spans(steps)
    leading = [step.foot for step in steps if any(step.strike == start for start, _ in both)]
    assert len(both) >= 2
    for lead, (start, stop) in zip(leading, both, strict=True):
        frames = inside(start, stop)
        rows, speed = told(frames, start, stop), froude(seen, frames)
        for foot, kind in ((lead, "leading"), (1 - lead, "trailing")):
            up = rows[f"{kind}_share"] * (1 + SHAKEN[frames, 1] / 9.80665) + speed * rows[f"{kind}_up"]
            np.testing.assert_allclose(force[frames, foot, 1], up, atol=1e-9)
            np.testing.assert_allclose(sd[frames, foot, 1], rows[f"{kind}_up_sd"], atol=1e-9)
            outward = rows[f"{kind}_outward"] * (1 if foot == 0 else -1)
            np.testing.assert_allclose(force[frames, foot, 2], outward, atol=1e-6)


def test_at_rest_over_the_feet_the_load_goes_over_from_the_trailing_to_the_leading_foot() -> None:
    steps, _, _, force, _ = all_of(feet(Gait()), np.zeros((FRAMES, 3)))
    _, both = spans(steps)
    leading = [step.foot for step in steps if any(step.strike == start for start, _ in both)]
    for foot, (start, stop) in zip(leading, both, strict=True):
        upward = force[inside(start, stop)][:, [foot, 1 - foot], 1]
        assert (np.diff(upward[:, 0]) > 0).all() and (np.diff(upward[:, 1]) < 0).all()
        # Both together are the weight, but for the filter and what the table knows of it.
        assert np.abs(upward.sum(axis=1) - 1).max() < 0.2


def test_a_leading_foot_brakes_and_a_trailing_one_drives_while_both_stand() -> None:
    steps, _, _, force, _ = all_of(feet(Gait()), np.zeros((FRAMES, 3)))
    _, both = spans(steps)
    for step in steps:
        span = next((each for each in both if each[0] == step.strike), None)
        if span is None:
            continue
        middle = round(sum(span) / 2)
        assert force[middle, step.foot, 0] < -0.02 and force[middle, 1 - step.foot, 0] > 0.02


def test_a_foot_in_the_air_carries_nothing_and_what_the_window_does_not_show_is_unknown() -> None:
    steps, _, _, force, sd = all_of(feet(Gait()))
    alone, both = spans(steps)
    known = np.zeros((FRAMES, 2), dtype=bool)
    for foot, start, stop in alone:
        frames = np.arange(int(np.ceil(start)), int(stop) + 1)
        np.testing.assert_array_equal(force[frames[1:-1], 1 - foot], 0.0)
        assert (sd[frames[1:-1], 1 - foot] == 0.02).all()
        known[frames] = True
    for start, stop in both:
        known[max(0, int(np.ceil(start))) : int(stop) + 1] = True
    np.testing.assert_array_equal(np.isfinite(force).all(axis=2), known)
    np.testing.assert_array_equal(np.isfinite(sd).all(axis=2), known)
    assert not known.all() and (sd[known] > 0).all()


def test_a_stance_that_was_no_step_is_not_taken_for_the_air() -> None:
    seen = feet(Gait(cycle_s=0.9))
    steps = [step for step in steps_of(seen, CONFIG) if step.foot == 1]
    # The right foot's stances but the middle one of three.
    own = [Step(0, steps[0].strike - 22.5, steps[0].lift - 22.5), Step(0, steps[0].strike + 67.5, steps[0].lift + 67.5)]
    force, _ = step_forces(
        seen, sorted([*steps, *own], key=lambda step: step.strike), roll(seen, own)[0], seen.pelvis, SHAKEN
    )
    assert not (force[:, 0] == 0.0).all(axis=1).any()
