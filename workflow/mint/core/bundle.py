"""Stage results: named arrays and a JSON record in one `.npz` that always exists."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError, StageStatus

Array = np.ndarray[Any, Any]


class _NumpyEncoder(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        if isinstance(o, np.generic):
            return o.item()
        if isinstance(o, np.ndarray):
            return o.tolist()
        if isinstance(o, Path):
            return str(o)
        return super().default(o)


@dataclass
class Bundle:
    """Result of a stage: `status`, a JSON-able `meta` and named `arrays` (text arrays have dtype `<U`)."""

    status: StageStatus
    arrays: dict[str, Array] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    @property
    def ok(self) -> bool:
        """Whether the stage, and every one before it, succeeded."""
        return self.status.ok

    def names(self, name: str) -> list[str]:
        """A text array as a list of `str`."""
        return [str(item) for item in self.arrays[name]]

    def hashed_arrays(self) -> hashlib._Hash:
        """SHA-256 of the arrays in order of name: names, types, shapes and bytes."""
        hasher = hashlib.sha256()
        for name in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[name])
            hasher.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
            hasher.update(array.tobytes())
        return hasher

    def write(self, path: str | Path) -> None:
        """Write atomically; the file is a plain npz, readable with `allow_pickle=False`."""
        record = json.dumps({**self.meta, "status": self.status.to_json()}, cls=_NumpyEncoder)
        with atomic_path(path) as temporary, temporary.open("wb") as handle:
            np.savez_compressed(handle, allow_pickle=False, **{**self.arrays, "meta": np.array(record)})

    @classmethod
    def read(cls, path: str | Path) -> Bundle:
        """Read a bundle. Raises `StageError(FILE_CORRUPT)` for anything that is not one."""
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = {name: data[name] for name in data.files if name != "meta"}
                text = str(data["meta"])
            meta = json.loads(text)
            if "\\ud" in text:
                # Half of a surrogate pair is no text that a table could hold: UnicodeEncodeError, a ValueError.
                json.dumps(meta, ensure_ascii=False).encode()
            status = StageStatus.from_json(meta.pop("status"))
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
        ) as error:
            raise StageError(Reason.FILE_CORRUPT, f"{path} is not a result bundle: {error}") from error
        return cls(status, arrays, meta)

    @classmethod
    def of(cls, stage: str, arrays: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> Bundle:
        """An ok bundle; values become arrays (lists of `str` become text arrays)."""
        return cls(StageStatus(stage), {k: np.asarray(v) for k, v in arrays.items()}, dict(meta or {}))


def passed_on(*upstream: Bundle) -> Bundle | None:
    """The first upstream failure as this stage's own (empty) result, or None if all are ok."""
    for bundle in upstream:
        if not bundle.ok:
            return Bundle(bundle.status)
    return None
