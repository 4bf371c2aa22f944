"""What a dataset is, as one number: models say by it what they were trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from mint.core.status import Reason, StageError
from mint.learning.data.recording import Source


def digest_of(source: Source, files: Mapping[str, Path], *settings: str) -> str:
    """SHA-256 of recordings, labels, contents of their files (by name of the recording), and settings.

    Where the files lie does not count. Raises StageError for a file that cannot be read.
    """
    found = hashlib.sha256(json.dumps([source.muscles, settings]).encode())
    for recording in source.recordings():
        told = [astuple(recording), [astuple(label) for label in source.labels(recording.name)]]
        found.update(json.dumps(told).encode())
        path = files[recording.name]
        try:
            with path.open("rb") as handle:
                found.update(hashlib.file_digest(handle, "sha256").digest())
        except OSError as error:
            raise StageError(Reason.FILE_MISSING, f"{path}: {error.strerror or error}",
                             remedy="copy the dataset again") from error
    return found.hexdigest()
