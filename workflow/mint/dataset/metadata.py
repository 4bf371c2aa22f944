"""What `musint` reads of the dataset: one table of all sequences, and the same rows per sub-dataset.

`MintDataset(root)` opens `mint_metadata.csv`; `MintDataset(root, use_cache=False)` joins every other .csv below the
root and writes that file again: there must be such files, in the same columns, and no .csv of anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

METADATA = "mint_metadata.csv"
# What musint reads of a sequence, in its own words.
METADATA_COLUMNS = (
    "data_path",
    "dataset",
    "subject",
    "sequence",
    "gender",
    "weight_kg",
    "height_cm",
    "amass_dur",
    "analysed_dur",
    "analysed_%",
    "babel_sid",
    "gap",
    "path_id",
)
# musint drops the columns of a file that are empty throughout, and then misses them. pandas reads this as text, Python
# as a float that is not a number.
_UNKNOWN = "+nan"


def write_metadata(rows: Iterable[Mapping[str, Any]], folder: Path) -> None:
    """Write the tables of all sequences, given as rows of `mint.dataset.sequences.SEQUENCES`, below `folder`."""
    table = pd.DataFrame([_row(row) for row in rows], columns=list(METADATA_COLUMNS))
    table.to_csv(folder / METADATA, index=False)
    for place, part in table.groupby(table["data_path"].map(metadata_place)):
        empty = [name for name in part.columns if part[name].isna().all()]
        (folder / str(place)).parent.mkdir(parents=True, exist_ok=True)
        part.assign(**dict.fromkeys(empty, _UNKNOWN)).to_csv(folder / str(place), index=False)


def metadata_places(data_paths: Iterable[str]) -> list[str]:
    """Tables for `musint`, relative to the dataset, of sequences with these data paths."""
    return [METADATA, *sorted({metadata_place(path) for path in data_paths})]


def metadata_place(data_path: str) -> str:
    """Table of the sub-dataset of a sequence: `<set>/<dataset>/<dataset>.csv`."""
    group, dataset = PurePosixPath(data_path).parts[:2]
    return f"{group}/{dataset}/{dataset}.csv"


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in METADATA_COLUMNS if name in row},
        "amass_dur": round(row["duration_s"], 2),
        "analysed_dur": row["analysed_s"],
        "analysed_%": round(row["analysed_share"], 2),
    }
