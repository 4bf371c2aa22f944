"""Windows of 100 sequences: through the Parquet reader, from the pickles, and through musint.

`python bench/dataset.py` writes a synthetic dataset of 100 sequences of 3 to 30 s, with lost chunks, by the dataset
stage into `results/bench/dataset` (removed at the end), and reads all windows of 1.4 s that are free of gaps: at 50/s
and 20/s, all 402 columns and 8 of them, sequence by sequence and in random order. Each round reads by every way in
turn, after a round that does not count; ratios are medians over rounds of processor time against the pickles of the
same round. Files lie in the page cache. At 50/s all ways give the same bits, at 20/s the pickles are interpolated as
the reader does, while musint takes the nearest frames. The reader with a cache folder has decoded all tables in the
round that does not count, and keeps them mapped. `results/benchmarks/dataset.json` has the numbers.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from musint.datasets.mint_dataset import MintDataset
from trials import ROOT

from mint.config.dataset import DatasetConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.chunks import KEEP_FRAMES, time_s, windows
from mint.core.status import Reason, StageStatus, Status
from mint.core.tables import mint_columns
from mint.dataset import build
from mint.reader import MintReader
from mint.sequence.blend import gaps, kept_frames
from mint.sequence.ground import GRF_COLUMNS
from mint.sequence.outcome import STAGES, Chunk

RESULTS = ROOT / "results/bench/dataset"
SEQUENCES, LOST, ABSENT = 100, 0.12, 124  # share of chunks lost, strands that the small model lacks
DURATION_S = 1.4
EIGHT = mint_columns()[:400:50]
ROUNDS = 5
RANDOM = 300  # windows in random order: every way but the cache reads a file for nearly each
Values = Iterator[np.ndarray]


def bundle_of(last_frame: int, rng: np.random.Generator) -> Bundle:
    """A merged sequence: activations of a few sines each behind a threshold, chunks lost at random, never all."""
    planned = windows(last_frame)
    lost = rng.random(len(planned)) < LOST
    lost[rng.integers(len(planned))] = False
    kept = [window for window, gone in zip(planned, lost, strict=True) if not gone]
    frames = kept_frames(kept).astype(np.int32)
    phase, speed, height = rng.uniform(0, 6.3, (3, 402)), rng.uniform(0.02, 0.2, (3, 402)), rng.uniform(0, 0.3, 402)
    drive = np.sin(speed[:, None] * frames[:, None] + phase[:, None]).sum(axis=0)
    activation = (0.01 + height * np.logaddexp(0, 3 * drive) / 9).astype(np.float32)
    activation[:, -ABSENT:] = np.nan
    ends = {
        True: StageStatus("trajectory", Status.DISCARDED, Reason.NOT_CONVERGED),
        False: StageStatus("merge", Status.ACCEPTED),
    }
    outcomes = [
        Chunk(window, dict.fromkeys(STAGES), ends[bool(gone)]).to_json()
        for window, gone in zip(planned, lost, strict=True)
    ]
    first, stop = planned[0].keep_start, planned[-1].keep_stop
    return Bundle(
        StageStatus("merge"),
        {
            "frames": frames,
            "activation": activation,
            "muscle_force_N": 800 * activation,
            "grf": rng.normal(size=(len(frames), len(GRF_COLUMNS))).astype(np.float32),
            "contact": rng.random((len(frames), 2)) < 0.6,
            "extra_muscles": np.array([], dtype="<U1"),
            "extra_activation": np.zeros((len(frames), 0), np.float32),
            "extra_force_N": np.zeros((len(frames), 0), np.float32),
        },
        {
            "first_frame": first,
            "stop_frame": stop,
            "gaps": [list(gap) for gap in gaps(kept, first, stop)],
            "present": mint_columns()[:-ABSENT],
            "chunks": outcomes,
            "gender": "female",
        },
    )


def write_datasets() -> dict[str, Path]:
    """The dataset as it is written by default, and another with zstd."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    rng = np.random.default_rng(0)
    records = {}
    for i, seconds in enumerate(rng.uniform(3, 30, SEQUENCES)):
        name, last = f"s{i:03d}", int(50 * seconds)
        bundle_of(last, rng).write(build.sequence_path(RESULTS, name))
        records[name] = {
            "sequence_id": name,
            "source": "amass",
            "kind": "poses",
            "path": f"{name}_poses.npz",
            "dataset": "KIT",
            "subject": str(i % 10),
            "last_frame": last,
            "duration_s": time_s(last),
            "windows": [asdict(window) for window in windows(last)],
        }
    found = {}
    for compression in ("zstd", DatasetConfig().compression):
        config = DatasetConfig(compression=compression)
        found[compression] = build.run({"sequences": records}, RESULTS, config).rename(RESULTS / compression)
    return {"default": found[DatasetConfig().compression], "zstd": found["zstd"]}


