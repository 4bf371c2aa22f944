"""The reader: opens a dataset or a release, and gives its tables and windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mint.core.chunks import FRAME_RATE_HZ
from mint.reader.coverage import Runs, present_runs, window_starts
from mint.reader.files import AGAIN, is_below, over_frames, read_parquet, sequence_file, to_pandas
from mint.reader.sampling import sampling
from mint.reader.selection import holds, named, one_of, sequence_id
from mint.reader.store import Store
from mint.reader.windows import Columns, DataWindow, Windows, columns_of, tables_of

NEEDED = ("sequences", "intervals")
MASK = "mask"  # the one table that has a row for missing frames too


class MintReader:
    """A dataset or a release folder.

    `keep` sequences stay in memory; with a `cache_folder` (given, not below the dataset) each table is decoded once,
    into a file there that is mapped into memory afterwards: for windows in random order, by several processes.
    Raises ValueError for a folder that is no dataset.
    """

    def __init__(self, root: str | Path, keep: int = 8, cache_folder: str | Path | None = None) -> None:
        self.root = Path(root)
        if missing := [f"{name}.parquet" for name in NEEDED if not (self.root / f"{name}.parquet").is_file()]:
            inside = self.root / "dataset"
            where = (
                f"give {inside}"
                if (inside / "sequences.parquet").is_file()
                else ("give the folder `dataset` of the results, or that of a release")
            )
            raise ValueError(f"{self.root} is no dataset, it has no {' and no '.join(missing)}: {where}")
        self._tables: dict[str, pd.DataFrame] = {}
        self._store = Store(self.root, keep, None if cache_folder is None else Path(cache_folder))
        self.sequences = self._table("sequences").set_index("sequence_id", drop=False).rename_axis(None)
        self._facts: dict[str, tuple[str, str, tuple[str, ...]]] = {
            row["sequence_id"]: (row["data_path"], row["split"], row["activities"])
            for row in self._table("sequences").to_dict("records")
        }
        for name, (data_path, *_) in self._facts.items():
            if not is_below(data_path):
                raise ValueError(f"{self.root}: data_path {data_path!r} of {name} leads out of the dataset")
        # Frames with values by question about chunks; None asks nothing.
        self._runs: dict[str | None, dict[str, Runs]] = {None: present_runs(self._table("intervals"))}
        for name, frames in zip(self.sequences.index, self.sequences["frames"], strict=True):
            runs = self._runs[None].get(name)
            if runs is None or len(runs) != frames:
                raise ValueError(f"{self.root}: intervals.parquet and sequences.parquet differ about {name}: {AGAIN}")

    def select(
        self,
        *,
        dataset: str | Iterable[str] | None = None,
        subject: str | Iterable[str] | None = None,
        split: str | Iterable[str] | None = None,
        activities: str | Iterable[str] | None = None,
        quality: str | None = None,
        where: Any = None,
    ) -> pd.DataFrame:
        """Rows of `sequences` that meet all that is given; text or several texts, of which one must fit.

        `activities`: sequences with any of these; `quality`: a question about `quality("sequences")` in the words of
        `pandas.DataFrame.query`; `where`: a mask over `sequences`, or names.
        """
        chosen = self.sequences.index.isin(named(self.sequences, where))
        asked = {"dataset": dataset, "subject": subject, "split": split, "activities": activities}
        for column, wanted in asked.items():
            if wanted is not None:
                chosen &= one_of(self.sequences[column], wanted, column)
        if quality is not None:
            table = self.quality("sequences")
            good = table["sequence_id"][holds(table, quality, "quality_sequences.parquet")]
            chosen &= self.sequences.index.isin(good)
        return self.sequences[chosen]

    def tables(self, sequence: str) -> list[str]:
        """Tables of a sequence (id, data path or path id)."""
        return sorted(path.stem for path in self._folder(sequence).glob("*.parquet"))

    def read(
        self,
        sequence: str,
        table: str,
        columns: Sequence[str] | None = None,
        time_window: tuple[float, float] | None = None,
    ) -> pd.DataFrame:
        """A table of a sequence as it is stored, indexed by time in seconds; gaps are missing rows.

        `time_window` (from, to) in seconds, both inclusive. Raises KeyError for an unknown sequence, table or column.
        """
        name = sequence_id(self.sequences, sequence)
        frames = self._runs[None][name].frames()
        if table == MASK:
            first, stop = (self.sequences[edge].to_dict()[name] for edge in ("first_frame", "stop_frame"))
            frames = np.arange(first, stop)
        path = sequence_file(self._folder(name), table)
        wanted = None if columns is None else ["time_s", *(column for column in columns if column != "time_s")]
        found = to_pandas(over_frames(path, frames, wanted).drop_columns(["frame"])).set_index("time_s")
        if time_window is None:
            return found
        start, stop = time_window
        if start > stop:
            raise ValueError(f"time_window from {start} s to {stop} s: the first is the earlier one")
        inside = (found.index >= start - 1e-9) & (found.index <= stop + 1e-9)
        return found[inside]

    def mask(self, sequence: str) -> pd.DataFrame:
        """Every frame that could have values, indexed by time: present, chunk and what became of the chunk."""
        return self.read(sequence, MASK)

    def intervals(self, sequence: str | None = None) -> pd.DataFrame:
        """Present and missing intervals of one sequence or all, with the reasons of gaps."""
        return self._of(self._table("intervals"), sequence)

    def labels(self, sequence: str | None = None) -> pd.DataFrame:
        """BABEL's labels of one sequence or all; no rows without BABEL."""
        return self._of(self._table("labels"), sequence)

    def gait_events(self, sequence: str | None = None) -> pd.DataFrame:
        """Foot strikes and toe offs of one sequence or all."""
        return self._of(self._table("gait_events"), sequence)

    def steps(self, sequence: str | None = None) -> pd.DataFrame:
        """Steps of one sequence or all: length, width, time, speed, cadence."""
        return self._of(self._table("steps"), sequence)

    def notes(self, sequence: str | None = None) -> pd.DataFrame:
        """Facts about the motion of one sequence or all that are no doubts, such as another axis that is up."""
        return self._of(self._table("notes"), sequence)

    def comparison(self, of: str, sequence: str | None = None) -> pd.DataFrame:
        """Errors against what was measured, of one sequence or all: `of` forces (stances), emg (channels) or moments
        (coordinates)."""
        return self._of(self._table(f"comparison_{of}"), sequence)

    def muscles(self) -> pd.DataFrame:
        """The 402 columns of the muscle tables: side, mirror, region, group."""
        return self._table("muscles").copy()

    def quality(self, level: str = "sequences") -> pd.DataFrame:
        """Quality per sequence, or of `level` chunks or coordinates, of all that were planned."""
        return self._table(f"quality_{level}").copy()

    def windows(
        self,
        duration_s: float,
        rate_hz: float,
        stride_s: float | None = None,
        tables: str | Sequence[str] = ("muscle_activations",),
        columns: Columns = None,
        sequences: Any = None,
        min_coverage: float = 1.0,
        antialias: bool = False,
        chunk_quality: str | None = None,
    ) -> Windows:
        """Windows of `round(duration_s * rate_hz)` samples, `1 / rate_hz` apart, in order of data path and time.

        A sample on a frame is that frame; others are interpolated linearly between the frames around them, flags (of
        contact) take the nearest frame (the later of two); with `antialias` a sample below 50/s is the mean of its
        period. No sample uses a frame across a gap. Windows start on frames, every `stride_s` (default: `duration_s`)
        from the start of each interval that is present.

        With `min_coverage` below 1, windows also reach over gaps: they step from the first present frame of a sequence
        to its last, samples that lack a frame are NaN, and that share of samples must be there.

        `columns`: a list for one table, a mapping of tables to lists for several. `sequences`: what `select` gives, a
        mask, or names. `chunk_quality`: a question about `quality("chunks")`; frames of chunks that do not meet it
        count as missing.
        """
        asked = self.window_index(duration_s, rate_hz, stride_s, sequences, min_coverage, antialias, chunk_quality)
        for table in tables_of(tables):
            columns_of(table, tables_of(tables), columns)
        return Windows(self, asked, tables, columns, chunk_quality)

    def window_index(
        self,
        duration_s: float,
        rate_hz: float,
        stride_s: float | None = None,
        sequences: Any = None,
        min_coverage: float = 1.0,
        antialias: bool = False,
        chunk_quality: str | None = None,
    ) -> pd.DataFrame:
        """Windows as a table, without reading any: where each starts and what `read_window` needs.

        Columns: sequence_id, start_frame (at 50/s), start_s, coverage (share of samples that are there), split,
        samples, rate_hz, antialias.
        """
        if not (duration_s > 0 and rate_hz > 0 and 0 < min_coverage <= 1):
            raise ValueError("duration_s and rate_hz must be positive, min_coverage above 0 and at most 1")
        stride_frames = (duration_s if stride_s is None else stride_s) * FRAME_RATE_HZ
        n = round(duration_s * rate_hz)
        if n < 1 or stride_frames < 1 - 1e-9:
            raise ValueError(
                f"{duration_s} s at {rate_hz}/s are {n} samples, the stride is {stride_frames:g} frames: "
                f"a window needs a sample, a stride a frame (1/{FRAME_RATE_HZ} s)"
            )
        samples = sampling(n, float(rate_hz), antialias)
        runs = self._runs_of(chunk_quality)
        names = sorted(named(self.sequences, sequences), key=lambda name: self._facts[name][0])
        found = [window_starts(runs[name], samples, stride_frames, min_coverage) for name in names]
        starts = np.concatenate([np.zeros(0, dtype=np.int64), *(each for each, _ in found)])
        ids = np.repeat(np.array(names, dtype=object), [len(each) for each, _ in found])
        return pd.DataFrame(
            {
                "sequence_id": ids,
                "start_frame": starts,
                "start_s": starts / FRAME_RATE_HZ,
                "coverage": np.concatenate([np.zeros(0), *(share for _, share in found)]),
                "split": self.sequences["split"].reindex(ids).to_numpy(),
                "samples": n,
                "rate_hz": float(rate_hz),
                "antialias": antialias,
            }
        )

    def read_window(
        self,
        row: Mapping[str, Any] | pd.Series,
        tables: str | Sequence[str] = ("muscle_activations",),
        columns: Columns = None,
        chunk_quality: str | None = None,
    ) -> DataWindow:
        """The window of a row of `window_index`."""
        return self.window_at(
            str(row["sequence_id"]),
            int(row["start_frame"]),
            int(row["samples"]),
            float(row["rate_hz"]),
            bool(row["antialias"]),
            tables,
            columns,
            chunk_quality,
        )

    def window_at(
        self,
        sequence: str,
        start_frame: int,
        n: int,
        rate_hz: float,
        antialias: bool = False,
        tables: str | Sequence[str] = ("muscle_activations",),
        columns: Columns = None,
        chunk_quality: str | None = None,
    ) -> DataWindow:
        """`n` samples of a sequence from a frame on; those that a gap or an end cuts off are NaN."""
        name = sequence_id(self.sequences, sequence)
        samples, runs = sampling(n, rate_hz, antialias), self._runs[None][name]
        frames = start_frame + samples.offsets
        rows = runs.rows(frames)
        allowed = rows if chunk_quality is None else self._runs_of(chunk_quality)[name].rows(frames)
        present = np.all(allowed >= 0, axis=1)
        data_path, split, activities = self._facts[name]
        arrays, names = {}, {}
        tables = tables_of(tables)
        for table in tables:
            if table == MASK:
                raise ValueError("windows have no table mask: see DataWindow.present, or MintReader.mask")
            values = self._store.values(data_path, table, columns_of(table, tables, columns), runs)
            arrays[table] = values.sampled(samples, rows, present)
            names[table] = values.names
        return DataWindow(
            name,
            data_path,
            start_frame / FRAME_RATE_HZ,
            samples.times_s(start_frame),
            arrays,
            names,
            present,
            split,
            activities,
        )

    def _folder(self, sequence: str) -> Path:
        return self.root / self._facts[sequence_id(self.sequences, sequence)][0]

    def _runs_of(self, chunk_quality: str | None) -> dict[str, Runs]:
        """Runs of every sequence, of the chunks that meet a question only."""
        if chunk_quality not in self._runs:
            table = self.quality("chunks")
            good = table[holds(table, str(chunk_quality), "quality_chunks.parquet")].groupby("sequence_id")
            spans = {
                name: list(zip(rows["frame_start"].astype(int), rows["frame_stop"].astype(int), strict=True))
                for name, rows in good
            }
            self._runs[chunk_quality] = {
                name: runs.within(spans.get(name, [])) for name, runs in self._runs[None].items()
            }
        return self._runs[chunk_quality]

    def _of(self, table: pd.DataFrame, sequence: str | None) -> pd.DataFrame:
        if sequence is None:
            return table.copy()
        return table[(table["sequence_id"] == sequence_id(self.sequences, sequence)).to_numpy(bool)]

    def _table(self, name: str) -> pd.DataFrame:
        """A table of the whole dataset, read once."""
        if name not in self._tables:
            path = self.root / f"{name}.parquet"
            if not path.is_file():
                there = sorted(file.stem for file in self.root.glob("*.parquet"))
                raise KeyError(f"no table {name} in {self.root}; there are {', '.join(there)}")
            self._tables[name] = to_pandas(read_parquet(path))
        return self._tables[name]
