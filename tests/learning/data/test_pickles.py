"""Pickled frames of every version of pandas are read, and what is no activation over time is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mint.core.status import Reason, StageError
from mint.learning.data.frame_pickle import read_frame
from tests.learning.data import assembled as pickles
from tests.learning.data.assembled import (
    NAMES,
    SLICE,
    TIMES,
    VALUES,
    VERSIONS,
    Call,
    Name,
    assembled,
    buffer,
    one_block,
    several_blocks,
    write,
)

# numpy warns where names of former versions are shown to pandas.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("blocks", [one_block, several_blocks])
def test_frames_of_former_versions_are_read(
    tmp_path: Path, version: Callable[..., Call], blocks: Callable[[], Any]
) -> None:
    path = write(tmp_path / "x.pkl", assembled(version(NAMES, TIMES, blocks())))
    times, values = read_frame(path, ("a", "b", "c"))
    assert np.array_equal(times, TIMES) and times.dtype == np.float64
    assert np.array_equal(values, VALUES[:, [1, 2, 0]].astype(np.float32)) and values.dtype == np.float32


@pytest.mark.parametrize("version", [pickles.pandas_1_5, pickles.pandas_2])
def test_what_stands_for_former_versions_is_such_a_frame_to_pandas_too(
    tmp_path: Path, version: Callable[..., Call]
) -> None:
    frame = pd.read_pickle(write(tmp_path / "x.pkl", assembled(version(NAMES, TIMES, several_blocks()))))
    assert np.array_equal(frame.index, TIMES) and list(frame.columns) == list(NAMES)
    assert np.array_equal(frame.to_numpy().astype(np.float32), VALUES.astype(np.float32))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8"])
@pytest.mark.parametrize(
    "names", [pd.Index(NAMES, dtype=object), pd.Index(NAMES, dtype="str"), pd.Index(NAMES, dtype="string[python]")]
)
def test_frames_of_the_installed_version_are_read(tmp_path: Path, protocol: int, dtype: str, names: pd.Index) -> None:
    frame = pd.DataFrame(VALUES.astype(dtype), index=pd.Index(TIMES, name="time"), columns=names)
    frame.attrs["unit"] = "1"
    for given in (
        frame,
        frame.copy().iloc[2:],
        frame.T.copy().T,
        pd.concat([frame.iloc[:4], frame.iloc[7:]]),
        frame[["b", "a", "c"]],
    ):
        given.to_pickle(tmp_path / "x.pkl", protocol=protocol)
        times, values = read_frame(tmp_path / "x.pkl", ("a", "b"))
        assert np.array_equal(times, given.index) and np.array_equal(
            values, given[["a", "b"]].to_numpy().astype(np.float32)
        )


def test_a_frame_that_was_put_together_from_columns_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({name: VALUES[:, i] for i, name in enumerate(NAMES)}, index=TIMES)
    frame["d"] = np.float32(2.0)
    frame.to_pickle(tmp_path / "x.pkl")
    assert np.array_equal(read_frame(tmp_path / "x.pkl", (*NAMES, "d"))[1][:, :3], VALUES.astype(np.float32))


def altered(**parts: Any) -> bytes:
    """A frame of one block with another part."""
    block = parts.get("block", buffer(VALUES.T))
    place = parts.get("place", Call(SLICE, (0, 3, 1)))
    names = parts.get("names", pickles.objects(NAMES))
    times = parts.get("times", buffer(TIMES))
    both = [pickles.index(pickles.PLAIN, names), pickles.index(parts.get("kind", pickles.PLAIN), times)]
    made = (Call(Name("pandas._libs.internals", "_unpickle_block"), (block, place, 2)),) * parts.get("times_over", 1)
    return assembled(Call(pickles.FRAME, (), {"_mgr": Call(pickles.MANAGER, (made, both)), **pickles.FILLED}))


def frombuffer(*arguments: Any) -> Call:
    return Call(Name("numpy.core.numeric", "_frombuffer"), arguments)


ODD = {
    # numpy itself would take these bytes for pointers.
    "objects as bytes": {
        "names": Call(
            Name("numpy.core.multiarray", "_reconstruct"),
            (pickles.NDARRAY, (0,), b"b"),
            (1, (3,), pickles.dtype("O8", "|", 0), False, b"\x41" * 24),
        )
    },
    "a block of objects": {"block": frombuffer(b"\x41" * 288, pickles.dtype("O8", "|", 0), (3, 12), "C")},
    "a record type": {
        "block": frombuffer(
            VALUES.tobytes(),
            Call(pickles.DTYPE, ("V8", False, True), (3, "|", None, ("a",), {"a": (pickles.dtype("f8"), 0)}, 8, 1, 0)),
            (3, 12),
            "C",
        )
    },
    "text as a type": {"block": frombuffer(VALUES.tobytes(), pickles.dtype("f8,f8"), (3, 12), "C")},
    "a shape without content": {"block": frombuffer(b"", pickles.dtype("f8"), (2**40, 2**40), "C")},
    "a negative shape": {"block": frombuffer(VALUES.tobytes(), pickles.dtype("f8"), (-3, -12), "C")},
    "true as a size": {"block": frombuffer(VALUES[:1, :1].tobytes(), pickles.dtype("f8"), (True, 1), "C")},
    "another order": {"block": frombuffer(VALUES.tobytes(), pickles.dtype("f8"), (3, 12), "K")},
    "whole numbers": {"block": buffer(VALUES.T.astype(np.int64))},
    "too few rows": {"block": buffer(np.ascontiguousarray(VALUES[1:].T))},
    "places outside": {"place": buffer(np.array([0, 1, 7]))},
    "places twice": {"place": buffer(np.array([0, 1, 1]))},
    "no step": {"place": Call(SLICE, (0, 3, 0))},
    "texts as places": {"place": Call(SLICE, ("0", 3, 1))},
    "two blocks of one place": {"times_over": 4},
    "numbers as names": {"names": pickles.objects([1, 2, 3])},
    "names twice": {"names": pickles.objects(["a", "b", "b"])},
    "other names": {"names": pickles.objects(["a", "b", "d"])},
    "rows numbered": {"kind": Name("pandas", "RangeIndex")},
    "time in whole numbers": {"times": buffer(np.arange(12))},
    "time of two columns": {"times": buffer(np.zeros((12, 1)))},
    "no rows": {"times": buffer(np.zeros(0)), "block": frombuffer(b"", pickles.dtype("f8"), (0, 0), "C")},
    "a list as a block": {"block": [1.0, 2.0]},
    "no text in latin1": {
        "block": frombuffer(Call(Name("_codecs", "encode"), ("\u20ac", "latin1")), pickles.dtype("f8"), (3, 12), "C")
    },
    "text in another encoding": {
        "block": frombuffer(Call(Name("_codecs", "encode"), ("aa", "rot13")), pickles.dtype("f8"), (3, 12), "C")
    },
}


@pytest.mark.parametrize("kind", sorted(ODD))
def test_a_frame_that_is_no_activation_over_time_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(StageError, match=r"x\.pkl.*refused"):
        read_frame(write(tmp_path / "x.pkl", altered(**ODD[kind])), NAMES)


def test_a_frame_that_lacks_a_column_which_is_not_asked_for_is_refused_too(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.pkl", altered(block=buffer(np.ascontiguousarray(VALUES.T[:2])), place=Call(SLICE, (0, 2, 1)))
    )
    with pytest.raises(StageError, match="do not fill its columns"):
        read_frame(path, ("c", "a"))


def test_the_frame_that_these_alter_is_read(tmp_path: Path) -> None:
    assert read_frame(write(tmp_path / "x.pkl", altered()), NAMES)[1].shape == (12, 3)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nowhere") as raised:
        read_frame(tmp_path / "nowhere.pkl", NAMES)
    assert raised.value.reason is Reason.FILE_MISSING and raised.value.remedy


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="lacks 1 of 2 columns, the first e"):
        read_frame(write(tmp_path / "x.pkl", altered()), ("a", "e"))
