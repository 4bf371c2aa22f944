"""HumanML3D's lists, by the recordings of AMASS that its motions are cut from.

Guo et al. 2022 (Generating diverse and natural 3D human motions from text) publish `train.txt`, `val.txt`, `test.txt`
with names of motions, `M` before those that are mirrored, and an index of the recordings: `source_path, start_frame,
end_frame, new_name`, frames at 20/s. `musint` ships that index as `humanml3d_index.csv`.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path, PurePosixPath

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.learning.data.recording import Recording

_INDICES = ("index.csv", "humanml3d_index.csv")
_COLUMNS = ("source_path", "new_name")
_MOST_BYTES = 50_000_000
_REMEDY = "put HumanML3D's val.txt, test.txt and index.csv (or musint's humanml3d_index.csv) into that folder"
# Recording, subject, set.
Key = tuple[str, str, str]


def humanml3d_splits(folder: Path, recordings: list[Recording]) -> dict[str, str]:
    """Split of each recording by HumanML3D's lists in a folder.

    test if any of its motions is in the list of tests, else val if any is in that of validation, else train: so
    nothing that HumanML3D validates or tests with is trained on. Raises StageError for a file that is missing or
    damaged, and where no recording is in the index.
    """
    lists = {split: _names(folder / f"{split}.txt") for split in ("test", "val")}
    motions = _index(folder)
    keys = {recording.name: _key(recording) for recording in recordings}
    if not any(key in motions for key in keys.values()):
        raise StageError(
            Reason.CONTRADICTION,
            f"{folder}: none of {len(keys)} recordings is in its index "
            f"({recordings[0].data_path if recordings else 'there is none'})",
            remedy="choose another split, people or motions: these recordings are not of AMASS",
        )
    return {
        name: next((split for split, names in lists.items() if motions.get(key, set()) & names), "train")
        for name, key in keys.items()
    }


def _index(folder: Path) -> dict[Key, set[str]]:
    """Names of motions by the recording that they are from."""
    path = next((folder / name for name in _INDICES if (folder / name).is_file()), folder / _INDICES[0])
    rows = csv.DictReader(_text(path).splitlines())
    if missing := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
        raise StageError(Reason.FIELD_MISSING, f"{path} has no column {', '.join(missing)}", remedy=_REMEDY)
    out: dict[Key, set[str]] = {}
    try:
        for row in rows:
            parts = PurePosixPath(row["source_path"] or "").parts
            if len(parts) >= 3 and row["new_name"]:
                out.setdefault(_normal(parts[-3], parts[-2], parts[-1]), set()).add(_name(row["new_name"]))
    except csv.Error as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {error}", remedy=_REMEDY) from error
    return out


def _names(path: Path) -> set[str]:
    names = {_name(line) for line in _text(path).splitlines() if line.strip()}
    if not names:
        raise StageError(
            Reason.FILE_CORRUPT, f"{path} is empty; expected a name as 012314 in each line", remedy=_REMEDY
        )
    return names


def _name(text: str) -> str:
    """Name of a motion, whether mirrored or not."""
    return text.strip().removesuffix(".npy").removeprefix("M")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES / 1e6:.0f} MB")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StageError(Reason.FILE_MISSING, f"{path}: {error.strerror or error}", remedy=_REMEDY) from error
    except ValueError as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {error}", remedy=_REMEDY) from error


def _key(recording: Recording) -> Key:
    subject = recording.person.removeprefix(f"{recording.dataset}/")
    # This workflow puts the dataset before a subject where two datasets would share a name.
    return _normal(
        recording.dataset, subject.removeprefix(f"{recording.dataset}-"), PurePosixPath(recording.data_path).name
    )


def _normal(dataset: str, subject: str, file: str) -> Key:
    recording = re.sub(r"(_poses|_stageii)?(\.npy|\.npz)?$", "", file)
    dataset = _plain(dataset)
    return _plain(recording), _plain(subject), _sets().get(dataset, dataset)


@cache
def _sets() -> dict[str, str]:
    """Sets of AMASS by the names that they have had in its releases."""
    rows = table("amass_sets")
    return {
        _plain(str(name)): _plain(str(group))
        for name, group in zip(rows["amass_dataset"], rows["mint_set"], strict=True)
    }


def _plain(name: str) -> str:
    """A name in one spelling: case, and characters that paths of a dataset do not have, do not count."""
    return re.sub(r"[^a-z0-9-]+", "_", name.casefold()).strip("_-")
