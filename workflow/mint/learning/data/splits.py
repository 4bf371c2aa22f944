"""Which recordings train, which validate, which test: each recording is in one split, with all its windows."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from mint.core.status import Reason, StageError
from mint.learning.data.humanml3d import humanml3d_splits
from mint.learning.data.recording import Recording

SPLITS = ("train", "val", "test")
OUT = "out"
HOW = ("auto", "babel", "humanml3d", "people", "motions")
VAL, TEST = 0.15, 0.25
_LEAST = len(SPLITS)


def split(
    recordings: Sequence[Recording],
    how: str = "auto",
    seed: int = 0,
    *,
    val: float = VAL,
    test: float = TEST,
    lists: str | Path | None = None,
) -> dict[str, str]:
    """Split of each recording by name: train, val, test, or out, which takes no part.

    `babel`: that which the dataset tells; without one a recording is out. `humanml3d`: by the lists in the folder
    `lists` (see `humanml3d_splits`). `people`: nobody is in two splits; people are sorted by the SHA-256 of seed and
    name, the shares `test` and `val` of them, at least one each, are left out. `motions`: the same with names of
    motions, irrespective of the person. `auto`: see `automatic`. Raises StageError for a split that leaves train, val
    or test empty, and for fewer than three people or motions.
    """
    if twice := [name for name, count in Counter(each.name for each in recordings).items() if count > 1]:
        raise StageError(
            Reason.CONTRADICTION, f"recording {twice[0]} is there more than once", remedy="list each sequence once"
        )
    how = automatic(recordings) if how == "auto" else how
    if how == "babel":
        out = {each.name: each.split if each.split in SPLITS else OUT for each in recordings}
    elif how == "humanml3d":
        if lists is None:
            raise StageError(
                Reason.FILE_MISSING,
                f"split {how}: no folder of HumanML3D's lists is named",
                remedy="name it (benchmark.lists), or split by people",
            )
        out = humanml3d_splits(Path(lists), list(recordings))
    elif how in ("people", "motions"):
        key = _person if how == "people" else motion_of
        out = _left_out(recordings, how, key, seed, val, test)
    else:
        raise StageError(Reason.FIELD_VALUE, f"split {how!r} is none of {', '.join(HOW)}", remedy="correct the setting")
    return _complete(out, how)


def automatic(recordings: Iterable[Recording]) -> str:
    """What `auto` chooses: babel if it has all three splits, else people, with fewer than three of them motions."""
    recordings = list(recordings)
    if {each.split for each in recordings} >= set(SPLITS):
        return "babel"
    return "people" if len({each.person for each in recordings}) >= _LEAST else "motions"


def motion_of(recording: Recording) -> str:
    """Name of the motion irrespective of the person: the last part of the data path, without the person's name or a
    beginning that it shares with it (`Subject_45_F_20_poses` of `Subject_45_F_MoSh` is `20`)."""
    words = _words(PurePosixPath(recording.data_path).name.removesuffix("_poses"))
    subject = _words(recording.person.rpartition("/")[2])
    common = 0
    while common < min(len(words) - 1, len(subject)) and words[common] == subject[common]:
        common += 1
    rest = words[common:]
    if len(subject) == 1 and subject[0].isidentifier() and len(subject[0]) > 1:
        # Sets whose recordings have the name of the person at the end or within; a number may count takes instead.
        rest = [word for word in rest if word != subject[0]] or rest
    return "_".join(rest)


def _words(name: str) -> list[str]:
    return re.split(r"[_\-\s]+", name.casefold())


def _person(recording: Recording) -> str:
    return recording.person


def _left_out(
    recordings: Sequence[Recording], how: str, key: Callable[[Recording], str], seed: int, val: float, test: float
) -> dict[str, str]:
    keys = sorted({key(each) for each in recordings}, key=lambda name: (_hashed(seed, name), name))
    if len(keys) < _LEAST:
        raise StageError(
            Reason.TOO_SHORT,
            f"split {how}: {len(recordings)} recordings have {len(keys)} {how} "
            f"({', '.join(keys)}), at least {_LEAST} are needed",
            remedy="split by motions" if how == "people" else "add recordings to the dataset",
        )
    tests, vals = (max(1, round(share * len(keys))) for share in (test, val))
    of = {name: "test" if i < tests else "val" if i < tests + vals else "train" for i, name in enumerate(keys)}
    return {each.name: of[key(each)] for each in recordings}


def _hashed(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{name}".encode("utf-8", "surrogatepass")).digest()


def _complete(found: dict[str, str], how: str) -> dict[str, str]:
    count = Counter(found.values())
    if empty := [name for name in SPLITS if not count[name]]:
        there = ", ".join(f"{name} {count[name]}" for name in (*SPLITS, OUT))
        raise StageError(
            Reason.FIELD_MISSING,
            f"split {how} leaves {', '.join(empty)} without a recording ({there})",
            remedy="choose another split, other shares, or add recordings",
        )
    return found
