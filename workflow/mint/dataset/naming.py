"""Where a sequence lies in the dataset: `<set>/<AMASS set>/<subject>/<sequence>_poses`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mint.core.names import readable
from mint.core.tables import table

ENDINGS = ("_poses", "_stageii", "_stagei")


@dataclass(frozen=True)
class Place:
    """Names of one sequence as MinT's metadata spell them; `sequence` ends with `_poses`."""

    data_path: str
    dataset: str
    subject: str
    sequence: str

    @property
    def path_id(self) -> str:
        """What the reader indexes by: the last two folders, without `_poses`."""
        return f"{self.subject}/{self.sequence}".replace("_poses", "")


def places(records: Mapping[str, Mapping[str, Any]]) -> dict[str, Place]:
    """Place of every sequence of the plan by sequence id.

    The reader needs unique `path_id`s: where two sequences share one, the subject's folder carries its
    dataset's name as well; where that does not help (one recording listed twice) the name is the sequence id.
    """
    plain = {name: _place(record, str(record["subject"]), _stem(record)) for name, record in records.items()}
    out = _resolved(
        plain,
        lambda name: _place(
            records[name],
            readable(f"{records[name]['dataset']}-{records[name]['subject']}"),
            _stem(records[name]),
        ),
    )
    return _resolved(out, lambda name: _place(records[name], out[name].subject, name))


def _resolved(given: dict[str, Place], renamed: Any) -> dict[str, Place]:
    count = Counter(place.path_id.casefold() for place in given.values())
    return {name: place if count[place.path_id.casefold()] == 1 else renamed(name) for name, place in given.items()}


def _place(record: Mapping[str, Any], subject: str, stem: str) -> Place:
    dataset, subject = readable(str(record["dataset"])), readable(subject)
    sequence = f"{readable(stem)}_poses"
    sets = dict(zip(table("amass_sets")["amass_dataset"], table("amass_sets")["mint_set"], strict=True))
    folder = readable(str(sets.get(dataset, dataset)))
    return Place(f"{folder}/{dataset}/{subject}/{sequence}", dataset, subject, sequence)


def _stem(record: Mapping[str, Any]) -> str:
    """Name of the recording: the file's, without its ending; the sequence id where nothing usable is left."""
    stem = PurePosixPath(str(record["path"])).stem
    for ending in ENDINGS:
        stem = stem.removesuffix(ending)
    try:
        return readable(stem)
    except ValueError:
        return str(record["sequence_id"])
