"""Tables over frames: read with the columns that are asked for, checked, and said plainly where they do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path, PurePath

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mint.reader.sampling import Ints

OVER_TIME = ("frame", "time_s")
AGAIN = "make the dataset again, or copy it again and compare checksums (a release has SHA256SUMS)"


def listed(names: Sequence[str], wanted: str = "", most: int = 8) -> str:
    """Names for a message: all of a few, of many those that are spelled like `wanted`, or the first ones."""
    if len(names) <= most:
        return ", ".join(names) or "nothing"
    near = get_close_matches(wanted, names, n=3, cutoff=0.5)
    if near:
        return f"{len(names)}, near to it {', '.join(near)}"
    return f"{len(names)}, the first {', '.join(names[:3])}"


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A Parquet table with all columns of the file, or `columns` in their order.

    Raises ValueError for a file that cannot be read, KeyError for a column that is not there; both name the file.
    """
    try:
        # Not read_table and no threads: for a file of a second's length both cost more than the values.
        with pq.ParquetFile(path) as file:
            found = file.read(columns=None if columns is None else list(columns), use_threads=False)
            if columns is None:
                return found
            missing = [name for name in columns if name not in found.column_names]
            if missing:
                there = [name for name in file.schema_arrow.names if name not in OVER_TIME]
                raise KeyError(f"{path} has no column {', '.join(missing)}; it has {listed(there, missing[0])}")
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"{path} is not a Parquet file that can be read ({error}): {AGAIN}") from error
    return found.select(list(columns))


def is_below(data_path: str) -> bool:
    """Whether a path of a table stays below the folder that it is joined to: a dataset may come from anywhere."""
    path = PurePath(data_path)
    return not path.anchor and ".." not in path.parts


def sequence_file(folder: Path, table: str) -> Path:
    """The file of a table of a sequence. Raises KeyError for a table, ValueError for a sequence, that is not there."""
    path = folder / f"{table}.parquet"
    if path.is_file():
        return path
    there = sorted(file.stem for file in folder.glob("*.parquet"))
    if not there:
        raise ValueError(f"{folder} has no tables although sequences.parquet lists it: {AGAIN}")
    raise KeyError(f"no table {table} in {folder}; there are {', '.join(there)}")


def over_frames(path: Path, frames: Ints, columns: Sequence[str] | None = None) -> pa.Table:
    """A table whose rows are `frames`: all its columns, or `frame` and `columns`.

    Raises ValueError where the file has other rows, or more or fewer.
    """
    found = read_parquet(path, None if columns is None else ["frame", *columns])
    if "frame" not in found.column_names:
        raise ValueError(f"{path} is no table over frames: it has no column frame")
    own = found.column("frame").to_numpy()
    if len(own) != len(frames):
        raise ValueError(f"{path} has {len(own)} rows where intervals.parquet has {len(frames)} frames: {AGAIN}")
    if not np.array_equal(own, frames):
        at = int(np.argmax(own != frames))
        raise ValueError(f"{path} has frame {own[at]} in row {at} where intervals.parquet has {frames[at]}: {AGAIN}")
    return found


def to_pandas(found: pa.Table) -> pd.DataFrame:
    """A table as pandas: whole numbers that may be missing as Int32, lists of text as tuples."""
    frame = found.to_pandas()
    for field in found.schema:
        if pa.types.is_integer(field.type) and field.nullable:
            # Else one missing number makes the column floats.
            frame[field.name] = found.column(field.name).to_pandas(types_mapper={pa.int32(): pd.Int32Dtype()}.get)
        elif pa.types.is_list(field.type):
            frame[field.name] = [tuple(each) for each in found.column(field.name).to_pylist()]
    return frame
