"""The record of a pickle holds what the standard library's reader would make, and nothing is called."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from mint.core.passive import Made, Named, Refused, read_passive

PLAIN = {
    "a": [1, -2, 300, 2**40, -(10**30), 1.5, float("inf")],
    3: ("x", ("y", None), True, False),
    "é\u20ac\n\\": {},
    2.5: [],
    (1, "b"): (),
    "long": "z" * 300,
    None: [[]],
}


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_are_those_that_were_pickled(protocol: int) -> None:
    found = read_passive(pickle.dumps(PLAIN, protocol=protocol), {}.get)
    assert found == PLAIN and repr(found) == repr(PLAIN)


@pytest.mark.parametrize("text", [b"S'it\\'s \\xe9\\n'\n.", b'S"it\'s \\xe9\\n"\n.', b"U\x08it's \xe9\n."])
def test_text_of_python_2_is_latin1(text: bytes) -> None:
    assert read_passive(text.replace(b"U\x08", b"U\x07"), {}.get) == "it's é\n"


@pytest.mark.parametrize("text", [b"S'abc\n.", b"Sabc\n.", b"S'\n.", b"S'abc'", b"S'abc\"\n."])
def test_text_of_python_2_without_its_quotes_is_damaged(text: bytes) -> None:
    with pytest.raises(Refused, match="quotes"):
        read_passive(text, {}.get)


@pytest.mark.parametrize("protocol", range(6))
def test_sets_are_lists(protocol: int) -> None:
    roles = {f"{place}.{name}": "set" for place in ("builtins", "__builtin__") for name in ("set", "frozenset")}
    for value in ({1}, frozenset({1}), set()):
        found = read_passive(pickle.dumps(value, protocol=protocol), roles.get)
        assert (found.arguments[0] if isinstance(found, Made) else found) == list(value)


def test_a_call_is_kept_and_not_made() -> None:
    found = read_passive(b"cos\nsystem\n(S'exit 3'\ntR}S'a'\nI1\nsb.", {"os.system": "shell"}.get)
    assert isinstance(found, Made) and (found.role, found.arguments, found.state) == ("shell", ("exit 3",), {"a": 1})
    assert read_passive(b"cos\nsystem\n.", {"os.system": "shell"}.get) == Named("shell")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"cos\nsystem\n.", "'os.system'"),
        (b"cos\nsystem\n}b.", "names"),
        (b"}I1\nb.", "must not change"),
        (b"]I1\nb.", "must not change"),
        (b"ca\nb\n)R}b}b.", "must not change"),
        (b"I1\nI2\na.", "no list"),
        (b"]I1\nI2\ns.", "no dictionary"),
        (b"}((I1\nttI2\ns.", "no dictionary"),
        (b"}(I1\nu.", "damaged"),
        (b"(I1\nios\nsystem\n.", "INST"),
        (b"Pid\n.", "PERSID"),
        (b"g5\n.", "not kept"),
        (b"\xff.", "no instruction"),
        (b"I1\n", "no end"),
        (b"", "no end"),
        (b".", "damaged"),
        (b"I1\nI2\nI3\nI4\nI5\nI6\nI7\nI8\nI9\n.", "more than 8"),
    ],
)
def test_what_else_a_pickle_does_is_refused(content: bytes, told: str) -> None:
    roles: dict[str, Any] = {"a.b": "call"}
    with pytest.raises(Refused, match=told):
        read_passive(content, roles.get, most_instructions=8)
