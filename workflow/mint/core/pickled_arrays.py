"""Arrays out of the passive values of a pickle, as numpy 1 and 2 write them with protocols 0 to 5.

The state of numpy's types and arrays is read as data and checked; it never reaches numpy's own `__setstate__`, which
believes what it is given: a type with changed flags there makes pointers of the bytes of a file. No array is larger
than the bytes that the pickle holds of it.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.passive import Made, Named, Refused

# Role of each name that pickled arrays and numbers of numpy use.
ROLES = {
    **{f"numpy.{core}.multiarray._reconstruct": "array" for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray.scalar": "scalar" for core in ("core", "_core")},
    **{f"numpy.{core}.numeric._frombuffer": "buffer" for core in ("core", "_core")},
    "numpy.ndarray": "ndarray",
    "numpy.dtype": "dtype",
    "_codecs.encode": "encoded",
    **{f"{builtins}.{name}": name for builtins in ("builtins", "__builtin__") for name in ("bytes", "bytearray")},
}
_NUMBERS = re.compile(r"f[248]|[iu][1248]")
_OBJECTS = re.compile(r"O[48]?")
_MOST_DIMENSIONS = 32  # of numpy 1


def is_numbers(array: Made) -> bool:
    """Whether an array or scalar says to hold floats or whole numbers; `numbers` checks what it says."""
    return _NUMBERS.fullmatch(_code(array)) is not None


def is_objects(array: Made) -> bool:
    """Whether an array says to hold objects; `objects` checks what it says."""
    return _OBJECTS.fullmatch(_code(array)) is not None


def numbers(value: Any) -> NDArray[Any]:
    """An array of floats or whole numbers, of any shape, () for a scalar, not to be written to.

    Raises Refused for anything else, and for a type, a shape and bytes that do not fit each other.
    """
    dtype, shape, order, data = _parts(value)
    kind, rest = _simple(dtype)
    if not _NUMBERS.fullmatch(kind[1:]) or rest not in ((), (0,)):
        raise Refused(f"an array of type {kind[:20]!r} holds no numbers")
    raw = raw_bytes(data)
    sizes = _sizes(shape)
    if math.prod(sizes) * int(kind[2:]) != len(raw):
        raise Refused(f"an array of shape {sizes} has {len(raw)} bytes")
    return np.frombuffer(raw, dtype=np.dtype(kind)).reshape(sizes, order=order)


def objects(value: Any) -> tuple[list[Any], tuple[int, ...]]:
    """Elements, in C order whatever the order of the array, and shape of an array of objects.

    numpy writes them as a list. Raises Refused for anything else, bytes above all: numpy would take them for pointers.
    """
    dtype, shape, _, found = _parts(value)
    if not _OBJECTS.fullmatch(_simple(dtype)[0][1:]) or type(found) is not list:
        raise Refused("an array of objects is no list of them")
    sizes = _sizes(shape)
    if math.prod(sizes) != len(found):
        raise Refused(f"an array of shape {sizes} has {len(found)} objects")
    return found, sizes


def raw_bytes(value: Any) -> bytes | bytearray:
    """Bytes, or what stands for them: a bytearray, or text in latin1 of Python 2 and of protocols up to 2."""
    if type(value) is Made and value.role == "bytearray" and len(value.arguments) == 1:
        value = value.arguments[0]
    if type(value) is Made and value.role == "bytes" and not value.arguments:
        return b""
    if type(value) is Made and value.role == "encoded" and len(value.arguments) == 2:
        value, encoding = value.arguments
        if type(value) is not str or encoding != "latin1":
            raise Refused("the content of an array is text in another encoding than latin1")
    if type(value) is str:
        return value.encode("latin1")
    if type(value) in (bytes, bytearray):
        return value
    raise Refused("the content of an array is no bytes")


def made_as(value: Any, *roles: str) -> Made:
    """The value, which must be a call of something in one of some roles. Raises Refused if it is not."""
    if type(value) is not Made or value.role not in roles:
        found = value.role if type(value) in (Made, Named) else type(value).__name__
        raise Refused(f"{found} stands where {' or '.join(roles)} was expected")
    return value


def state_of(made: Made, count: int) -> tuple[Any, ...]:
    """The state of a call, a tuple of `count` parts. Raises Refused if it is none."""
    if type(made.state) is not tuple or len(made.state) != count:
        raise Refused(f"{made.role} has another state than numpy and pandas write")
    return made.state


def _parts(value: Any) -> tuple[Any, Any, Any, Any]:
    """Type, shape, order, content."""
    made = made_as(value, "array", "buffer", "scalar")
    if made.role == "array":
        # Version, then what numpy's ndarray.__setstate__ takes.
        _, shape, dtype, fortran, data = state_of(made, 5)
        order = {False: "C", True: "F"}[fortran] if type(fortran) is bool else None
    elif len(made.arguments) != {"buffer": 4, "scalar": 2}[made.role] or made.state is not None:
        raise Refused("an array has other parts than numpy writes")
    elif made.role == "buffer":
        data, dtype, shape, order = made.arguments
    else:
        (dtype, data), shape, order = made.arguments, (), "C"
    if order not in ("C", "F"):
        raise Refused("an array is in an order that numpy does not write")
    return dtype, shape, order, data


def _code(array: Made) -> str:
    dtype = _parts(array)[0]
    code = dtype.arguments[0] if type(dtype) is Made and dtype.role == "dtype" and dtype.arguments else None
    return code if type(code) is str else ""


def _simple(value: Any) -> tuple[str, tuple[Any, ...]]:
    """Byte order and code of a simple type, such as `<f8`, and its flags."""
    made = made_as(value, "dtype")
    code = made.arguments[0] if made.arguments else None
    # State of a type: version, byte order, three parts of types made of others, size and alignment where the code does
    # not tell them (else -1), flags.
    state = made.state
    if (
        type(code) is not str
        or type(state) is not tuple
        or len(state) < 5
        or state[1] not in ("<", ">", "|")
        or (any(each is not None for each in state[2:5]))
        or state[5:7] not in ((), (-1, -1))
    ):
        raise Refused("an array is of no simple type")
    return f"{state[1]}{code}", state[7:8]


def _sizes(shape: Any) -> tuple[int, ...]:
    if (
        type(shape) is not tuple
        or len(shape) > _MOST_DIMENSIONS
        or any(type(size) is not int or size < 0 for size in shape)
    ):
        raise Refused("an array has a shape that does not fit its content")
    return shape
