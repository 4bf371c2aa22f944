"""Small datasets of known functions of time, with any frames missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.chunks import time_s
from mint.dataset.parquet import frame_table, write_table
from mint.dataset.sequences import INTERVALS, SEQUENCES
from mint.reader import MintReader

COLUMNS = ("line", "wave", "absent")
OMEGA = 0.11  # rad per frame of the wave


def truth(time: np.ndarray) -> np.ndarray:
    """Columns (n, 3) at times (n,) s: a straight line, a smooth wave, and a strand that the model lacks."""
    frames = 50 * time
    return np.stack([0.01 * frames, 0.5 + 0.4 * np.sin(OMEGA * frames), np.full(len(time), np.nan)], axis=1)


def contact(frames: np.ndarray) -> np.ndarray:
    """A flag that changes every ten frames."""
    return (frames // 10) % 2 == 0


class Written:
    """A dataset folder; `add` writes a sequence that has the frames given and no others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[dict[str, Any]] = []
        self.intervals: list[dict[str, Any]] = []

    def add(
        self,
        name: str,
        frames: Sequence[int] | np.ndarray,
        *,
        dataset: str = "KIT",
        subject: str = "s1",
        split: str = "train",
        activities: Sequence[str] = (),
    ) -> Written:
        own = np.asarray(frames, dtype=np.int32)
        first, stop = int(own[0]), int(own[-1]) + 1
        data_path = f"{dataset}/{dataset}/{subject}/{name}_poses"
        self.rows.append(
            {
                "sequence_id": name,
                "data_path": data_path,
                "path_id": f"{subject}/{name}",
                "dataset": dataset,
                "subject": subject,
                "sequence": f"{name}_poses",
                "gender": "female",
                "duration_s": time_s(stop),
                "analysed_s": time_s(len(own)),
                "analysed_share": min(1.0, len(own) / stop),
                "first_frame": first,
                "stop_frame": stop,
                "frames": len(own),
                "gap": stop - first > len(own),
                "babel_sid": -1,
                "split": split,
                "activities": list(activities),
            }
        )
        there = np.isin(np.arange(first, stop), own)
        edges = [first, *(first + 1 + np.flatnonzero(np.diff(there.astype(int)))).tolist(), stop]
        for a, b in pairwise(edges):
            present = bool(there[a - first])
            self.intervals.append(
                {
                    "sequence_id": name,
                    "data_path": data_path,
                    "frame_start": a,
                    "frame_stop": b,
                    "t_start_s": time_s(a),
                    "t_stop_s": time_s(b),
                    "present": present,
                    "interior": not present,
                    "reasons": "",
                }
            )
        values = dict(zip(COLUMNS, truth(own / 50).T, strict=True))
        cop = np.where(contact(own), own, np.nan)
        for table, columns in (("muscle_activations", values), ("grf", {"cop": cop, "contact_right": contact(own)})):
            write_table(frame_table(own, columns, "1", {}), self.folder / data_path / f"{table}.parquet", "lz4")
        return self

    def reader(self, **settings: Any) -> MintReader:
        """Write the tables of the whole dataset and open it."""
        SEQUENCES.write(self.rows, self.folder)
        INTERVALS.write(self.intervals, self.folder)
        return MintReader(self.folder, **settings)
