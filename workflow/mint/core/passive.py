"""A pickle read as a record of what it would do: nothing that it names is imported, called or changed.

A pickle is a program. `pickletools` of the standard library takes it apart; here its few instructions that arrays and
tables need build plain values, and each call of a named thing becomes a `Made` that keeps role, arguments and state.
Names and instructions beyond the allowed ones end the reading. What a pickle holds is at most as large as its file.
"""

from __future__ import annotations

import codecs
import io
import pickletools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from mint.core.untrusted import told

# A table of 402 columns, each a block of its own, takes some 20,000.
_MOST_INSTRUCTIONS = 100_000
_PLAIN = frozenset(
    {
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    }
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_SKIPPED = frozenset({"PROTO", "FRAME"})
_SCALARS = (str, bytes, int, float, type(None))


class Refused(ValueError):
    """A pickle that does more than hold arrays or a table, or that is damaged."""


@dataclass(frozen=True)
class Named:
    """A name that a pickle would import: the role that the reader gives to it."""

    role: str


@dataclass(eq=False)
class Made:
    """A call that a pickle would make: role of what is called, its arguments, the state set afterwards."""

    role: str
    arguments: tuple[Any, ...]
    state: Any = None


def read_passive(
    content: bytes, role_of: Callable[[str], str | None], most_instructions: int = _MOST_INSTRUCTIONS
) -> Any:
    """The value of a pickle of protocols 0 to 5; `role_of` gives each name (`module.name`) that may occur its role.

    Texts of Python 2 are taken as latin1, sets become lists. Raises Refused for another name or instruction, for more
    than `most_instructions`, and for a damaged pickle.
    """
    machine = _Machine(role_of)
    try:
        for count, (name, argument) in enumerate(_instructions(io.BytesIO(content))):
            if count >= most_instructions:
                raise Refused(f"it has more than {most_instructions} instructions")
            if name == "STOP":
                return machine.pop()
            machine.step(name, argument)
    except Refused:
        raise
    except Exception as error:  # a damaged pickle raises nearly anything
        raise Refused(f"it is damaged ({told(error)})") from error
    raise Refused("it has no end")


def _python_2_text(handle: IO[bytes]) -> str:
    """Text as `repr` of Python 2 wrote it. The reader of pickletools takes ASCII only, arrays have any byte."""
    line = handle.readline()
    quoted = line[:-1]
    if line[-1:] != b"\n" or len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[:1] != quoted[-1:]:
        raise Refused("it is damaged (a text has no quotes)")
    return codecs.escape_decode(quoted[1:-1])[0].decode("latin1")


_READERS: dict[bytes, tuple[str, Callable[[IO[bytes]], Any] | None]] = {
    code.code.encode("latin1"): (code.name, None if code.arg is None else code.arg.reader)
    for code in pickletools.opcodes
}
_READERS[b"S"] = ("STRING", _python_2_text)


def _instructions(handle: IO[bytes]) -> Iterator[tuple[str, Any]]:
    while code := handle.read(1):
        if code not in _READERS:
            raise Refused(f"it is damaged (there is no instruction {code!r})")
        name, reader = _READERS[code]
        yield name, None if reader is None else reader(handle)


class _Machine:
    """Stack and memo of a pickle."""

    def __init__(self, role_of: Callable[[str], str | None]) -> None:
        self.role_of = role_of
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        return self.stack.pop()

    def pop_to_mark(self) -> list[Any]:
        above, self.stack = self.stack, self.below.pop()
        return above

    def step(self, name: str, argument: Any) -> None:
        """One instruction."""
        if name in _SKIPPED:
            return
        if name in _PLAIN:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            count = _TUPLES[name]
            self.stack[-count:] = [tuple(self._last(count))]
        elif (do := getattr(self, f"_do_{name.lower()}", None)) is not None:
            do(argument)
        else:
            raise Refused(f"its instruction {name} is none that arrays or a table need")

    def _last(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise Refused("it is damaged (a value is missing)")
        return self.stack[-count:]

    def _do_mark(self, _: Any) -> None:
        self.below.append(self.stack)
        self.stack = []

    def _do_empty_list(self, _: Any) -> None:
        self.stack.append([])

    # The values of a set would be hashed, which takes for ever where they are nested: a list keeps them.
    _do_empty_set = _do_empty_list

    def _do_empty_dict(self, _: Any) -> None:
        self.stack.append({})

    def _do_empty_tuple(self, _: Any) -> None:
        self.stack.append(())

    def _do_tuple(self, _: Any) -> None:
        above = self.pop_to_mark()
        self.stack.append(tuple(above))

    def _do_list(self, _: Any) -> None:
        above = self.pop_to_mark()
        self.stack.append(above)

    _do_frozenset = _do_list

    def _do_dict(self, _: Any) -> None:
        above = self.pop_to_mark()
        self.stack.append({})
        self._set(above)

    def _do_append(self, _: Any) -> None:
        self._extend([self.pop()])

    def _do_appends(self, _: Any) -> None:
        self._extend(self.pop_to_mark())

    _do_additems = _do_appends

    def _extend(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise Refused("it appends to what is no list")
        self.stack[-1].extend(values)

    def _do_setitem(self, _: Any) -> None:
        pair = self._last(2)
        del self.stack[-2:]
        self._set(pair)

    def _do_setitems(self, _: Any) -> None:
        self._set(self.pop_to_mark())

    def _set(self, pairs: list[Any]) -> None:
        keys = pairs[::2]
        if type(self.stack[-1]) is not dict or not all(map(_is_key, keys)):
            raise Refused("it sets items of what is no dictionary of texts and numbers")
        self.stack[-1].update(zip(keys, pairs[1::2], strict=True))

    def _do_global(self, argument: str) -> None:
        self._name(argument.replace(" ", "."))

    def _do_stack_global(self, _: Any) -> None:
        module, name = self._last(2)
        del self.stack[-2:]
        if type(module) is not str or type(name) is not str:
            raise Refused("it names what is no text")
        self._name(f"{module}.{name}")

    def _name(self, name: str) -> None:
        role = self.role_of(name)
        if role is None:
            raise Refused(f"it names {name[:100]!r}, which no arrays and no table of numbers need")
        self.stack.append(Named(role))

    def _do_reduce(self, _: Any) -> None:
        called, arguments = self._last(2)
        del self.stack[-2:]
        if type(arguments) is not tuple:
            raise Refused("it calls with what are no arguments")
        if type(called) is Made and called.role == "partial":
            # pandas 1.3 binds the number of dimensions to its maker of blocks, and calls that.
            called = called.arguments[0]
        if type(called) is not Named:
            raise Refused("it calls what is no name")
        self.stack.append(Made(called.role, arguments))

    _do_newobj = _do_reduce

    def _do_build(self, _: Any) -> None:
        state = self.pop()
        if type(self.stack[-1]) is not Made or self.stack[-1].state is not None:
            raise Refused("it must not change what it names, or what is made already")
        self.stack[-1].state = state

    def _do_memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def _do_binput(self, argument: int) -> None:
        self.memo[argument] = self.stack[-1]

    _do_put = _do_long_binput = _do_binput

    def _do_binget(self, argument: int) -> None:
        if argument not in self.memo:
            raise Refused("it is damaged (it asks for a value that it has not kept)")
        self.stack.append(self.memo[argument])

    _do_get = _do_long_binget = _do_binget


def _is_key(value: Any) -> bool:
    """Whether a value may be a key. Hashing nested tuples takes for ever.."""
    # A call, such as that of a number of numpy, is hashed by its identity.
    return isinstance(value, (*_SCALARS, Made)) or (
        type(value) is tuple and all(isinstance(each, _SCALARS) for each in value)
    )
