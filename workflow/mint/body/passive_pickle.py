"""Read a pickle without running any of it: arrays are built, everything else is passive or refused.

A pickle is a program that calls what it names. Here it can name numpy's array constructors, scipy's
compressed sparse matrices and the classes of chumpy; the last two become passive records that only keep
their state, so that neither package's code runs. Any other name ends the reading before the call.
"""

from __future__ import annotations

import pickle
import re
import warnings
from typing import IO, Any

import numpy as np

from mint.core.status import Reason, StageError

_SPARSE = re.compile(r"scipy\.sparse(\.\w+)?")
_CHUMPY = re.compile(r"chumpy(\.\w+)*")


class PassiveObject:
    """Stands in for an object of a foreign class: keeps `state`, does nothing."""

    name = ""
    state: dict[str, Any]

    def __new__(cls, *_: Any, **__: Any) -> PassiveObject:
        """An object without state; whatever the pickle passes is dropped."""
        made = super().__new__(cls)
        object.__setattr__(made, "state", {})
        return made

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], dict):
            state = state[0]
        self.state = dict(state) if isinstance(state, dict) else {}


class _Calls:
    """The few calls a pickle of arrays makes. No attribute of it can be set from the pickle."""

    __slots__ = ("_kind",)
    _kind: str

    def __init__(self, kind: str) -> None:
        object.__setattr__(self, "_kind", kind)

    def __setattr__(self, name: str, value: Any) -> None:
        raise pickle.UnpicklingError("a pickle must not change its reader")

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("a pickle must not change its reader")

    def __call__(self, *arguments: Any) -> Any:
        kind = self._kind
        if kind == "dtype":
            return _dtype(*arguments)
        if kind == "array":
            return (
                np.empty((0,), dtype=np.int8)
                if arguments[:1] and isinstance(arguments[0], _Calls)
                else _refuse("array")
            )
        if kind == "scalar":
            return np.frombuffer(_bytes(arguments[1]), dtype=_numeric(arguments[0]), count=1)[0]
        if kind == "bytes":
            return _bytes(*arguments)
        if kind == "object":
            made = arguments[0]
            return made() if isinstance(made, type) and issubclass(made, PassiveObject) else _refuse("object")
        return _refuse(kind)


def _refuse(what: str) -> Any:
    raise pickle.UnpicklingError(f"unexpected use of {what}")


def _bytes(text: Any, encoding: str = "latin1") -> bytes:
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        return bytes(_refuse("text encoding"))
    return text.encode("latin1")


def _dtype(code: Any, align: Any = False, copy: Any = False) -> Any:
    if not isinstance(code, str):
        _refuse("dtype")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.dtype(code, align=bool(align), copy=bool(copy))


def _numeric(dtype: Any) -> Any:
    return dtype if isinstance(dtype, np.dtype) and not dtype.hasobject else _refuse("dtype")


_KINDS = {
    "numpy": {"ndarray": "class", "dtype": "dtype"},
    "numpy.core.multiarray": {"_reconstruct": "array", "scalar": "scalar"},
    "numpy._core.multiarray": {"_reconstruct": "array", "scalar": "scalar"},
    "_codecs": {"encode": "bytes"},
    "copy_reg": {"_reconstructor": "object"},
    "copyreg": {"_reconstructor": "object"},
    "__builtin__": {"object": "class"},
    "builtins": {"object": "class"},
}


class _PassiveUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        kind = _KINDS.get(module, {}).get(name)
        if kind is not None:
            return _Calls(kind)
        if (_SPARSE.fullmatch(module) and name in ("csc_matrix", "csr_matrix")) or (
            _CHUMPY.fullmatch(module) and name.isidentifier()
        ):
            return type("Passive", (PassiveObject,), {"name": f"{module}.{name}"})
        raise pickle.UnpicklingError(f"{module}.{name} is neither an array nor a passive value")


def load_passive(handle: IO[bytes], where: str) -> Any:
    """Content of a pickle of arrays; text of Python 2 is latin1. `where` names the file in messages.

    Raises StageError(BODY_MODEL) if it names anything else, before that is called.
    """
    try:
        return _PassiveUnpickler(handle, encoding="latin1").load()
    except Exception as error:  # a damaged pickle raises nearly anything
        raise StageError(
            Reason.BODY_MODEL,
            f"{where} is refused: {error}",
            remedy="fetch the model again from its publisher",
        ) from error
