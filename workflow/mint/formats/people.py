"""Names of markers that begin with the person's: `Name:LASI`. One person's are taken, with the prefix left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mint.core.names import sanitized
from mint.core.status import Reason, StageError


def names_of_one(
    path: str | Path, names: Sequence[str], subject: str | None, prefixes: Sequence[str] = ()
) -> tuple[dict[int, str], list[str]]:
    """Index -> name without prefix of the markers that belong to one person, and warnings.

    A prefix ends with a colon, or is one of `prefixes` that the file declares. Of several people `subject` of the
    sequence table chooses; without one that fits StageError(FIELD_VALUE) names them. Markers without a prefix belong to
    the only person; beside several people they belong to nobody.
    """
    split = [_split(name, prefixes) for name in names]
    people = list(dict.fromkeys(person for person, _ in split if person))
    if not people:
        return dict(enumerate(names)), []
    person = people[0] if len(people) == 1 else _chosen(path, people, subject)
    mine = {i: name for i, (owner, name) in enumerate(split) if owner == person}
    if len(people) > 1:
        return mine, [f"{path}: markers of {', '.join(people)}: those of {person} are read, as the sequence table says"]
    taken = set(mine.values())
    without = {i: name for i, (owner, name) in enumerate(split) if not owner and name not in taken}
    return dict(sorted((mine | without).items())), []


def _split(name: str, prefixes: Sequence[str]) -> tuple[str, str]:
    """Person and marker; the person is empty where the name has no prefix."""
    for prefix in prefixes:
        if prefix and name.startswith(prefix) and len(name) > len(prefix):
            return prefix.rstrip(":_- "), name[len(prefix) :]
    person, colon, marker = name.partition(":")
    return (person.strip(), marker.strip()) if colon and person.strip() and marker.strip() else ("", name)


def _chosen(path: str | Path, people: list[str], subject: str | None) -> str:
    fitting = [person for person in people if subject and _plain(person) == _plain(subject)]
    if len(fitting) == 1:
        return fitting[0]
    found = f"subject of the sequence table is {subject}" if subject else "the sequence table chooses none"
    raise StageError(
        Reason.FIELD_VALUE,
        f"{path}: markers of {len(people)} people, {', '.join(people)}, but {found}",
        remedy=f"write one row for each person whose motion is wanted, with that name in column subject: {people[0]}",
    )


def _plain(name: str) -> str:
    try:
        return sanitized(name).casefold()
    except ValueError:
        return name.casefold()
