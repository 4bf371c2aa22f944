"""Arrays of a record are those that the standard library's reader makes of the pickle; parts that do not fit are refused."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from mint.core.passive import Made, Refused, read_passive
from mint.core.pickled_arrays import ROLES, is_numbers, is_objects, numbers, objects

ARRAYS = {
    "C": np.arange(24.0).reshape(2, 3, 4),
    "F": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    "steps": np.arange(10.0)[::-2],
    "none": np.zeros((0, 3)),
    "one": np.array(2.5),
    "scalar": np.float64(-1.5),
    **{
        code: np.array([0, 1, 100]).astype(code)
        for code in ("<f2", "<f4", ">f8", "i1", "<i2", ">i4", "<i8", "u1", "<u2", "<u4", ">u8")
    },
}


def read(content: bytes) -> Any:
    return read_passive(content, ROLES.get)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ARRAYS)
def test_numbers_are_those_that_were_pickled(kind: str, protocol: int) -> None:
    found = numbers(read(pickle.dumps(ARRAYS[kind], protocol=protocol)))
    assert found.dtype == ARRAYS[kind].dtype and found.shape == ARRAYS[kind].shape
    np.testing.assert_array_equal(found, ARRAYS[kind])


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("order", ["C", "F"])
def test_objects_are_those_that_were_pickled(order: Any, protocol: int) -> None:
    array = np.array([["a", 1, None], ["b", 2.5, ("c",)]], dtype=object, order=order)
    found, shape = objects(read(pickle.dumps(array, protocol=protocol)))
    np.testing.assert_array_equal(np.array(found, dtype=object).reshape(shape), array)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "array",
    [np.array(["a", "bc"]), np.array([True]), np.array([1j]), np.zeros(2, [("a", "f8")]), np.array([1], "M8[s]")],
    ids=str,
)
def test_other_arrays_are_neither_numbers_nor_objects(array: Any, protocol: int) -> None:
    found = read(pickle.dumps(array, protocol=protocol))
    assert not is_numbers(found) and not is_objects(found)
    with pytest.raises(Refused):
        numbers(found)
    with pytest.raises(Refused):
        objects(found)


def array(**parts: Any) -> Made:
    """The record of a pickled array of two numbers, with other parts."""
    state = (3, "<", None, None, None, -1, -1, 0)
    dtype = Made("dtype", (parts.get("code", "f8"), False, True), parts.get("type_state", state))
    return Made(
        "array", (), (1, parts.get("shape", (2,)), dtype, parts.get("fortran", False), parts.get("raw", b"\0" * 16))
    )


ODD = {
    "too few bytes": {"raw": b"\0" * 15},
    "too many bytes": {"raw": b"\0" * 24},
    "numbers as bytes": {"raw": [0.0, 0.0]},
    "no latin1": {"raw": "\u20ac" * 16},
    "a negative size": {"shape": (-2,)},
    "two negative sizes": {"shape": (-1, -2)},
    "true as a size": {"shape": (True, 2)},
    "a list as a shape": {"shape": [2]},
    "a fraction as a size": {"shape": (2.0,)},
    "a huge size": {"shape": (2**62,)},
    "sizes that overflow to 2": {"shape": (2**32, 2**32, 2)},
    "huge and nothing": {"shape": (0, 2**62), "raw": b""},
    "too many sizes": {"shape": (1,) * 64 + (2,)},
    "an order of 1": {"fortran": 1},
    "a type as a text": {"code": "f8,f8"},
    "a size that numpy lacks": {"code": "f3"},
    "no type": {"code": "V8"},
    "a pointer": {"code": "O8"},
    "changed flags": {"type_state": (3, "<", None, None, None, -1, -1, 1)},
    "a size beside the code": {"type_state": (3, "<", None, None, None, 800, -1, 0)},
    "an alignment": {"type_state": (3, "<", None, None, None, -1, 4096, 0)},
    "fields": {"type_state": (3, "<", None, ("a",), {"a": 0}, -1, -1, 0)},
    "a part array": {"type_state": (3, "<", ("f8", (9,)), None, None, -1, -1, 0)},
    "another byte order": {"type_state": (3, "=", None, None, None, -1, -1, 0)},
    "no state": {"type_state": None},
    "a short state": {"type_state": (3, "<")},
}


@pytest.mark.parametrize("kind", ODD)
def test_parts_that_numpy_does_not_write_are_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"array|text|latin|codec"):
        numbers(array(**ODD[kind]))


def test_the_parts_that_these_alter_are_an_array() -> None:
    np.testing.assert_array_equal(numbers(array()), [0.0, 0.0])


@pytest.mark.parametrize("flags", [0, 63])
def test_bytes_are_no_objects(flags: int) -> None:
    record = array(code="O8", type_state=(3, "|", None, None, None, -1, -1, flags))
    assert is_objects(record)
    with pytest.raises(Refused, match="no list"):
        objects(record)
