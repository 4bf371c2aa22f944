"""Cycles of a dataset: from strike to strike, or folded, the same phases either way; both sides alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mint.config.refine import RefineConfig
from mint.core.status import StageError
from mint.learning.refine.cycles import Cycles, sampled, shifted
from mint.learning.refine.gait import (
    FOLDED,
    GAP,
    NO_GAIT,
    NO_STRIKE,
    STRIDE,
    TOO_SHORT,
    WHOLE,
    at_samples,
    counted,
    cycles_of,
    dataset_cycles,
    input_muscles,
    inputs_of,
)
from mint.reader import MintReader
from tests.learning.conftest import CHANNELS, LATE_S, dataset_of, made_up

CONFIG = RefineConfig()


def events(*rows: tuple[float, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"time_s": t, "side": side, "event": event} for t, side, event in rows], columns=["time_s", "side", "event"]
    )


def test_a_shift_by_a_part_of_a_cycle_is_that_of_a_sine() -> None:
    phase = np.linspace(0, 1, 200)
    wave = np.sin(2 * np.pi * phase)[None, :, None]
    late = shifted(np.repeat(wave, 2, axis=0), np.array([0.1, -0.25]))
    assert late[0, :, 0] == pytest.approx(np.sin(2 * np.pi * (phase - 0.1)), abs=2e-3)
    assert late[1, :, 0] == pytest.approx(np.cos(2 * np.pi * phase), abs=2e-3)
    assert np.array_equal(sampled(wave, phase[None]), wave) or sampled(wave, phase[None]) == pytest.approx(wave)


def test_two_strikes_bound_a_cycle() -> None:
    [cycle] = cycles_of(
        events((0.4, "r", "foot_strike"), (1.5, "r", "foot_strike"), (0.9, "l", "foot_strike")),
        [(0.1, 1.9)],
        "r",
        CONFIG,
    )
    assert (cycle.kind, cycle.left_out) == (WHOLE, "") and cycle.duration_s == pytest.approx(1.1)
    assert np.array(cycle.times_s) == pytest.approx(np.linspace(0.4, 1.5, 20))


def test_a_gap_or_a_length_that_is_no_stride_leaves_a_cycle_out() -> None:
    strikes = events(
        *((t, "r", "foot_strike") for t in (0.4, 1.5, 2.6, 3.7, 4.0)),
        *((t, "l", "foot_strike") for t in (0.9, 2.0, 2.5)),
    )
    found = cycles_of(strikes, [(0.1, 0.8), (0.9, 4.1)], "r", RefineConfig(folded=False))
    # The other foot strikes twice in the second, not at all in the third.
    assert [each.left_out for each in found] == [GAP, NO_GAIT, NO_GAIT, STRIDE]


def test_jumps_and_missed_strikes_are_no_cycles() -> None:
    both = events(
        *((t + late, side, "foot_strike") for t in (0.4, 1.2, 2.0) for side, late in (("r", 0.0), ("l", 0.01)))
    )
    assert {each.left_out for each in cycles_of(both, [(0, 3)], "r", RefineConfig(folded=False))} == {NO_GAIT}
    missed = events(
        *((t, "r", "foot_strike") for t in (0.0, 0.7, 1.4, 2.8, 3.5)),
        *((t, "l", "foot_strike") for t in (0.35, 1.05, 2.1, 3.15)),
    )
    assert [each.left_out for each in cycles_of(missed, [(0, 4)], "r", CONFIG)] == ["", "", STRIDE, ""]


def test_a_folded_cycle_is_that_of_its_own_stretch_and_leaves_the_rows_of_the_others() -> None:
    """The pace changes far from the stretch; what strikes there says nothing of it."""
    early = np.arange(0.5, 5.0, 1.1)
    late = np.arange(4.9, 11.5, 1.3)[1:]
    strikes = events(
        *((float(t), "r", "foot_strike") for t in (*early, *late)),
        *((float(t) + 0.6, "l", "foot_strike") for t in (*early, *late)),
    )
    found = cycles_of(strikes, [(0.0, 0.4), (10.0, 11.38)], "r", CONFIG)
    assert len(found) == len(early) + len(late) and all(each.left_out for each in found[:-1])
    last = found[-1]
    assert last.kind == FOLDED and min(abs(last.start_s - late)) < 1e-6


def test_without_two_strikes_a_stretch_as_long_as_a_stride_is_folded_into_the_same_phases() -> None:
    """A periodic signal has the same values in a folded cycle as in a whole one."""
    stride, strike = 1.1, 0.7
    found = events((strike, "r", "foot_strike"), (0.3, "l", "toe_off"), (0.3 + stride, "l", "toe_off"))
    [cycle] = cycles_of(found, [(0.14, 1.5)], "r", CONFIG)
    assert (cycle.kind, cycle.left_out) == (FOLDED, "") and cycle.duration_s == pytest.approx(stride)
    assert min(cycle.times_s) >= 0.14 and max(cycle.times_s) <= 1.5
    times = np.arange(0, 3, 0.02)
    table = pd.DataFrame({"a": np.sin(2 * np.pi * (times - strike) / stride)}, index=times)
    assert at_samples(cycle, table)[:, 0] == pytest.approx(np.sin(2 * np.pi * np.linspace(0, 1, 20)), abs=0.01)


def test_a_stride_is_twice_a_step_where_nothing_else_is_known_and_the_other_foot_tells_the_strike() -> None:
    [cycle] = cycles_of(
        events((0.5, "l", "foot_strike"), (0.3, "r", "toe_off"), (0.8, "l", "toe_off")), [(0.14, 1.4)], "r", CONFIG
    )
    assert cycle.kind == FOLDED and cycle.duration_s == pytest.approx(1.0) and cycle.start_s == pytest.approx(0.0)


@pytest.mark.parametrize(
    "found, present, why",
    [
        (events(), [(0.1, 3.0)], NO_STRIKE),
        (events((0.5, "r", "foot_strike")), [(0.1, 3.0)], NO_STRIKE),
        (events((0.5, "r", "foot_strike"), (1.0, "l", "foot_strike")), [(0.3, 1.15)], TOO_SHORT),
    ],
)
def test_what_cannot_be_a_cycle_says_why(found: pd.DataFrame, present: list[tuple[float, float]], why: str) -> None:
    [cycle] = cycles_of(found, present, "r", CONFIG)
    assert cycle.left_out == why


def test_a_dataset_gives_cycles_of_both_sides_as_of_the_right_one(tmp_path) -> None:
    project = dataset_of(tmp_path)
    data = MintReader(project.results / "dataset")
    found = dataset_cycles(data, CONFIG)
    cycles = found.cycles
    assert cycles.people == ("KIT/s0", "KIT/s1", "KIT/s2") and set(cycles.channels) == set(CHANNELS)
    assert counted(found.rows) == {WHOLE: len(cycles)} and len(cycles) >= 9
    assert {row["side"] for row in found.rows if row["person"] == "KIT/s2"} == {"l"}
    left = data.read("walk2", "muscle_activations")
    row = next(each for each in found.rows if each["person"] == "KIT/s2")
    at = left.index[np.abs(left.index - row["start_s"]).argmin()]
    i = list(cycles.persons).index("KIT/s2")
    column = cycles.muscles.index("LU_soleus_r")
    assert cycles.simulated[i, 0, column] == pytest.approx(left.loc[at, "LU_soleus_l"], abs=0.05)
    # Envelopes are the activations of the same strands, earlier.
    own, measured = cycles.own[..., 0], cycles.measured[..., 0]
    early = shifted(own[..., None], -LATE_S / cycles.duration_s)[..., 0]
    assert np.abs(measured - early)[:, 1:-2].max() < np.abs(measured - own)[:, 1:-2].max() / 3


def test_people_are_those_of_the_plan_where_it_is_given(tmp_path) -> None:
    project = dataset_of(tmp_path)
    found = dataset_cycles(MintReader(project.results / "dataset"), CONFIG, {f"walk{i}": "one" for i in range(4)})
    assert found.cycles.people == ("one",)


def test_a_dataset_without_emg_says_so(tmp_path) -> None:
    project = dataset_of(tmp_path, people=0)
    with pytest.raises(StageError, match="no sequence has EMG"):
        dataset_cycles(MintReader(project.results / "dataset"), CONFIG)


def test_the_left_side_sees_the_mirrored_strands() -> None:
    values = np.arange(402.0)[None]
    wanted = input_muscles(CONFIG)
    right, left = inputs_of("r", values, wanted)[0], inputs_of("l", values, wanted)[0]
    assert len(wanted) == 80 and not np.array_equal(left, right) and set(left) == set(right)
    assert len(input_muscles(RefineConfig(inputs="all"))) == 402


def test_channels_of_few_people_go() -> None:
    cycles = made_up(people=3, trials=1)
    measured = cycles.measured.copy()
    measured[0, :, 2] = np.nan
    measured[1] = np.nan
    few = Cycles(
        cycles.simulated,
        cycles.own,
        measured,
        cycles.duration_s,
        cycles.persons,
        cycles.trials,
        cycles.muscles,
        cycles.channels,
    )
    kept = few.common(2)
    assert kept.channels == ("m0", "m1") and kept.people == ("p0", "p2") and kept.own.shape[2] == 2


def test_every_person_weighs_the_same() -> None:
    cycles = made_up(people=2, trials=2).rows([True, True, True, False])
    weights = cycles.weights()
    assert weights[:2].sum() == pytest.approx(weights[2]) and weights.mean() == pytest.approx(1)


def test_pace_is_zero_in_the_shortest_cycle_of_a_person() -> None:
    cycles = made_up()
    for person in cycles.people:
        own = cycles.of([person])
        assert own.pace().max() == 0 and own.duration_s[own.pace().argmax()] == own.duration_s.min()
