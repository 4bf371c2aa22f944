"""Values of tables as arrays: those of the last sequences stay in memory, those of a cache folder on disk."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mint.core.atomic import atomic_path
from mint.reader.coverage import Runs
from mint.reader.files import sequence_file
from mint.reader.values import Values, decoded

KEY = b"mint.reader"


class Store:
    """Tables of the sequences below `root`.

    `keep` sequences stay in memory. With a `cache_folder` every table is decoded once into a file there that is
    mapped into memory afterwards, also by other processes; a table that has changed is decoded again.
    """

    def __init__(self, root: Path, keep: int, cache_folder: Path | None) -> None:
        self.root, self.keep = root, keep
        self.cache = None
        if cache_folder is not None:
            # Datasets of several roots may share a cache folder.
            self.cache = cache_folder / hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
        self._kept: OrderedDict[str, dict[Any, Values]] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        # A worker process of a data loader reads for itself.
        return {**self.__dict__, "_kept": OrderedDict()}

    def values(self, data_path: str, table: str, columns: tuple[str, ...] | None, runs: Runs) -> Values:
        """Values of a table (its `columns`, or all) whose rows must be the frames of `runs`."""
        kept = self._kept.setdefault(data_path, {})
        self._kept.move_to_end(data_path)
        if (table, columns) not in kept:
            path = sequence_file(self.root / data_path, table)
            if self.cache is None:
                kept[table, columns] = decoded(path, runs.frames(), columns)
            else:
                kept[table, columns] = self._mapped(path, self.cache / data_path / f"{table}.arrow", runs).columns(
                    columns, path
                )
        while len(self._kept) > self.keep:
            self._kept.popitem(last=False)
        return kept[table, columns]

    def _mapped(self, path: Path, cached: Path, runs: Runs) -> Values:
        """All columns of a table out of the cache, which is filled first where it is empty or out of date."""
        stat = path.stat()
        state = [stat.st_size, stat.st_mtime_ns]
        found = _open_cached(cached, state)
        if found is None:
            values = decoded(path, runs.frames(), None)
            if not values.names:
                return values
            _write_cached(cached, state, values)
            found = _open_cached(cached, state)
        if found is None:
            raise ValueError(f"{cached} cannot be read back: is the disk full? Give another cache_folder")
        return found


def _write_cached(cached: Path, state: list[int], values: Values) -> None:
    record = {"state": state, "names": values.names, "flags": values.flags.tolist()}
    rows = pa.FixedSizeListArray.from_arrays(pa.array(values.array.reshape(-1)), len(values.names))
    table = pa.table({"values": rows}).replace_schema_metadata({KEY: json.dumps(record)})
    with atomic_path(cached) as temporary, pa.ipc.new_file(temporary, table.schema) as out:
        out.write_table(table, max_chunksize=max(len(rows), 1))


def _open_cached(cached: Path, state: list[int]) -> Values | None:
    if not cached.is_file():
        return None
    try:
        table = pa.ipc.open_file(pa.memory_map(str(cached))).read_all()
        record = json.loads(table.schema.metadata[KEY])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return None
    if record["state"] != state:
        return None
    array = table.column("values").chunk(0).values.to_numpy().reshape(-1, len(record["names"]))
    return Values(tuple(record["names"]), np.array(record["flags"], dtype=bool), array)