def from_reader(reader: MintReader, rate: float, columns: list[str] | None, order: np.ndarray | None) -> Values:
    """Windows by the reader, in its order or in another."""
    found = reader.windows(DURATION_S, rate, columns=columns)
    return (found[i].arrays["muscle_activations"] for i in (range(len(found)) if order is None else order))


def from_pickles(folder: Path, rate: float, columns: list[str] | None, order: np.ndarray | None) -> Values:
    """The same windows by hand: runs of frames from the index, slices, linear interpolation."""
    if order is not None:
        for path, row in (every_window(folder, rate)[i] for i in order):
            yield cut(pickled(folder, path, columns).to_numpy(), row, rate)
        return
    for path in sorted(pd.read_csv(folder / "mint_metadata.csv")["data_path"]):
        frame = pickled(folder, path, columns)
        values = frame.to_numpy()
        yield from (cut(values, row, rate) for row in rows_of(frame.index.to_numpy(), rate))


@cache
def every_window(folder: Path, rate: float) -> list[tuple[str, int]]:
    """Path and first row of all windows, found once."""
    return [
        (path, row)
        for path in sorted(pd.read_csv(folder / "mint_metadata.csv")["data_path"])
        for row in rows_of(pickled(folder, path, None).index.to_numpy(), rate)
    ]


def pickled(folder: Path, path: str, columns: list[str] | None) -> pd.DataFrame:
    """A table that this script has written."""
    frame = pd.read_pickle(folder / path / "muscle_activations.pkl")
    return frame if columns is None else frame[columns]


def rows_of(index: np.ndarray, rate: float) -> list[int]:
    """First row of every window of a sequence: of 70 frames at 50/s, of 69 at 20/s, whose last sample comes earlier."""
    needs = int(np.ceil((round(DURATION_S * rate) - 1) * 50 / rate)) + 1
    frames = np.rint(50 * index).astype(int)
    edges = [0, *(1 + np.flatnonzero(np.diff(frames) > 1)), len(frames)]
    return [row for a, b in pairwise(edges) for row in range(a, b - needs + 1, KEEP_FRAMES)]


def cut(values: np.ndarray, row: int, rate: float) -> np.ndarray:
    """A window of 1.4 s that starts at a row."""
    if rate == 50:
        return values[row : row + KEEP_FRAMES].copy()
    at = np.arange(round(DURATION_S * rate)) * 50 / rate
    low = np.floor(at).astype(int)
    share = (at - low).astype(np.float32)[:, None]
    return values[row + low] * (1 - share) + values[row + np.ceil(at).astype(int)] * share


def from_musint(folder: Path, rate: float, columns: list[str] | None, order: np.ndarray | None) -> Values:
    """The same windows by musint, which reads all three pickles of a sequence; without its index of HumanML3D."""
    dataset = MintDataset(str(folder), load_humanml3d_names=False)
    for path in sorted(dataset.metadata["data_path"]):
        sample = dataset.by_path(path)
        index, n = sample.muscle_activations.index.to_numpy(), round(DURATION_S * rate)
        for start in (round(50 * index[row]) for row in rows_of(index, rate)):
            span = (time_s(start), time_s(start + KEEP_FRAMES - 1))
            found = sample.get_muscle_activations(span, target_frame_count=n, as_numpy=columns is None)
            yield found if columns is None else found[columns].to_numpy()


