"""MinT as its authors publish it: CSV tables, and pickled DataFrames that are read without being run.

The layout is that which `musint` opens. Where a folder has `muscle_activations.parquet` too, as folders of this
workflow have, that is read: it is faster and has no code in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns
from mint.learning.data.frame_pickle import read_frame
from mint.learning.data.metadata import Entry, read_metadata, safe_names
from mint.learning.data.recording import Floats, Label, Recording, Times, checked, groups_of
from mint.reader.files import read_parquet

_FILES = ("muscle_activations.parquet", "muscle_activations.pkl")


class BabelLabel(Protocol):
    """A label of BABEL: `level` is sequence or frame, times in seconds, categories of action."""

    @property
    def level(self) -> str: ...  # noqa: D102

    @property
    def t_start_s(self) -> float: ...  # noqa: D102

    @property
    def t_end_s(self) -> float: ...  # noqa: D102

    @property
    def act_cat(self) -> tuple[str, ...]: ...  # noqa: D102


class BabelEntry(Protocol):
    """What BABEL tells of a sequence: its split and its labels."""

    @property
    def split(self) -> str: ...  # noqa: D102

    @property
    def labels(self) -> Sequence[BabelLabel]: ...  # noqa: D102


class PublishedSource:
    """The folder into which MinT was unpacked, or a part of it: sequences without a file of activations are in
    `missing`, by data path, and not among the recordings.

    MinT has no splits and labels of its own: `babel` gives those of BABEL by `babel_sid`, as
    `mint.dataset.babel.read_babel(files).entries` has them. Raises StageError for a folder without sequences.
    """

    def __init__(self, root: str | Path, babel: Mapping[int, BabelEntry] | None = None) -> None:
        self.root = Path(root)
        entries = read_metadata(self.root)
        names = safe_names(entry.data_path for entry in entries)
        there = {entry.data_path: found for entry in entries if (found := self._file(entry)) is not None}
        self.missing = tuple(entry.data_path for entry in entries if entry.data_path not in there)
        if not there:
            raise StageError(
                Reason.FILE_MISSING,
                f"{self.root}: none of {len(entries)} sequences of its tables has {' or '.join(_FILES)}",
                remedy="unpack the archives of the sub-datasets beside the tables",
            )
        self._entries = {names[entry.data_path]: entry for entry in entries if entry.data_path in there}
        self._files = {name: there[entry.data_path] for name, entry in self._entries.items()}
        self._babel = {
            name: babel[entry.babel_sid] for name, entry in self._entries.items() if babel and entry.babel_sid in babel
        }
        self.muscles = tuple(mint_columns())

    def recordings(self) -> list[Recording]:
        """All sequences that have activations, in the order of their data paths."""
        return [self._recording(name, entry) for name, entry in self._entries.items()]

    def activations(self, name: str) -> tuple[Times, Floats]:
        """Times (m,) s and activations (m, 402) of a recording; see `Source`."""
        path = self._files[name]
        if path.suffix == ".pkl":
            return checked(str(path), *read_frame(path, self.muscles))
        try:
            found = read_parquet(path, ["time_s", *self.muscles])
            values = np.stack([found.column(muscle).to_numpy() for muscle in self.muscles], axis=1)
            return checked(str(path), found.column("time_s").to_numpy().astype(np.float64), values.astype(np.float32))
        except (ValueError, KeyError, TypeError) as error:
            raise StageError(
                Reason.FILE_CORRUPT,
                str(error.args[0] if error.args else error),
                remedy="copy the file again and compare checksums",
            ) from error

    def labels(self, name: str) -> tuple[Label, ...]:
        """Intervals with labels of a recording, in order of time."""
        entry = self._babel.get(name)
        labels = [] if entry is None else [each for each in entry.labels if each.level == "frame" and each.act_cat]
        return tuple(
            Label(each.t_start_s, each.t_end_s, tuple(each.act_cat), groups_of(each.act_cat))
            for each in sorted(labels, key=lambda each: (each.t_start_s, each.t_end_s, each.act_cat))
        )

    def _file(self, entry: Entry) -> Path | None:
        folder = self.root / entry.data_path
        return next((folder / name for name in _FILES if (folder / name).is_file()), None)

    def _recording(self, name: str, entry: Entry) -> Recording:
        babel = self._babel.get(name)
        actions = () if babel is None else tuple(sorted({action for each in babel.labels for action in each.act_cat}))
        return Recording(
            name,
            entry.data_path,
            entry.dataset,
            f"{entry.dataset}/{entry.subject}",
            entry.gender,
            entry.mass_kg,
            entry.height_m,
            "" if babel is None else babel.split,
            groups_of(actions),
            actions,
        )
