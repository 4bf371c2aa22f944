"""Texts out of the passive values of a pickle, as arrays of objects, of pandas' texts or of Arrow's.

Layouts were read off files that pandas 1.0 to 3.1 wrote, with protocols 2, 4 and 5.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from mint.core import pickled_arrays
from mint.core.passive import Made, Refused
from mint.core.pickled_arrays import made_as, objects, raw_bytes

# Role of each name that a pickled table of numbers uses.
ROLES = {
    **pickled_arrays.ROLES,
    **{f"{builtins}.slice": "slice" for builtins in ("builtins", "__builtin__")},
    "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": "text_array",
    **{
        f"{place}.{name}": "arrow_texts"
        for place in ("pandas.arrays", "pandas.core.arrays.string_arrow")
        for name in ("ArrowStringArray", "ArrowStringArrayNumpySemantics")
    },
    **{name: "text_dtype" for name in ("pandas.StringDtype", "pandas.core.arrays.string_.StringDtype")},
    **{
        name: "text_class"
        for name in (
            "pandas.arrays.StringArray",
            "pandas.core.arrays.string_.StringArray",
            "pandas.core.arrays.string_.StringArrayNumpySemantics",
        )
    },
    **{name: "missing" for name in ("pandas.NA", "pandas._libs.missing.NA")},
    "pyarrow.lib._restore_array": "arrow_array",
    "pyarrow.lib.chunked_array": "arrow_chunks",
    "pyarrow.lib.py_buffer": "arrow_buffer",
    "pyarrow.lib.type_for_alias": "arrow_type",
}
_MOST_TEXTS = 100_000
# Bytes of an offset into the characters of Arrow's texts.
_ARROW_OFFSETS = {"string": "<i4", "large_string": "<i8"}


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
    found, shape = objects(made)
    if len(shape) != 1 or any(type(text) is not str for text in found):
        raise Refused("the names of columns are no texts in a row")
    return found


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
    if (
        missing != 0
        or type(length) is not int
        or type(offset) is not int
        or not (0 <= offset <= offset + length < whole)
        or length > _MOST_TEXTS
    ):
        raise Refused("texts of Arrow do not fit their length")
    at = np.frombuffer(places, step, whole)[offset : offset + length + 1].tolist()
    if any(not 0 <= start <= stop <= len(characters) for start, stop in pairwise(at)):
        raise Refused("texts of Arrow lie outside their characters")
    return [characters[start:stop].decode() for start, stop in pairwise(at)]
