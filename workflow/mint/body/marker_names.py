"""Names of markers: which of a file's names a marker set knows, and which are near misses of its spelling."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

_SEPARATORS = re.compile(r"[_.\-\s]+")
_SIDES = {"left": "l", "l": "l", "right": "r", "r": "r"}
# A file may hold any number of names of any length; what is compared letter by letter is bounded.
_MOST_COMPARED, _LONGEST = 200, 64
_SIMILAR = 0.8
_SHOWN = 4


def strangers(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Names that are not `known`, in their order."""
    there = set(known)
    return [name for name in names if name not in there]


def near_misses(expected: Iterable[str], found: Iterable[str]) -> dict[str, str]:
    """Of the `expected` names those that `found` spells differently: expected -> found, each found name once.

    What comes before a colon, case, separators and the way a side is written do not count; then one or two letters.
    """
    by_form: dict[str, list[str]] = {}
    for name in found:
        by_form.setdefault(_form(name), []).append(name)
    out, missed = {}, []
    for name in expected:
        alike = by_form.get(_form(name))
        if alike:
            out[name] = alike.pop(0)
            if not alike:
                del by_form[_form(name)]
        else:
            missed.append(name)
    left = {form[:_LONGEST]: names[0] for form, names in list(by_form.items())[:_MOST_COMPARED]}
    for name in missed[:_MOST_COMPARED]:
        close = difflib.get_close_matches(_form(name)[:_LONGEST], list(left), 1, _SIMILAR)
        # Names that differ in a digit (`r_thigh1`, `r_thigh2`) or in the side are other markers.
        if close and _distinguishing(close[0]) == _distinguishing(_form(name)):
            out[name] = left.pop(close[0])
    return out


def what_differs(expected: str, found: str) -> str:
    """In which way two spellings of one name differ, in words."""
    prefix, colon, rest = found.rpartition(":")
    if colon and not expected.startswith(prefix + colon):
        more = "" if rest == expected else f" and {what_differs(expected, rest)}"
        return f"the prefix `{prefix + colon}` in front{more}"
    if found.lower() == expected.lower():
        return "capital letters"
    if _compact(found) == _compact(expected):
        return "separators (`_`, `.`, `-` or blanks)"
    if _form(found) == _form(expected):
        return "how the side is written"
    return "spelling"


def spelling_hint(expected: Iterable[str], found: Iterable[str]) -> str:
    """One sentence about the near misses, grouped by what differs; empty without any."""
    misses = near_misses(expected, found)
    if not misses:
        return ""
    groups: dict[str, list[str]] = {}
    for name, other in misses.items():
        groups.setdefault(what_differs(name, other), []).append(f"`{shown(other)}` for `{shown(name)}`")
    parts = [
        f"{', '.join(pairs[:_SHOWN])}{f' and {len(pairs) - _SHOWN} more' if len(pairs) > _SHOWN else ''} "
        f"(differs in {how})"
        for how, pairs in groups.items()
    ]
    return f"the file has {'; '.join(parts[:_SHOWN])}"


def listed(names: Sequence[str], most: int = 12) -> str:
    """The first names in quotes, and how many more there are."""
    text = ", ".join(f"`{shown(name)}`" for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"


def shown(name: str) -> str:
    """A name as it may stand in a message: of any file, hence short and printable."""
    printable = "".join(char if char.isprintable() else "?" for char in name)
    return printable if len(printable) <= _LONGEST else printable[:_LONGEST] + "..."


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _compact(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def _form(name: str) -> str:
    """A name without prefix, case and separators, with its side (from either end) as one letter in front."""
    parts = [part for part in _SEPARATORS.split(_bare(name).lower()) if part]
    for place in (0, -1):
        if len(parts) > 1 and parts[place] in _SIDES:
            side = _SIDES[parts.pop(place)]
            return side + "".join(parts)
    text = "".join(parts)
    for word in ("left", "right"):
        if text.startswith(word) and len(text) > len(word):
            return _SIDES[word] + text[len(word) :]
        if text.endswith(word) and len(text) > len(word):
            return _SIDES[word] + text[: -len(word)]
    return text


def _distinguishing(form: str) -> tuple[str, str]:
    """Side and digits of a form: what tells markers of one kind apart."""
    return form[:1] if form[:1] in ("l", "r") else "", "".join(char for char in form if char.isdigit())
