"""What a file holds, as one number: of bundles without the times in them, of everything else byte by byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mint.core.bundle import Bundle
from mint.core.status import StageError

# Two runs of one computation differ in these; a result that differs in nothing else is the same result.
_RUN_KEYS = ("wall_s", "cpu_s", "max_rss_mb")


def digest_of(path: str | Path) -> str:
    """SHA-256 of a file's content (hex); of a folder, that of its files' names and contents.

    Bundles count by arrays and record, with times, memory and the solver's seconds left out. A bundle that cannot be
    read counts byte by byte. Raises OSError for a missing file.
    """
    path = Path(path)
    if path.is_dir():
        return combined(
            part
            for file in sorted(path.rglob("*"))
            if file.is_file()
            for part in (str(file.relative_to(path)), digest_of(file))
        )
    if path.suffix == ".npz":
        try:
            return _bundle_digest(Bundle.read(path))
        except StageError:
            path.stat()  # a missing file is the caller's to know
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def combined(parts: Iterable[str]) -> str:
    """One digest of several texts in order."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(part.encode() + b"\0")
    return hasher.hexdigest()


def _bundle_digest(bundle: Bundle) -> str:
    hasher = bundle.hashed_arrays()
    record = _without_times({**bundle.meta, "status": bundle.status.to_json()})
    hasher.update(json.dumps(record, sort_keys=True).encode())
    return hasher.hexdigest()


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if key not in _RUN_KEYS}
    return [_without_times(item) for item in value] if isinstance(value, list) else value
