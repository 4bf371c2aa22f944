"""A dataset or a release of this workflow as a source of recordings, read through `MintReader`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns
from mint.learning.data.recording import Floats, Label, Recording, Times, checked
from mint.reader import MintReader

ACTIVATIONS = "muscle_activations"


class OwnSource:
    """The folder `dataset` of results, or a release.

    `chunk_quality` is a question about `quality_chunks.parquet` in the words of `pandas.DataFrame.query`: frames of
    chunks that do not meet it are as missing ones. Raises StageError for a folder that is no dataset.
    """

    def __init__(self, root: str | Path, chunk_quality: str = "") -> None:
        with _told():
            self._reader = MintReader(root)
            self._asked = chunk_quality
            self.muscles = self._muscles()
            labels = self._reader.labels() if (Path(root) / "labels.parquet").is_file() else None
        self._labels: dict[str, list[dict[Any, Any]]] = {}
        for row in [] if labels is None else labels.to_dict("records"):
            self._labels.setdefault(str(row["sequence_id"]), []).append(row)
        table = self._reader.sequences.sort_values("data_path")
        self._recordings = {str(row["sequence_id"]): self._recording(row) for row in table.to_dict("records")}
        if not self._recordings:
            raise StageError(
                Reason.FILE_MISSING,
                f"{root}: sequences.parquet lists no sequence that has data",
                remedy="run the workflow until chunks are accepted",
            )

    def recordings(self) -> list[Recording]:
        """All sequences that have activations, in the order of their data paths."""
        return list(self._recordings.values())

    def activations(self, name: str) -> tuple[Times, Floats]:
        """Times (m,) s and activations (m, 402) of a recording; see `Source`."""
        with _told():
            found = self._reader.read(name, ACTIVATIONS, self.muscles)
            times_s = found.index.to_numpy(np.float64)
            values = found.to_numpy(np.float32)
            if self._asked:
                # Each frame is a window of one sample.
                good = self._reader.window_index(
                    1 / FRAME_RATE_HZ, FRAME_RATE_HZ, sequences=name, chunk_quality=self._asked
                )["start_frame"]
                kept = np.isin(np.rint(times_s * FRAME_RATE_HZ).astype(int), good.to_numpy())
                times_s, values = times_s[kept], values[kept]
        return checked(str(self._file(name)), times_s, values)

    def labels(self, name: str) -> tuple[Label, ...]:
        """Intervals with labels of a recording, in order of time; none of a dataset without BABEL."""
        rows = self._rows(name)
        found = [
            Label(float(row["t_start_s"]), float(row["t_end_s"]), tuple(row["act_cat"]), tuple(row["group"]))
            for row in rows
            if row["level"] == "frame" and len(row["act_cat"])
        ]
        return tuple(sorted(found, key=lambda label: (label.start_s, label.stop_s, label.actions)))

    def _file(self, name: str) -> Path:
        return self._reader.root / self._recordings[name].data_path / f"{ACTIVATIONS}.parquet"

    def _rows(self, name: str) -> list[dict[Any, Any]]:
        return self._labels.get(name, [])

    def _muscles(self) -> tuple[str, ...]:
        known = mint_columns()
        found = [str(name) for name in self._reader.muscles().sort_values("position")["mint_column"]]
        if found != known:
            raise ValueError(
                f"{self._reader.root}/muscles.parquet: {len(found)} columns are not the {len(known)} of "
                "resources/muscles_402.csv: make the dataset again"
            )
        return tuple(found)

    def _recording(self, row: dict[Any, Any]) -> Recording:
        name, dataset = str(row["sequence_id"]), str(row["dataset"])
        actions = sorted({str(action) for each in self._rows(name) for action in each["act_cat"]})
        height_cm = _known(row["height_cm"])
        return Recording(
            name,
            str(row["data_path"]),
            dataset,
            f"{dataset}/{row['subject']}",
            str(row["gender"]),
            _known(row["weight_kg"]),
            height_cm / 100,
            str(row["split"]),
            tuple(str(group) for group in row["activities"]),
            tuple(actions),
        )


def _known(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the reader, whose messages name file, finding and remedy, as those of a stage."""
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        raise StageError(
            Reason.FILE_CORRUPT, str(error.args[0] if error.args else error), remedy="make or copy the dataset again"
        ) from error
