"""Datasets of known functions of time: in the layout of MinT as published, and as this workflow writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from mint.core.chunks import time_s
from mint.core.tables import mint_columns
from mint.dataset.babel_labels import LABELS
from mint.dataset.parquet import frame_table, write_table
from mint.dataset.sequences import INTERVALS, MUSCLES, SEQUENCES, muscle_rows
from mint.learning.data.recording import Recording

METADATA = (
    "data_path",
    "dataset",
    "subject",
    "sequence",
    "gender",
    "weight_kg",
    "height_cm",
    "amass_dur",
    "analysed_dur",
    "analysed_%",
    "babel_sid",
    "gap",
)


@dataclass(frozen=True)
class Sequenced:
    """A sequence to write: its data path, and the frames (50/s) that have values."""

    data_path: str
    frames: np.ndarray
    babel_sid: int = -1
    split: str = ""

    @property
    def parts(self) -> list[str]:
        return self.data_path.split("/")


def chunk(number: int) -> np.ndarray:
    """Frames of a chunk that is kept alone."""
    return np.arange(7, 77) + 70 * number


def truth(frames: np.ndarray, columns: int = 402) -> np.ndarray:
    """Activations (m, columns) float32 at frames (m,): every muscle has its own wave."""
    return (0.5 + 0.4 * np.sin(0.07 * frames[:, None] + 0.3 * np.arange(columns))).astype(np.float32)


def table(sequence: Sequenced, values: np.ndarray | None = None) -> pd.DataFrame:
    """Activations as MinT stores them: indexed by time in seconds, gaps are missing rows."""
    index = pd.Index([time_s(int(frame)) for frame in sequence.frames], dtype=np.float64)
    values = truth(sequence.frames) if values is None else values
    return pd.DataFrame(values, index=index, columns=pd.Index(mint_columns(), dtype=object))


def write_published(
    folder: Path, sequences: Sequence[Sequenced], per_set: bool = False, dtype: type = np.float64
) -> Path:
    """A folder in the layout of the published dataset: pickles, and one CSV table or one of each sub-dataset."""
    rows = []
    for each in sequences:
        place = folder / each.data_path
        place.mkdir(parents=True)
        activations = table(each).astype(dtype)
        activations.to_pickle(place / "muscle_activations.pkl")
        (1000 * activations).iloc[:-1].to_pickle(place / "muscle_forces.pkl")
        forces = pd.DataFrame(np.zeros((len(activations) - 1, 18)), index=activations.index[:-1])
        forces.to_pickle(place / "grf.pkl")
        end = float(activations.index[-1]) + 0.14
        rows.append(
            [
                each.data_path,
                each.parts[1],
                each.parts[2],
                each.parts[3],
                "female",
                62.5,
                168.0,
                end,
                time_s(len(each.frames)),
                0.9,
                each.babel_sid,
                bool((np.diff(each.frames) > 1).any()),
            ]
        )
    metadata = pd.DataFrame(rows, columns=list(METADATA))
    if not per_set:
        metadata.assign(path_id=["/".join(each.parts[-2:]).replace("_poses", "") for each in sequences]).to_csv(
            folder / "mint_metadata.csv", index=False
        )
        return folder
    for name, part in metadata.groupby("dataset"):
        part.to_csv(folder / f"{name}.csv", index=False)
    return folder


def write_own(
    folder: Path,
    sequences: Sequence[Sequenced],
    labels: Sequence[tuple[str, str, float, float, list[str], list[str]]] = (),
) -> Path:
    """A dataset of this workflow; `labels` are (sequence id, level, start s, end s, categories, groups)."""
    rows, intervals = [], []
    paths = {}
    for each in sequences:
        name = f"id_{each.parts[2]}_{each.parts[3]}"
        paths[name] = each.data_path
        first, stop = int(each.frames[0]), int(each.frames[-1]) + 1
        there = np.isin(np.arange(first, stop), each.frames)
        groups = sorted({group for label in labels if label[0] == name for group in label[5]})
        rows.append(
            {
                "sequence_id": name,
                "data_path": each.data_path,
                "path_id": f"{each.parts[2]}/{each.parts[3]}",
                "dataset": each.parts[1],
                "subject": each.parts[2],
                "sequence": each.parts[3],
                "gender": "male",
                "weight_kg": 80.0,
                "height_cm": None,
                "duration_s": time_s(stop),
                "analysed_s": time_s(len(each.frames)),
                "analysed_share": 0.5,
                "first_frame": first,
                "stop_frame": stop,
                "frames": len(each.frames),
                "gap": bool((~there).any()),
                "babel_sid": -1,
                "split": each.split,
                "activities": groups,
            }
        )
        edges = [first, *(first + 1 + np.flatnonzero(np.diff(there.astype(int)))).tolist(), stop]
        intervals += [
            {
                "sequence_id": name,
                "data_path": each.data_path,
                "frame_start": a,
                "frame_stop": b,
                "t_start_s": time_s(a),
                "t_stop_s": time_s(b),
                "present": bool(there[a - first]),
                "interior": not there[a - first],
                "reasons": "",
            }
            for a, b in pairwise(edges)
        ]
        columns = dict(zip(mint_columns(), truth(each.frames).T, strict=True))
        write_table(
            frame_table(each.frames.astype(np.int32), columns, "1", {}),
            folder / each.data_path / "muscle_activations.parquet",
            "lz4",
        )
    SEQUENCES.write(rows, folder)
    INTERVALS.write(intervals, folder)
    MUSCLES.write(muscle_rows(), folder)
    if labels:
        LABELS.write(
            [
                {
                    "data_path": paths[name],
                    "sequence_id": name,
                    "babel_sid": 1,
                    "split": "train",
                    "level": level,
                    "annotation": 0,
                    "position": i,
                    "t_start_s": start,
                    "t_end_s": end,
                    "raw_label": "x",
                    "proc_label": "x",
                    "seg_id": "s",
                    "act_cat": actions,
                    "group": groups,
                }
                for i, (name, level, start, end, actions, groups) in enumerate(labels)
            ],
            folder,
        )
    return folder


def recording(
    name: str,
    person: str = "KIT/1",
    data_path: str = "",
    split: str = "",
    activities: tuple[str, ...] = (),
    actions: tuple[str, ...] = (),
) -> Recording:
    dataset = person.partition("/")[0]
    return Recording(
        name,
        data_path or f"{dataset}/{person}/{name}_poses",
        dataset,
        person,
        "female",
        60.0,
        1.7,
        split,
        activities,
        actions,
    )
