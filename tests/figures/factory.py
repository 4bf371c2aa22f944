"""A small dataset folder whose numbers are known: only what figures read."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.tables import mint_columns
from mint.dataset.babel_labels import LABELS, groups
from mint.dataset.comparison import EMG, FORCES, MOMENTS
from mint.dataset.parquet import frame_table, write_table
from mint.dataset.quality_schema import CHUNKS
from mint.dataset.sequences import INTERVALS, MUSCLES, SEQUENCES, muscle_rows
from mint.figures.data import Data


def constant(frames: int, value: float) -> np.ndarray:
    return np.full((frames, 402), value, dtype=np.float32)


@dataclass
class Dataset:
    """Rows of the tables; `add` a sequence, `label` it, then `read`."""

    results: Path
    sequences: list[dict[str, Any]] = field(default_factory=list)
    intervals: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    chunks: list[dict[str, Any]] = field(default_factory=list)
    forces: list[dict[str, Any]] = field(default_factory=list)
    emg: list[dict[str, Any]] = field(default_factory=list)
    moments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.results / "dataset"

    def add(
        self,
        name: str,
        runs: dict[int, np.ndarray] | None = None,
        *,
        dataset: str = "KIT",
        subject: str = "s1",
        weight_kg: float | None = 70.0,
        height_cm: float | None = 170.0,
        duration_s: float = 4.0,
        gender: str = "female",
        error_mm: float = 10.0,
    ) -> None:
        """A sequence with values in `runs`, first frame -> activations (n, 402); frames between runs are a gap."""
        runs = {7: constant(140, 0.1)} if runs is None else runs
        path = f"{dataset}/{dataset}/{subject}/{name}_poses"
        frames = np.concatenate([np.arange(start, start + len(values)) for start, values in runs.items()])
        values = np.concatenate(list(runs.values()))
        columns = {column: values[:, i] for i, column in enumerate(mint_columns())}
        table = frame_table(frames.astype(np.int32), columns, "1", {"table": "muscle_activations"})
        write_table(table, self.folder / path / "muscle_activations.parquet", "zstd")
        self.sequences.append(
            {
                "sequence_id": name,
                "data_path": path,
                "path_id": f"{subject}/{name}",
                "dataset": dataset,
                "subject": subject,
                "sequence": f"{name}_poses",
                "gender": gender,
                "weight_kg": weight_kg,
                "height_cm": height_cm,
                "duration_s": duration_s,
                "analysed_s": len(frames) / 50,
                "analysed_share": min(1.0, len(frames) / 50 / duration_s),
                "first_frame": int(frames[0]),
                "stop_frame": int(frames[-1]) + 1,
                "frames": len(frames),
                "gap": len(runs) > 1,
                "babel_sid": -1,
                "split": "",
                "activities": [],
            }
        )
        edges = sorted({edge for start, values in runs.items() for edge in (start, start + len(values))})
        for start, stop in pairwise(edges):
            self.intervals.append(
                {
                    "sequence_id": name,
                    "data_path": path,
                    "frame_start": start,
                    "frame_stop": stop,
                    "t_start_s": start / 50,
                    "t_stop_s": stop / 50,
                    "present": start in runs,
                    "interior": start not in runs,
                    "reasons": "",
                }
            )
        self.chunk(name, 0, marker_rms_mm=error_mm)

    def chunk(
        self, name: str, chunk: int, status: str = "accepted", stage: str = "merge", reason: str = "none", **more: Any
    ) -> None:
        self.chunks.append(
            {
                "sequence_id": name,
                "chunk": chunk,
                "frame_start": 7 + 70 * chunk,
                "frame_stop": 77 + 70 * chunk,
                "t_start_s": 0.0,
                "t_stop_s": 1.0,
                "status": status,
                "stage": stage,
                "reason": reason,
                "faults": [],
                "flags": [],
                "warnings": [],
                **more,
            }
        )

    def compare(
        self, name: str, vertical_bw: float, cop_mm: float, correlation: float, moment_percent: float, feet: str = "r"
    ) -> None:
        """A stance, a channel and a coordinate with these errors."""
        start = float(len(self.forces))
        self.forces.append(
            {
                "sequence_id": name,
                "plate": "1",
                "feet": feet,
                "start_s": start,
                "stop_s": start + 0.7,
                "whole": True,
                "given": False,
                "left_out": "",
                "vertical_rmse_bw": vertical_bw,
                "cop_fore_aft_rmse_mm": cop_mm,
            }
        )
        self.emg.append(
            {
                "sequence_id": name,
                "channel": f"soleus_{'rl'[len(self.emg) % 2]}",
                "strands": "LU_soleus_r",
                "left_out": "",
                "correlation": correlation,
            }
        )
        self.moments.append(
            {
                "sequence_id": name,
                "coordinate": f"ankle_angle_{'rl'[len(self.moments) % 2]}",
                "rmse_percent_range": moment_percent,
            }
        )

    def label(
        self,
        name: str,
        *categories: str,
        span: tuple[float, float] = (0.0, 4.0),
        level: str = "sequence",
        annotation: int = 0,
    ) -> None:
        path = next(row["data_path"] for row in self.sequences if row["sequence_id"] == name)
        position = sum(row["sequence_id"] == name for row in self.labels)
        self.labels.append(
            {
                "data_path": path,
                "sequence_id": name,
                "babel_sid": 1,
                "split": "train",
                "level": level,
                "annotation": annotation,
                "position": position,
                "t_start_s": span[0],
                "t_end_s": span[1],
                "act_cat": list(categories),
                "group": groups(categories),
            }
        )

    def read(self) -> Data:
        """Write the tables and read them as figures do."""
        for schema, rows in (
            (SEQUENCES, self.sequences),
            (INTERVALS, self.intervals),
            (LABELS, self.labels),
            (CHUNKS, self.chunks),
            (FORCES, self.forces),
            (EMG, self.emg),
            (MOMENTS, self.moments),
            (MUSCLES, muscle_rows()),
        ):
            schema.write(rows, self.folder)
        return Data.read(self.folder)