def timed(read: Callable[[], Values]) -> tuple[float, float, int]:
    """Processor and elapsed seconds, and the number of windows."""
    cpu, wall = time.process_time(), time.perf_counter()
    count = sum(1 for _ in read())
    return time.process_time() - cpu, time.perf_counter() - wall, count


def compared(ways: dict[str, Callable[[], Values]]) -> dict[str, Any]:
    """Every way in turn, round by round; ratios to the pickles of the same round, below 1 is faster."""
    rounds = [{name: timed(read) for name, read in ways.items()} for _ in range(ROUNDS + 1)][1:]
    out: dict[str, Any] = {"windows": rounds[0]["pickles"][2]}
    for name in ways:
        cpu, wall, count = zip(*(each[name] for each in rounds), strict=True)
        assert set(count) == {out["windows"]}, name
        base = np.array([each["pickles"][:2] for each in rounds])
        out[name] = {
            "cpu_ms_per_window": round(1e3 * float(np.median(cpu)) / count[0], 3),
            "cpu_of_pickles": round(float(np.median(np.array(cpu) / base[:, 0])), 2),
            "elapsed_of_pickles": round(float(np.median(np.array(wall) / base[:, 1])), 2),
        }
    return out


def same(first: Values, second: Values) -> bool:
    """Whether two ways give the same bits, window by window."""
    return all(np.array_equal(a, b, equal_nan=True) and a.dtype == b.dtype for a, b in zip(first, second, strict=True))


def main() -> None:
    """All cases."""
    folders = write_datasets()
    default, cached = folders["default"], RESULTS / "cache"
    size = {
        f"{name}_{suffix}": sum(path.stat().st_size for path in folder.rglob(f"muscle_activations.{suffix}"))
        for name, folder in folders.items()
        for suffix in ("parquet", "pkl")
    }
    plain = MintReader(default, keep=1)
    readers = {
        "reader": plain,
        "reader_zstd": MintReader(folders["zstd"], keep=1),
        "reader_cache": MintReader(default, keep=SEQUENCES, cache_folder=cached),
    }
    agree = {
        name: same(from_reader(plain, 50, None, None), other)
        for name, other in (
            ("pickles", from_pickles(default, 50, None, None)),
            ("musint", from_musint(default, 50, None, None)),
            ("cache", from_reader(readers["reader_cache"], 50, None, None)),
        )
    }
    out: dict[str, Any] = {
        "sequences": SEQUENCES,
        "bytes_activations": size,
        "bytes_cache": sum(path.stat().st_size for path in cached.rglob("*.arrow")),
        "same_bits_at_50_per_s": agree,
        "cases": {},
    }
    order = np.random.default_rng(1).permutation(len(plain.window_index(DURATION_S, 50)))[:RANDOM]
    for rate, columns, chosen in (
        (50, None, None),
        (20, None, None),
        (50, EIGHT, None),
        (20, EIGHT, None),
        (50, None, order),
    ):

        def ways(ask: tuple[Any, ...] = (rate, columns, chosen)) -> dict[str, Callable[[], Values]]:
            found: dict[str, Callable[[], Values]] = {"pickles": lambda: from_pickles(default, *ask)}
            found |= {name: (lambda reader=reader: from_reader(reader, *ask)) for name, reader in readers.items()}
            return found if ask[2] is not None else found | {"musint": lambda: from_musint(default, *ask)}

        name = f"{rate}/s, {'402' if columns is None else len(columns)} columns" + (
            "" if chosen is None else f", {RANDOM} in random order"
        )
        out["cases"][name] = compared(ways())
        print(name, json.dumps(out["cases"][name]))
    shutil.rmtree(RESULTS)
    write_text(ROOT / "results/benchmarks/dataset.json", json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
