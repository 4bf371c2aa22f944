"""Values of a table as one array, and samples of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mint.reader.files import OVER_TIME, listed, over_frames
from mint.reader.sampling import Floats, Ints, Sampling


@dataclass(frozen=True)
class Values:
    """Columns `names (c,)` of a table; `flags (c,)` tells those of yes and no, as 1 and 0.

    `array (frames, C)` has them, or more, of which they are the columns `chosen`: it may be a file mapped into memory.
    """

    names: tuple[str, ...]
    flags: NDArray[np.bool_]
    array: Floats
    chosen: Ints | None = None

    def columns(self, wanted: Sequence[str] | None, path: Path) -> Values:
        """Some of the columns, in the order wanted. Raises KeyError for one that `path`, their file, has not."""
        if wanted is None:
            return self
        place = {name: i for i, name in enumerate(self.names)}
        if missing := [name for name in wanted if name not in place]:
            raise KeyError(f"{path} has no column {', '.join(missing)}; it has {listed(self.names, missing[0])}")
        chosen = np.array([place[name] for name in wanted], dtype=np.int64)
        return Values(tuple(wanted), self.flags[chosen], self.array, chosen)

    def sampled(self, samples: Sampling, rows: Ints, present: NDArray[np.bool_]) -> Floats:
        """Samples (n, c) float32, given the rows `rows (n, taps)` of the frames that they need.

        NaN where not `present (n,)`, and where a row is (centre of pressure without contact, a strand the model lacks).
        """
        out = self._rows(rows[:, 0])
        weights = samples.weights
        if weights.shape[1] > 1:
            out = out * weights[:, :1]
            for j in range(1, weights.shape[1]):
                out += self._rows(rows[:, j]) * weights[:, j : j + 1]
            if self.flags.any():
                out[:, self.flags] = self._rows(rows[np.arange(len(rows)), samples.nearest])[:, self.flags]
        if not present.all():
            out[~present] = np.nan
        return out

    def _rows(self, rows: Ints) -> Floats:
        found = self.array[rows]
        return found if self.chosen is None else found[:, self.chosen]


def decoded(path: Path, frames: Ints, columns: Sequence[str] | None) -> Values:
    """Values of a Parquet table, whose rows must be `frames`: all its columns of numbers and flags, or `columns`.

    Raises as `over_frames`, and ValueError for a column that is neither.
    """
    found = over_frames(path, frames, columns)
    there = dict(zip(found.column_names, found.columns, strict=True))
    names = tuple(columns or [name for name in there if name not in OVER_TIME])
    array = np.empty((len(frames), len(names)), dtype=np.float32)
    flags = np.zeros(len(names), dtype=bool)
    measured = pa.float32()
    for i, name in enumerate(names):
        if (kind := there[name].type) != measured:
            flags[i] = pa.types.is_boolean(kind)
            if not (flags[i] or pa.types.is_floating(kind) or pa.types.is_integer(kind)):
                raise ValueError(f"{path}: column {name} is of type {kind}; name columns of numbers")
        array[:, i] = there[name].to_numpy()
    return Values(names, flags, array)
