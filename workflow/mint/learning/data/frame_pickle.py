"""A pickled pandas DataFrame of floats over time, read without pandas: its version does not matter, and nothing runs.

`DataFrame.to_pickle` writes the frame's block manager: axes (columns, rows), and blocks (k, n) of columns of one type
with their places among all columns. pandas 1.0 to 1.2 keep the manager as a dictionary in its state, later versions as
its arguments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.passive import Made, Refused, read_passive
from mint.core.pickled_arrays import made_as, numbers
from mint.core.status import Reason, StageError
from mint.learning.data.pickled_texts import ROLES, texts
from mint.learning.data.recording import Floats, Times

# An hour of 402 columns in float64 takes 0.6 GB.
_MOST_BYTES, _MOST_ROWS, _MOST_COLUMNS = 1024**3, 400_000, 4096
_ROLES = {
    **ROLES,
    **{name: "frame" for name in ("pandas.DataFrame", "pandas.core.frame.DataFrame")},
    "pandas.core.internals.managers.BlockManager": "manager",
    **{name: "block" for name in ("pandas._libs.internals._unpickle_block", "pandas.core.internals.blocks.new_block")},
    "functools.partial": "partial",
    "pandas.core.indexes.base._new_Index": "index",
    **{
        name: "index_class"
        for name in ("pandas.Index", "pandas.core.indexes.base.Index", "pandas.core.indexes.numeric.Float64Index")
    },
    **{
        name: "range_class"
        for name in (
            "pandas.RangeIndex",
            "pandas.core.indexes.range.RangeIndex",
            "pandas.core.indexes.numeric.Int64Index",
        )
    },
}
_ITS_STATE = "0.14.1"  # version of the layout that pandas up to 1.2 writes


def read_frame(path: Path, columns: tuple[str, ...]) -> tuple[Times, Floats]:
    """Index (m,) float64 and the values (m, c) float32 of `columns`, in their order, of a pickled frame.

    Raises StageError for a file that is missing, that is no pickle of a frame of floats over floats, that names
    anything beyond what such a pickle needs, or that lacks a column.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Refused(f"it has more than {_MOST_BYTES >> 30} GB")
        return _frame(read_passive(path.read_bytes(), _ROLES.get), columns)
    except OSError as error:
        raise StageError(
            Reason.FILE_MISSING,
            f"{path}: {error.strerror or error}",
            remedy="unpack the sub-dataset again, or leave its CSV file out",
        ) from error
    except Exception as error:  # a damaged pickle raises nearly anything
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: the pickle is refused: {error}; expected a pandas DataFrame of activations over time in seconds",
            remedy="download the file again from its publisher, and do not open it with pandas before "
            "you know where it is from",
        ) from error


def _frame(value: Any, columns: tuple[str, ...]) -> tuple[Times, Floats]:
    state = made_as(value, "frame").state
    if type(state) is not dict:
        raise Refused("the frame has no content")
    axes, blocks = _manager(made_as(state.get("_mgr", state.get("_data")), "manager"))
    if type(axes) is not list or len(axes) != 2:
        raise Refused("the frame has other axes than columns and rows")
    names, index = texts(_axis(axes[0])), numbers(_axis(axes[1]))
    place = {name: i for i, name in enumerate(names)}
    if len(place) != len(names) or len(blocks) > len(names) or len(names) > _MOST_COLUMNS:
        raise Refused(f"it has {len(names)} columns of {len(place)} names in {len(blocks)} blocks")
    if missing := [name for name in columns if name not in place]:
        raise Refused(f"it lacks {len(missing)} of {len(columns)} columns, the first {missing[0]}")
    if index.dtype.kind != "f" or index.ndim != 1 or not 0 < len(index) <= _MOST_ROWS:
        raise Refused(f"its index is no time in seconds of 1 to {_MOST_ROWS} rows")
    rows: dict[int, NDArray[Any]] = {}
    for block, places in blocks:
        values = numbers(block)
        at = _places(places, len(names))
        if values.dtype.kind != "f" or values.shape != (len(at), len(index)):
            raise Refused(f"a block of {values.dtype} {values.shape} is that of {len(at)} columns, {len(index)} rows")
        rows.update(zip(at, values, strict=True))
    if sorted(rows) != list(range(len(names))):
        raise Refused("its blocks do not fill its columns")
    out = np.empty((len(index), len(columns)), dtype=np.float32)
    # What float32 cannot hold is infinite, which no activation is.
    with np.errstate(over="ignore"):
        for i, name in enumerate(columns):
            out[:, i] = rows[place[name]]
    return index.astype(np.float64), out


def _manager(manager: Made) -> tuple[Any, list[tuple[Any, Any]]]:
    """Axes, and values and places of the blocks."""
    if len(manager.arguments) == 2:
        blocks, axes = manager.arguments
        if type(blocks) is not tuple:
            raise Refused("the frame has no blocks")
        return axes, [made_as(block, "block").arguments[:2] for block in blocks]
    # (axes, values of the blocks, their columns, {version: what counts}).
    kept = manager.state[-1][_ITS_STATE]
    return kept["axes"], [(block["values"], block["mgr_locs"]) for block in kept["blocks"]]


def _axis(value: Any) -> Any:
    """What an index holds: `_new_Index(class, {"data": ..., "name": ...})`."""
    kind, kept = made_as(value, "index").arguments
    if kind.role != "index_class":
        raise Refused("an axis numbers its rows: expected names of columns, and times in seconds")
    return kept["data"]


def _places(value: Any, count: int) -> list[int]:
    """Places of a block's columns, a slice or whole numbers."""
    if type(value) is Made and value.role == "slice":
        if len(value.arguments) != 3 or any(type(each) not in (int, type(None)) for each in value.arguments):
            raise Refused("a block has no places")
        return list(range(*slice(*value.arguments).indices(count)))
    found = numbers(value)
    if found.dtype.kind not in "iu" or found.ndim != 1 or len(found) > count:
        raise Refused("a block has no places")
    return [int(each) for each in found]
