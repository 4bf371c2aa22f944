"""Which sequence of BABEL a sequence of the plan is: by its number where the table has one, else by its file's path."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from mint.config.babel import BabelConfig
from mint.core.tables import table
from mint.dataset.babel import Babel, Entry
from mint.dataset.babel_record import Label
from mint.dataset.naming import ENDINGS

# AMASS set, subject, recording.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Joined:
    """What BABEL says of a sequence: number (-1 unknown), split ("" unknown), labels, how it was found, what is odd."""

    babel_sid: int = -1
    split: str = ""
    labels: tuple[Label, ...] = ()
    found_by: str = ""
    warnings: tuple[str, ...] = ()


def path_key(path: str) -> Key | None:
    """AMASS set, subject and recording from the end of a path, in one spelling; None for less than three parts.

    Case, spaces or underscores and endings differ between the releases of AMASS, and so do the names of its sets
    (resources/amass_sets.csv); the set's folder may occur twice.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if len(parts) < 3:
        return None
    return _key(parts[-3], parts[-2], parts[-1])


def _key(dataset: str, subject: str, file: str) -> Key:
    recording = file.casefold().removesuffix(".npz")
    for ending in ENDINGS:
        recording = recording.removesuffix(ending)
    return _set_name(dataset), _loose(subject), _loose(recording)


def _loose(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.casefold()).strip("_")


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


@cache
def _set_names() -> dict[str, str]:
    rows = table("amass_sets")
    return {_bare(str(a)): _bare(str(b)) for a, b in zip(rows["amass_dataset"], rows["mint_set"], strict=True)}


def _set_name(dataset: str) -> str:
    return _set_names().get(_bare(dataset), _bare(dataset))


def join(babel: Babel, sequences: Mapping[str, Mapping[str, Any]], config: BabelConfig) -> dict[str, Joined]:
    """What BABEL says of every sequence of the plan, by sequence id.

    A number in the table counts, whatever the path says; where they disagree, or a path fits several sequences of
    BABEL (then none is taken), a warning says so. Of optical markers only the number counts.
    """
    by_path: dict[Key, list[Entry]] = defaultdict(list)
    for entry in babel.entries.values():
        if (key := path_key(entry.feat_p)) is not None:
            by_path[key].append(entry)
    out = {name: _joined(record, babel, by_path, config) for name, record in sequences.items()}
    for number, names in _twins(out).items():
        for name in names:
            others = ", ".join(islice((other for other in names if other != name), 3))
            out[name] = _warned(out[name], f"babel_sid {number} is that of {others} too")
    return out


def _joined(record: Mapping[str, Any], babel: Babel, by_path: Mapping[Key, list[Entry]], config: BabelConfig) -> Joined:
    given = -1 if record.get("babel_sid") is None else int(record["babel_sid"])
    at_path = _at_path(record, by_path) if record["kind"] == "poses" else []
    if given < 0:
        if len(at_path) > 1:
            numbers = ", ".join(str(entry.babel_sid) for entry in at_path)
            return _warned(
                Joined(),
                f"its path fits BABEL's sequences {numbers}: name the right one as babel_sid in the table of sequences",
            )
        return _of(at_path[0], "path", record, config) if at_path else Joined()
    if given in babel.entries:
        joined = _of(babel.entries[given], "babel_sid", record, config)
    else:
        joined = Joined(given)
        if babel.files:
            joined = _warned(joined, f"babel_sid {given} is in none of BABEL's files {', '.join(babel.files)}")
    if at_path and all(entry.babel_sid != given for entry in at_path):
        other = at_path[0]
        joined = _warned(
            joined,
            f"babel_sid {given} of the table counts, but its path is that of {other.babel_sid} "
            f"({other.feat_p}): correct one of them",
        )
    return joined


def _of(entry: Entry, found_by: str, record: Mapping[str, Any], config: BabelConfig) -> Joined:
    joined = Joined(entry.babel_sid, entry.split, tuple(entry.labels), found_by)
    duration_s = float(record.get("duration_s") or 0.0)
    if duration_s and abs(duration_s - entry.dur_s) > config.duration_tolerance_s:
        return _warned(
            joined,
            f"BABEL's sequence {entry.babel_sid} lasts {entry.dur_s:.2f} s, the motion file "
            f"{duration_s:.2f} s: labels may be of another motion, or its frame rate is wrong",
        )
    return joined


def _warned(joined: Joined, warning: str) -> Joined:
    return replace(joined, warnings=(*joined.warnings, warning))


def _at_path(record: Mapping[str, Any], by_path: Mapping[Key, list[Entry]]) -> list[Entry]:
    """Sequences of BABEL with the file's path, or else with the table's dataset and subject and the file's name."""
    path = str(record["path"])
    file = path.replace("\\", "/").rpartition("/")[2]
    declared = _key(str(record["dataset"]), str(record["subject"]), file)
    return next((by_path[key] for key in (path_key(path), declared) if key is not None and key in by_path), [])


def _twins(joined: Mapping[str, Joined]) -> dict[int, list[str]]:
    """Sequences of the plan by the number in BABEL that several of them have."""
    out: dict[int, list[str]] = defaultdict(list)
    for name, each in joined.items():
        if each.babel_sid >= 0:
            out[each.babel_sid].append(name)
    return {number: names for number, names in out.items() if len(names) > 1}
