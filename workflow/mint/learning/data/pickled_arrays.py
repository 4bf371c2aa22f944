"""Arrays of numbers and of texts out of the passive values of a pickle, as numpy, pandas and Arrow write them.

Layouts were read off files that pandas 1.0 to 3.1 wrote, with protocols 2, 4 and 5. No array is larger than the bytes
that the pickle holds of it.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.learning.data.passive import Made, Named, Refused

# Role of each name that a pickled table of numbers uses.
ROLES = {
    **{f"numpy.{core}.multiarray._reconstruct": "array" for core in ("core", "_core")},
    **{f"numpy.{core}.numeric._frombuffer": "buffer" for core in ("core", "_core")},
    "numpy.ndarray": "ndarray", "numpy.dtype": "dtype", "_codecs.encode": "encoded",
    **{f"{builtins}.{name}": name for builtins in ("builtins", "__builtin__") for name in ("slice", "bytearray")},
    "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": "text_array",
    **{f"{place}.{name}": "arrow_texts" for place in ("pandas.arrays", "pandas.core.arrays.string_arrow")
       for name in ("ArrowStringArray", "ArrowStringArrayNumpySemantics")},
    **{name: "text_dtype" for name in ("pandas.StringDtype", "pandas.core.arrays.string_.StringDtype")},
    **{name: "text_class" for name in ("pandas.arrays.StringArray", "pandas.core.arrays.string_.StringArray",
                                       "pandas.core.arrays.string_.StringArrayNumpySemantics")},
    **{name: "missing" for name in ("pandas.NA", "pandas._libs.missing.NA")},
    "pyarrow.lib._restore_array": "arrow_array", "pyarrow.lib.chunked_array": "arrow_chunks",
    "pyarrow.lib.py_buffer": "arrow_buffer", "pyarrow.lib.type_for_alias": "arrow_type",
}
_NUMBERS = re.compile(r"f[248]|[iu][1248]")
_MOST_TEXTS = 100_000
# Bytes of an offset into the characters of Arrow's texts.
_ARROW_OFFSETS = {"string": "<i4", "large_string": "<i8"}


def numbers(value: Any) -> NDArray[Any]:
    """An array of floats or whole numbers, not to be written to. Raises ValueError for anything else."""
    made = made_as(value, "array", "buffer")
    if made.role == "buffer":
        # numpy's _frombuffer(buffer, dtype, shape, order).
        if len(made.arguments) != 4:
            raise Refused("an array has other parts than numpy writes")
        data, dtype, shape, order = made.arguments
    else:
        _, shape, dtype, fortran, data = _state(made, 5)
        order = "F" if fortran is True else "C"
    kind = _dtype(dtype)
    if not _NUMBERS.fullmatch(kind[1:]):
        raise Refused(f"an array of type {kind[:20]!r} holds no numbers")
    raw = raw_bytes(data)
    sizes = _shape(shape, len(raw) // int(kind[2:]))
    if math.prod(sizes) * int(kind[2:]) != len(raw):
        raise Refused(f"an array of shape {sizes} has {len(raw)} bytes")
    flat = np.frombuffer(raw, dtype=np.dtype(kind))
    if order not in ("C", "F"):
        raise Refused("an array is in an order that numpy does not write")
    return flat.reshape(sizes, order="F" if order == "F" else "C")


def texts(value: Any) -> list[str]:
    """Texts of an array of objects, of pandas' texts or of Arrow's. Raises ValueError for anything else."""
    made = made_as(value, "array", "text_array", "arrow_texts")
    if made.role == "text_array":
        # The type and the array, and from one to the next version in another order and number of parts.
        parts = made.state if type(made.state) is tuple else ()
        return texts(next((each for each in parts if type(each) is Made and each.role == "array"), None))
    if made.role == "arrow_texts":
        state = made.state if type(made.state) is dict else {}
        return _arrow(state.get("_pa_array", state.get("_data")))
    _, shape, dtype, _, found = _state(made, 5)
    if not _dtype(dtype)[1:].startswith("O") or type(found) is not list or any(type(text) is not str for text in found):
        raise Refused("the names of columns are no texts")
    if _shape(shape, len(found)) != (len(found),):
        raise Refused("the names of columns are in no row")
    return found


def raw_bytes(value: Any) -> bytes | bytearray:
    """Bytes, or what stands for them: a bytearray, or text in latin1 that protocol 2 writes."""
    if type(value) is Made and value.role == "bytearray" and len(value.arguments) == 1:
        value = value.arguments[0]
    if type(value) is Made and value.role == "encoded" and len(value.arguments) == 2:
        text, encoding = value.arguments
        if type(text) is str and encoding == "latin1":
            return text.encode("latin1")
    if type(value) in (bytes, bytearray):
        return value
    raise Refused("the content of an array is no bytes")


def _arrow(value: Any) -> list[str]:
    made = made_as(value, "arrow_array", "arrow_chunks")
    if made.role == "arrow_chunks":
        chunks = made.arguments[0] if made.arguments else None
        if type(chunks) is not list or any(type(chunk) is Made and chunk.role == "arrow_chunks" for chunk in chunks):
            raise Refused("texts of Arrow have no parts")
        return [text for chunk in chunks for text in _arrow(chunk)]
    parts = made.arguments[0] if len(made.arguments) == 1 else None
    if type(parts) is not tuple or len(parts) != 7:
        raise Refused("texts of Arrow have other parts than Arrow writes")
    kind, length, missing, offset, buffers, *_ = parts
    named = made_as(kind, "arrow_type").arguments
    if len(named) != 1 or named[0] not in _ARROW_OFFSETS or type(buffers) is not list or len(buffers) != 3:
        raise Refused("texts of Arrow are of another type")
    # Arrow: text i lies between offsets i and i + 1 into the characters; a name may not be missing.
    step = np.dtype(_ARROW_OFFSETS[named[0]])
    places, characters = (bytes(raw_bytes(made_as(each, "arrow_buffer").arguments[0])) for each in buffers[1:])
    whole = len(places) // step.itemsize
    if missing != 0 or type(length) is not int or type(offset) is not int or not (
            0 <= offset <= offset + length < whole) or length > _MOST_TEXTS:
        raise Refused("texts of Arrow do not fit their length")
    at = np.frombuffer(places, step, whole)[offset:offset + length + 1].tolist()
    if any(not 0 <= start <= stop <= len(characters) for start, stop in pairwise(at)):
        raise Refused("texts of Arrow lie outside their characters")
    return [characters[start:stop].decode() for start, stop in pairwise(at)]


def _dtype(value: Any) -> str:
    """Byte order and code of a simple type, such as `<f8`."""
    made = made_as(value, "dtype")
    code = made.arguments[0] if made.arguments else None
    # State of a dtype: version, byte order, then what only types made of others have.
    state = made.state
    if type(code) is not str or type(state) is not tuple or len(state) < 5 or state[1] not in ("<", ">", "|") or (
            any(each is not None for each in state[2:5])):
        raise Refused("an array is of no simple type")
    return f"{state[1]}{code}"


def _shape(value: Any, most: int) -> tuple[int, ...]:
    sizes = value if type(value) is tuple else ()
    if not 1 <= len(sizes) <= 2 or any(type(size) is not int or not 0 <= size <= most for size in sizes):
        raise Refused("an array has a shape that does not fit its content")
    return sizes


def _state(made: Made, count: int) -> tuple[Any, ...]:
    if type(made.state) is not tuple or len(made.state) != count:
        raise Refused(f"{made.role} has another state than numpy and pandas write")
    return made.state


def made_as(value: Any, *roles: str) -> Made:
    """The value, which must be a call of something in one of some roles. Raises Refused if it is not."""
    if type(value) is not Made or value.role not in roles:
        found = value.role if type(value) in (Made, Named) else type(value).__name__
        raise Refused(f"{found} stands where {' or '.join(roles)} was expected")
    return value

