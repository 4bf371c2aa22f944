"""The label files of BABEL: found, read, checked. What is wrong with them is a warning, never the end of a run.

A file maps a sequence number to a record: `babel_sid, url, feat_p` (path of the motion in AMASS), `dur` [s] and
annotations of the whole sequence (`seq_ann`) and of intervals (`frame_ann`). `extra_*` files have lists of annotations
under the plural of these names; here both names are taken as either. Labels of the test split are not public: they are
there without text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mint.config.babel import EMBEDDED
from mint.config.project import ProjectConfig
from mint.dataset.babel_record import FRAME, SEQUENCE, Head, Label, label_of
from mint.plan.demo import demo_lengths

# In the order of precedence; the split of each is the last word of its name.
FILES = ("train.json", "val.json", "test.json", "extra_train.json", "extra_val.json")
# Many times what 13,000 sequences with 100,000 labels take.
MAX_BYTES = 500_000_000
_ANNOTATIONS = {SEQUENCE: ("seq_ann", "seq_anns"), FRAME: ("frame_ann", "frame_anns")}
_AGAIN = "download the file again from babel.is.tue.mpg.de"
# Notes what is left out, and why.
LeftOut = Callable[[str, str], None]


@dataclass
class Entry:
    """A sequence of BABEL: number, split, path of the motion, duration s, labels."""

    babel_sid: int
    split: str
    feat_p: str
    dur_s: float
    labels: list[Label] = field(default_factory=list)


@dataclass
class Babel:
    """Sequences by number, the names of the files they are from, what was wrong with these."""

    entries: dict[int, Entry] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def label_files(project: ProjectConfig, sequences: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Label files that a run reads: none, those of a folder, or those that a rule makes for the embedded motions.

    `sequences` are the plan's. Raises ValueError if the configured folder has no label file.
    """
    folder = project.babel.folder
    if not folder:
        return []
    if folder == EMBEDDED:
        embedded = demo_lengths(project)
        planned = any(record["path"] in embedded for record in sequences.values())
        return demo_files(project) if planned else []
    found = [str(Path(folder) / name) for name in FILES if (Path(folder) / name).is_file()]
    if not found:
        below = next(iter(sorted(Path(folder).glob("*/train.json"))), None)
        remedy = (
            f"did you mean {below.parent}?"
            if below
            else ("name the folder of BABEL's files there, or leave it empty for a dataset without labels")
        )
        raise ValueError(f"config: babel.folder: {folder} has none of {', '.join(FILES)}: {remedy}")
    return found


def demo_files(project: ProjectConfig) -> list[str]:
    """The label files of the embedded motions."""
    return [f"{project.results}/inputs/babel/{name}" for name in FILES]


def read_babel(files: Sequence[str | Path]) -> Babel:
    """Everything usable in label files, which may be in any order; without files an empty Babel.

    A sequence in several files has the split of the first in the order train, val, test, and the labels of all files of
    that split. A file, record or label that is not as it must be is left out, and a warning names file, number, field
    and remedy.
    """
    babel = Babel()
    for path in sorted((Path(file) for file in files), key=_precedence):
        babel.files.append(path.name)
        for key, raw in _records(path, babel.warnings):
            _add(babel, path.name, key, raw)
    return babel


def _precedence(path: Path) -> tuple[int, str]:
    return (FILES.index(path.name) if path.name in FILES else len(FILES)), path.name


def _records(path: Path, warnings: list[str]) -> Iterator[tuple[str, Any]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES / 1e6:.0f} MB, which no file of BABEL has")
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError(f"it holds a {type(data).__name__} instead of records by sequence number")
    except (OSError, ValueError, RecursionError) as error:
        warnings.append(f"{path.name}: the file is left out: {error}; {_AGAIN}")
        return
    yield from data.items()


def _add(babel: Babel, file: str, key: str, raw: Any) -> None:
    where, split = f"{file}, babel_sid {key[:20]}", Path(file).stem.rpartition("_")[2]

    def left_out(what: str, why: str) -> None:
        babel.warnings.append(f"{where}, {what} is left out: {why}; correct it or {_AGAIN}")

    try:
        head = Head.model_validate(raw)
    except ValidationError as error:
        left_out(f"{_field(error)}: the record", _reason(error))
        return
    if str(head.babel_sid) != key.strip():
        babel.warnings.append(f"{where}, babel_sid: the record says {head.babel_sid}, which counts")
    entry = babel.entries.setdefault(head.babel_sid, Entry(head.babel_sid, split, head.feat_p, head.dur))
    if entry.split != split:
        left_out("split: the record", f"the sequence is in split {entry.split} too")
        return
    if entry.feat_p != head.feat_p:
        left_out("feat_p: the record", f"another record of this number has {entry.feat_p}")
        return
    for level, names in _ANNOTATIONS.items():
        first = 1 + max((label.annotation for label in entry.labels if label.level == level), default=-1)
        for number, annotation in enumerate(_annotations(raw, names, left_out), start=first):
            for position, given in enumerate(_items(annotation.get("labels"), f"{names[0]}.labels", left_out)):
                try:
                    entry.labels.append(label_of(given, level, number, position, head.dur))
                except ValidationError as error:
                    left_out(f"{names[0]}.labels.{position}.{_field(error)}: the label", _reason(error))


def _annotations(raw: Mapping[str, Any], names: tuple[str, str], left_out: LeftOut) -> Iterator[Mapping[str, Any]]:
    """Annotations under either name: one, a list of them, or null."""
    for name in names:
        given = raw.get(name)
        for annotation in _items([given] if isinstance(given, dict) else given, name, left_out):
            if isinstance(annotation, dict):
                yield annotation
            elif annotation is not None:
                left_out(f"{name}: an annotation", f"it is a {type(annotation).__name__}")


def _items(given: Any, name: str, left_out: LeftOut) -> list[Any]:
    if given is None or isinstance(given, list):
        return given or []
    left_out(f"{name}: it", f"it is a {type(given).__name__}, not a list")
    return []


def _field(error: ValidationError) -> str:
    return ".".join(map(str, error.errors()[0]["loc"])) or "value"


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{first['msg']} (given: {repr(first['input'])[:60]})"
