"""Read the pickle of a body model or a motion without running any of it: arrays are built, all else stays passive.

Beside plain values a pickle may hold arrays and numbers of numpy, whose parts are checked before an array is made of
them, sets, and objects of scipy's compressed sparse matrices and of chumpy's classes, which become records that only
keep their state. Any other name ends the reading.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mint.core import pickled_arrays
from mint.core.passive import Made, Named, Refused, read_passive
from mint.core.pickled_arrays import is_numbers, is_objects, numbers, objects, raw_bytes
from mint.core.status import Reason, StageError
from mint.core.untrusted import told

# SMPL-X, the largest of the models, takes about 0.5 GB.
_MOST_BYTES = 2 * 1024**3
# A motion with an array of its own for each field and frame takes 17 to 32 for each.
_MOST_INSTRUCTIONS = 5_000_000
_BLOCK = 2**20
_ROLES = {
    **pickled_arrays.ROLES,
    **{f"{registry}._reconstructor": "object" for registry in ("copy_reg", "copyreg")},
    **{
        f"{builtins}.{name}": role
        for builtins in ("builtins", "__builtin__")
        for name, role in (("object", "class"), ("set", "set"), ("frozenset", "set"))
    },
}
# Classes whose objects become records. Their names have a dot, which no role has.
_FOREIGN = re.compile(r"scipy\.sparse(\.\w+)?\.cs[cr]_(matrix|array)|chumpy(\.\w+)*\.\w+")


@dataclass(eq=False)
class PassiveObject:
    """Stands in for an object of a foreign class, or for an array of neither numbers nor objects: does nothing."""

    name: str
    state: dict[Any, Any] = field(default_factory=dict)


def load_passive(handle: IO[bytes], where: str) -> Any:
    """Content of a pickle of arrays, from where `handle` stands; text of Python 2 is latin1.

    Arrays of numbers and of objects are numpy's, sets are lists, objects of other classes are `PassiveObject`. `where`
    names the file in messages. Raises StageError(BODY_MODEL) if the pickle names anything else, if parts of an array do
    not fit each other, and if it is damaged.
    """
    try:
        content = _content(handle)
        size = len(content)
        record = read_passive(content, _role, _MOST_INSTRUCTIONS)
        del content
        return _Values(size).of(record)
    except Exception as error:  # a damaged pickle raises nearly anything
        raise StageError(
            Reason.BODY_MODEL,
            f"{where} is refused: {told(error)}",
            remedy="fetch the model again from its publisher",
        ) from error


def _content(handle: IO[bytes]) -> bytes:
    kept = io.BytesIO()
    # By blocks: what is packed in an archive may be larger than the archive tells.
    while block := handle.read(_BLOCK):
        kept.write(block)
        if kept.tell() > _MOST_BYTES:
            raise Refused(f"it has more than {_MOST_BYTES >> 30} GB")
    return kept.getvalue()


def _role(name: str) -> str | None:
    return _ROLES.get(name) or (name if _FOREIGN.fullmatch(name) else None)


class _Values:
    """Values of what a pickle would make. Each is made once: they may hold each other, or themselves."""

    def __init__(self, size: int) -> None:
        self._made: dict[int, Any] = {}
        self._left = size

    def of(self, value: Any) -> Any:
        """The value of a passive one. Raises ValueError if it is none."""
        if type(value) not in (list, dict, tuple, Made, Named):
            return value
        key = id(value)
        if key in self._made:
            return self._made[key]
        # What can hold itself is known before its content is made.
        if type(value) is list:
            out = self._made[key] = []
            out.extend(map(self.of, value))
        elif type(value) is dict:
            table = self._made[key] = {}
            table.update((self.of(name), self.of(each)) for name, each in value.items())
        elif type(value) is tuple:
            self._made[key] = tuple(map(self.of, value))
        elif type(value) is Named:
            self._made[key] = PassiveObject(value.role)
        else:
            self._make(key, value)
        return self._made[key]

    def _make(self, key: int, made: Made) -> None:
        role, arguments = made.role, made.arguments
        if role in ("array", "buffer", "scalar") and is_objects(made):
            self._objects(key, made)
        elif role in ("array", "buffer", "scalar"):
            self._made[key] = self._numbers(made) if is_numbers(made) else PassiveObject(role)
        elif role in ("encoded", "bytes", "bytearray"):
            self._made[key] = raw_bytes(made)
            self._count(len(self._made[key]))
        elif role == "set" and len(arguments) < 2 and all(type(each) is list for each in arguments):
            self._made[key] = []
            self._made[key].extend(self.of(each) for values in arguments for each in values)
        elif role == "object" and arguments and type(arguments[0]) is Named and "." in arguments[0].role:
            self._foreign(key, arguments[0].role, made.state)
        elif "." in role:
            self._foreign(key, role, made.state)
        elif role == "dtype":
            self._made[key] = PassiveObject(role)
        else:
            raise Refused(f"unexpected use of {role}")

    def _numbers(self, made: Made) -> NDArray[Any] | np.generic:
        values = numbers(made)
        self._count(values.nbytes)
        return values[()] if made.role == "scalar" else values

    def _objects(self, key: int, made: Made) -> None:
        found, shape = objects(made)
        flat = np.empty(len(found), dtype=object)
        self._made[key] = flat.reshape(shape)
        for i, each in enumerate(found):
            flat[i] = self.of(each)

    def _foreign(self, key: int, name: str, state: Any) -> None:
        self._made[key] = record = PassiveObject(name)
        # With __slots__ the state is a pair of attributes and slots.
        if type(state) is tuple and len(state) == 2:
            state = state[0]
        if type(state) is dict:
            record.state = self.of(state)

    def _count(self, size: int) -> None:
        """Bytes of one text may be encoded for many arrays: together they may not be more than the file has."""
        self._left -= size
        if self._left < 0:
            raise Refused("its arrays are larger than itself")
