"""The table of channels against its sources, the published percentiles and the one real sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mint.core.tables import mint_columns, table
from mint.learning.mia.channels import channels, mirrored, names, percentiles
from mint.measured.channels import strands_of


@pytest.fixture
def kick(shared: Callable[[str], Path]) -> pd.DataFrame:
    """EMG of a high kick, `(30, 8)` in raw units."""
    return pd.read_csv(shared("reference/mia/train_Subject3_HighKick_848_emgvalues.csv"))


def test_the_left_side_comes_first_as_the_authors_of_the_data_label_it() -> None:
    assert names() == tuple(
        f"{muscle}_{side}" for side in "lr" for muscle in ("quadriceps", "hamstring", "lateral", "biceps")
    )
    for channel, source in zip(channels(), table("mia_channels").sort_values("column")["source"], strict=True):
        label = {"l": "MIA: Left", "r": "MIA: Right"}[channel.side]
        assert label in source and "motion2muscle: " in source and "musint: " in source and "taken: MIA" in source


def test_percentiles_are_the_published_ones_left_first() -> None:
    assert list(percentiles()) == [123, 70, 138, 119, 140, 71, 113, 103]
    by_name = dict(zip(names(), percentiles(), strict=True))
    assert by_name["quadriceps_l"] < by_name["quadriceps_r"] and by_name["lateral_l"] > by_name["lateral_r"]


def test_the_mirror_of_a_channel_is_the_same_muscle_of_the_other_side() -> None:
    assert list(mirrored()) == [4, 5, 6, 7, 0, 1, 2, 3]
    for channel, other in zip(channels(), (channels()[i] for i in mirrored()), strict=True):
        assert other.muscle == channel.muscle and {channel.side, other.side} == {"l", "r"}


def test_channels_stand_over_the_strands_that_electrodes_of_their_muscle_do() -> None:
    for channel in channels():
        emg_channel = {"quadriceps": "quadriceps", "hamstring": "hamstrings"}.get(channel.name[:-2])
        expected = [strand for strand in strands_of(f"{emg_channel}_{channel.side}")] if emg_channel else []
        assert set(channel.mint_columns) == set(expected) and set(expected) <= set(mint_columns())


def test_only_the_columns_of_the_legs_move_in_the_real_high_kick(kick: pd.DataFrame) -> None:
    """So the channels go by side, then muscle. The sides are not told: the claim holds of the exchanged ones too."""
    moved = np.ptp(kick.to_numpy(), axis=0) / percentiles()
    for order in (np.arange(8), mirrored()):
        legs = np.array([bool(channels()[i].mint_columns) for i in order])
        assert moved[legs].min() > 4 * moved[~legs].max()


def test_the_order_by_turns_is_refuted_by_the_real_high_kick(kick: pd.DataFrame) -> None:
    """An old list of MIA has right and left quadriceps and hamstrings in columns 0 to 3: two of them do not move."""
    moved = np.ptp(kick.to_numpy(), axis=0) / percentiles()
    assert moved[[0, 1]].min() > 0.4 and moved[[2, 3]].max() < 0.1
