"""The eight channels of MIA in the order of its columns, of `resources/mia_channels.csv`, which has the sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mint.core.tables import table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """A column of `emgvalues.npy`.

    `mirror` is the same muscle of the other side; `percentile_99` is in MIA's raw units (it states none);
    `mint_columns` are the strands of the 402 under the electrodes, none for muscles that the model lacks.
    """

    name: str
    muscle: str
    side: str
    mirror: str
    percentile_99: float
    mint_columns: tuple[str, ...]


@cache
def channels() -> tuple[Channel, ...]:
    """All eight, in the order of the columns: quadriceps, hamstring, lateral and biceps of the left, then the right."""
    rows = table("mia_channels").sort_values("column").fillna({"mint_columns": ""})
    return tuple(
        Channel(
            str(row["channel"]),
            str(row["muscle"]),
            str(row["side"]),
            str(row["mirror"]),
            float(row["percentile_99"]),
            tuple(str(row["mint_columns"]).split()),
        )
        for row in rows.to_dict("records")
    )


def names() -> tuple[str, ...]:
    """Names of the channels `(8,)`, such as `quadriceps_l`."""
    return tuple(channel.name for channel in channels())


def percentiles() -> Floats:
    """99th percentile of each channel `(8,)` in raw units, by which targets are divided."""
    return np.array([channel.percentile_99 for channel in channels()])


def mirrored() -> NDArray[np.int64]:
    """Columns `(8,)` of the same muscles of the other side: `emg[..., mirrored()]` is that of the mirrored motion."""
    place = {name: i for i, name in enumerate(names())}
    return np.array([place[channel.mirror] for channel in channels()])
