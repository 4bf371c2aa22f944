"""Envelopes of a dataset of this workflow at the times of features."""

from __future__ import annotations

import numpy as np
import pytest

from mint.learning.mia.envelopes import own_targets
from mint.reader import MintReader
from tests.learning.conftest import dataset_of


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> MintReader:
    return MintReader(dataset_of(tmp_path_factory.mktemp("emg"), people=1).results / "dataset")


@pytest.mark.parametrize("first_k", [0, 20, 21, 110])
def test_targets_are_the_table_at_twenty_a_second(reader: MintReader, first_k: int) -> None:
    table = reader.read("walk0", "emg")
    channel = table.columns[0]
    found = own_targets(reader, "walk0", ["absent", channel], first_k, 28)
    times = np.arange(first_k, first_k + 28) / 20
    inside = (times >= table.index[0] - 1e-9) & (times <= table.index[-1] + 1e-9)
    assert found.shape == (28, 2) and np.isnan(found[:, 0]).all() and inside.any()
    assert found[inside, 1] == pytest.approx(
        np.interp(times[inside], table.index, table[channel]), abs=1e-6, nan_ok=True
    )
    assert np.isnan(found[~inside, 1]).all()


def test_who_has_no_electrodes_has_no_targets(reader: MintReader) -> None:
    assert np.isnan(own_targets(reader, "walk1", ["soleus_r"], 0, 5)).all() and own_targets(
        reader, "walk0", [], 0, 5
    ).shape == (5, 0)


def test_negative_counts_and_unknown_sequences_are_refused(reader: MintReader) -> None:
    with pytest.raises(ValueError, match="first_k is -1"):
        own_targets(reader, "walk0", ["soleus_r"], -1, 5)
    with pytest.raises(KeyError):
        own_targets(reader, "nobody", ["soleus_r"], 0, 5)
