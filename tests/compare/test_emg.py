"""Activation against envelopes that are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.compare.columns import CHANNEL, rows_of
from mint.compare.emg import Channel, active_state, mean_activation, on_overlap
from mint.compare.stage import compared
from mint.core.bundle import Bundle
from mint.core.tables import mint_columns, table

from . import walk


def channel(sequence: Bundle, measured: Bundle, maxima: Bundle | None = None) -> dict[str, Any]:
    [row] = rows_of(CHANNEL, compared(sequence, measured, maxima or walk.maxima(), None, walk.EXACT))
    return row


def test_an_activation_that_is_the_envelope_has_no_error() -> None:
    row = channel(walk.sequence(), walk.measured())
    assert row["left_out"] == "" and row["strands"] == "LU_soleus_r" and row["compared_s"] == pytest.approx(2.0)
    assert row["correlation"] == pytest.approx(1) == pytest.approx(row["best_correlation"])
    assert (row["best_lag_s"], row["on_overlap"]) == (0.0, 1.0) and row["rmse"] == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("delay", [-6, 2, 5])
def test_a_later_activation_has_its_delay_as_lag(delay: int) -> None:
    row = channel(walk.sequence(delay=delay), walk.measured())
    assert row["best_lag_s"] == pytest.approx(delay / 50) and row["best_correlation"] == pytest.approx(1)
    assert row["correlation"] < 0.98 and row["on_overlap"] < 1


def test_lags_beyond_the_limit_are_not_looked_for() -> None:
    assert channel(walk.sequence(delay=15), walk.measured())["best_lag_s"] == pytest.approx(0.2)


def test_the_envelope_is_in_volts_without_a_maximum_and_then_has_no_error_in_activation() -> None:
    row = channel(
        walk.sequence(),
        walk.measured(),
        Bundle.of("emg", {"channels": np.array([], dtype=str), "maximum_V": np.zeros(0)}),
    )
    assert row["correlation"] == pytest.approx(1) and row["rmse"] is None


def test_a_flagged_channel_says_why_it_is_left_out() -> None:
    row = channel(walk.sequence(), walk.measured(emg_flag=["flat"]))
    assert row["left_out"] == "flat" and row["correlation"] is None


def test_a_channel_whose_strands_are_not_simulated_is_left_out() -> None:
    told = walk.measured()
    told.meta["emg_muscles"] = {"soleus_r": ["LU_soleus_l", "no such strand"]}
    assert channel(walk.sequence(), told)["left_out"] == "no strand of it is simulated"


def test_too_short_a_stretch_is_left_out() -> None:
    row = channel(walk.sequence(np.arange(7, 30)), walk.measured())
    assert row["left_out"] == "too short" and row["compared_s"] == pytest.approx(0.46)


def test_strands_are_weighted_with_what_they_pull() -> None:
    simulated = walk.sequence()
    names = ["LU_gasmed_r", "LU_gaslat_r"]
    simulated.arrays["activation"][:, [mint_columns().index(name) for name in names]] = [0.2, 0.8]
    strength = table("muscles_402").set_index("mint_column")["max_isometric_force_N"][names].to_numpy()
    values, used = mean_activation(simulated["activation"], [*names, "LU_soleus_l"])
    np.testing.assert_allclose(values, (0.2 * strength[0] + 0.8 * strength[1]) / strength.sum())
    assert used == tuple(names)


def test_on_and_off_are_frames_in_both_over_frames_in_either() -> None:
    a, b = np.zeros(20), np.zeros(20)
    a[5:11], b[8:14] = 1, 3
    assert on_overlap(a, b, 0.2) == pytest.approx(3 / 9)
    assert np.isnan(on_overlap(a, 0 * b, 0.2))


@pytest.mark.parametrize("hz", [2.0, 3.0])
def test_an_impulse_of_emg_is_answered_by_a_twitch(hz: float) -> None:
    time_s, step_s = np.arange(0, 1.5, 2e-4), 2e-4
    impulse = np.zeros_like(time_s)
    impulse[1500] = 1 / step_s
    state = active_state(emg(time_s, impulse), hz).envelope_V
    later, period = np.clip(time_s - 0.3, 0, None), 1 / (2 * np.pi * hz)
    twitch = later / period**2 * np.exp(-later / period)
    assert state.max() == pytest.approx(twitch.max(), rel=0.03) and np.abs(state - twitch).max() < 0.05 * twitch.max()
    assert state.sum() * step_s == pytest.approx(1, abs=1e-3)


def test_what_does_not_change_is_the_same_after_a_twitch_at_once() -> None:
    assert np.allclose(active_state(emg(np.arange(100) / 100, np.full(100, 0.3)), 3.0).envelope_V, 0.3)


def test_an_activation_that_is_the_active_state_correlates_with_it() -> None:
    told = walk.measured()
    time_s, envelope = told["emg_time_s"], told["emg_envelope_V"][0]
    state = active_state(emg(time_s, envelope), 3.0)
    merged = walk.sequence()
    for name in ("LU_soleus_r", "LU_gasmed_r", "LU_gaslat_r"):
        merged["activation"][:, mint_columns().index(name)] = state.at(merged["frames"] / 50)
    row = channel(merged, told)
    assert row["active_correlation"] == pytest.approx(1, abs=1e-6) and row["correlation"] < 0.9
    # It is later by the delay of the filter, two time constants, but for what the burst's own width takes off.
    assert 0.07 <= row["best_lag_s"] <= 0.11


def emg(time_s: np.ndarray, envelope: np.ndarray) -> Channel:
    return Channel("soleus_r", time_s, envelope, float("nan"), np.zeros(0), (), "")
