"""What figures are made of: the tables of the dataset, and activations window by window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.tables import mint_columns
from mint.dataset.babel_labels import LABELS
from mint.dataset.comparison import EMG, FORCES, MOMENTS
from mint.dataset.quality_schema import CHUNKS
from mint.dataset.sequences import INTERVALS, SEQUENCES
from mint.reader import MintReader

ACTIVATIONS = "muscle_activations"


@dataclass(frozen=True)
class Data:
    """Tables by their names in the dataset; one that is missing or damaged is empty, and so `reader` may be None."""

    sequences: pd.DataFrame
    intervals: pd.DataFrame
    labels: pd.DataFrame
    quality: pd.DataFrame
    forces: pd.DataFrame
    emg: pd.DataFrame
    moments: pd.DataFrame
    reader: MintReader | None

    @classmethod
    def read(cls, dataset: Path) -> Data:
        """The tables of a dataset folder."""
        sequences, intervals, labels, quality, forces, emg, moments = (
            schema.read(dataset) for schema in (SEQUENCES, INTERVALS, LABELS, CHUNKS, FORCES, EMG, MOMENTS)
        )
        try:
            reader = MintReader(dataset)
        except (ValueError, KeyError) as error:
            print(f"No activations are read: {error}")
            reader = None
        return cls(sequences, intervals, labels, quality, forces, emg, moments, reader)

    def windows(self, window_s: float) -> pd.DataFrame:
        """Windows without gap, side by side from the start of each present interval: `sequence_id, start_frame`."""
        if self.reader is None:
            return pd.DataFrame({"sequence_id": pd.Series(dtype=str), "start_frame": pd.Series(dtype=int)})
        return self.reader.window_index(window_s, FRAME_RATE_HZ)[["sequence_id", "start_frame"]]

    def activations(self, windows: pd.DataFrame, window_s: float) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Row number in `windows` and activations (frames, 402) of each that can be read, NaN where not modelled."""
        for number, (name, start) in enumerate(zip(windows["sequence_id"], windows["start_frame"], strict=True)):
            try:
                yield number, self.activation(str(name), int(start), window_frames(window_s), None)
            except (ValueError, KeyError) as error:
                print(f"{name} from frame {start} is left out: {error}")

    def activation(self, sequence_id: str, start: int, frames: int, columns: list[str] | None) -> NDArray[np.float32]:
        """Activations (frames, columns) of a sequence from a frame on, of all 402 strands where `columns` is None.

        Raises ValueError or KeyError where they cannot be read.
        """
        if self.reader is None:
            raise ValueError("the dataset cannot be read")
        window = self.reader.window_at(
            sequence_id, start, frames, FRAME_RATE_HZ, tables=(ACTIVATIONS,), columns=columns
        )
        if columns is None and list(window.columns[ACTIVATIONS]) != mint_columns():
            raise ValueError("it does not have the 402 columns of MinT in their order")
        return np.asarray(window.arrays[ACTIVATIONS])


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as mappings of column to value."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def window_frames(window_s: float) -> int:
    """Frames of a window that lasts so long, s."""
    return round(window_s * FRAME_RATE_HZ)
