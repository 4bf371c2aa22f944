"""Pickles written instruction by instruction: those of other versions of pandas, and hostile ones."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Name:
    module: str
    name: str


@dataclass(frozen=True)
class Call:
    called: Any
    arguments: tuple[Any, ...]
    state: Any = None


@dataclass(frozen=True)
class Raw:
    """Instructions as they are."""

    content: bytes


def assembled(value: Any) -> bytes:
    """A pickle of protocol 5 of plain values, names and calls."""
    return b"\x80\x05" + _written(value) + b"."


def _written(value: Any) -> bytes:
    if isinstance(value, Raw):
        return value.content
    if isinstance(value, Name):
        return b"c" + f"{value.module}\n{value.name}\n".encode()
    if isinstance(value, Call):
        state = b"" if value.state is None else _written(value.state) + b"b"
        return _written(value.called) + _written(value.arguments) + b"R" + state
    if isinstance(value, tuple):
        return b"(" + b"".join(map(_written, value)) + b"t"
    if isinstance(value, list):
        return b"](" + b"".join(map(_written, value)) + b"e"
    if isinstance(value, dict):
        return b"}(" + b"".join(_written(key) + _written(each) for key, each in value.items()) + b"u"
    return pickle.dumps(value, protocol=3)[2:-1]  # without protocol and end


DTYPE, NDARRAY = Name("numpy", "dtype"), Name("numpy", "ndarray")
INDEX = Name("pandas.core.indexes.base", "_new_Index")
FRAME = Name("pandas.core.frame", "DataFrame")
MANAGER = Name("pandas.core.internals.managers", "BlockManager")
SLICE = Name("builtins", "slice")


def dtype(code: str, order: str = "<", flags: int = 0) -> Call:
    return Call(DTYPE, (code, False, True), (3, order, None, None, None, -1, -1, flags))


def buffer(values: np.ndarray, core: str = "core") -> Call:
    """An array as protocol 5 keeps it."""
    order = "C" if values.flags.c_contiguous else "F"
    return Call(
        Name(f"numpy.{core}.numeric", "_frombuffer"),
        (values.tobytes(order), dtype(values.dtype.str[1:], values.dtype.str[0]), values.shape, order),
    )


def array(values: np.ndarray, core: str = "core") -> Call:
    """An array as protocols up to 4 keep it."""
    fortran = not values.flags.c_contiguous
    return Call(
        Name(f"numpy.{core}.multiarray", "_reconstruct"),
        (NDARRAY, (0,), b"b"),
        (
            1,
            values.shape,
            dtype(values.dtype.str[1:], values.dtype.str[0]),
            fortran,
            values.tobytes("F" if fortran else "C"),
        ),
    )


def objects(texts: Sequence[Any], core: str = "core") -> Call:
    return Call(
        Name(f"numpy.{core}.multiarray", "_reconstruct"),
        (NDARRAY, (0,), b"b"),
        (1, (len(texts),), dtype("O8", "|", 63), False, list(texts)),
    )


def index(kind: Name, data: Any) -> Call:
    return Call(INDEX, (kind, {"data": data, "name": None}))


def axes(names: Sequence[str], times: np.ndarray, numeric: Name) -> list[Call]:
    return [index(Name("pandas.core.indexes.base", "Index"), objects(names)), index(numeric, buffer(times))]


FLOATS = Name("pandas.core.indexes.numeric", "Float64Index")
PLAIN = Name("pandas.core.indexes.base", "Index")
FILLED = {"_typ": "dataframe", "_metadata": [], "attrs": {}}


def pandas_1_0(names: Sequence[str], times: np.ndarray, blocks: Sequence[tuple[np.ndarray, Any]]) -> Call:
    """pandas 1.0 to 1.2: the manager's dictionary is its state."""
    both = axes(names, times, FLOATS)
    values = [buffer(block) for block, _ in blocks]
    kept = {
        "0.14.1": {
            "axes": both,
            "blocks": [{"values": each, "mgr_locs": place} for each, (_, place) in zip(values, blocks, strict=True)],
        }
    }
    manager = Call(MANAGER, (), (both, values, [both[0]], kept))
    return Call(FRAME, (), {"_data": manager, **FILLED})


def pandas_1_3(names: Sequence[str], times: np.ndarray, blocks: Sequence[tuple[np.ndarray, Any]]) -> Call:
    """pandas 1.3 and 1.4: blocks are made by a function with a bound argument."""
    new_block = Name("pandas.core.internals.blocks", "new_block")
    maker = Call(Name("functools", "partial"), (new_block,), (new_block, (), {"ndim": 2}, None))
    made = tuple(Call(maker, (array(block), place)) for block, place in blocks)
    return Call(FRAME, (), {"_mgr": Call(MANAGER, (made, axes(names, times, FLOATS))), **FILLED})


def pandas_2(
    names: Sequence[str], times: np.ndarray, blocks: Sequence[tuple[np.ndarray, Any]], numeric: Name = PLAIN
) -> Call:
    """pandas 1.5 (with its index of floats) and 2."""
    block_of = Name("pandas._libs.internals", "_unpickle_block")
    made = tuple(Call(block_of, (buffer(block), place, 2)) for block, place in blocks)
    return Call(FRAME, (), {"_mgr": Call(MANAGER, (made, axes(names, times, numeric))), **FILLED})


def pandas_1_5(names: Sequence[str], times: np.ndarray, blocks: Sequence[tuple[np.ndarray, Any]]) -> Call:
    return pandas_2(names, times, blocks, FLOATS)


def counted(instruction: bytes, length: int, content: bytes = b"") -> Raw:
    """An instruction of 8 bytes of length that claims more than follows."""
    return Raw(instruction + struct.pack("<Q", length) + content)


VERSIONS = (pandas_1_0, pandas_1_3, pandas_1_5, pandas_2)
NAMES = ("c", "a", "b")
TIMES = np.round(np.arange(7, 19) / 50, 2)
VALUES = np.arange(36, dtype=np.float64).reshape(12, 3) / 40


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def one_block() -> list[tuple[np.ndarray, Any]]:
    return [(VALUES.T, Call(SLICE, (0, 3, 1)))]


def several_blocks() -> list[tuple[np.ndarray, Any]]:
    """Columns 0 and 2 in one block, 1 in another of float32, as frames that were joined have."""
    places = buffer(np.array([0, 2], dtype=np.int64))
    return [
        (np.ascontiguousarray(VALUES[:, [0, 2]].T), places),
        (VALUES[:, [1]].T.astype(np.float32), Call(SLICE, (1, 2, 1))),
    ]
