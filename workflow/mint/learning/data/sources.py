"""Opens a dataset, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mint.learning.data.own import OwnSource
from mint.learning.data.published import BabelEntry, PublishedSource
from mint.learning.data.recording import Source


def open_source(root: str | Path, babel: Mapping[int, BabelEntry] | None = None, chunk_quality: str = "") -> Source:
    """The dataset or release of this workflow, or the published MinT dataset, that a folder holds.

    `babel` gives splits and labels of a published dataset (see `PublishedSource`), `chunk_quality` chooses chunks of
    one of this workflow (see `OwnSource`). Raises StageError for a folder that is neither.
    """
    if (Path(root) / "sequences.parquet").is_file():
        return OwnSource(root, chunk_quality)
    return PublishedSource(root, babel)
