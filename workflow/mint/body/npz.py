"""Untrusted `.npz` files: headers before data, never a pickle, every problem with file and field."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError

OBJECT_REMEDY = "save the field as a plain array of numbers or text; pickled objects are never loaded"


@dataclass(frozen=True)
class FieldHeader:
    """Shape and type of an array that has not been read."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class NpzFile:
    """A `.npz` read field by field. Every method raises StageError naming file and field."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise StageError(Reason.FILE_MISSING, f"{self.path} does not exist")
        try:
            self._archive = zipfile.ZipFile(self.path)
        except (OSError, zipfile.BadZipFile) as error:
            raise StageError(
                Reason.FILE_CORRUPT, f"{self.path} is truncated or not an .npz archive: {error}"
            ) from error
        self.fields = {name[:-4] for name in self._archive.namelist() if name.endswith(".npy")}

    def __enter__(self) -> NpzFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def header(self, field: str) -> FieldHeader:
        """Shape and type, without reading the data."""
        return self._open(field, data=False)[0]

    def read(self, field: str) -> NDArray[Any]:
        """The array; refuses object arrays (pickles) before anything of them is touched."""
        return self._open(field, data=True)[1]

    def _open(self, field: str, data: bool) -> tuple[FieldHeader, NDArray[Any]]:
        if field not in self.fields:
            raise StageError(
                Reason.FIELD_MISSING,
                f"{self.path}: field {field} is missing; there are "
                f"{', '.join(sorted(self.fields)) or 'none'}",
            )
        try:
            with self._archive.open(f"{field}.npy") as handle:
                header = _read_header(handle)
                if header.dtype.hasobject:
                    raise StageError(
                        Reason.FIELD_VALUE,
                        f"{self.path}: field {field} is a pickled object array",
                        remedy=OBJECT_REMEDY,
                    )
                if not data:
                    return header, np.empty(0)
            with self._archive.open(f"{field}.npy") as handle:
                return header, np.lib.format.read_array(handle, allow_pickle=False)
        except (
            OSError,
            ValueError,
            EOFError,
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            MemoryError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise StageError(
                Reason.FILE_CORRUPT, f"{self.path}: field {field} cannot be read: {error}"
            ) from error


def _read_header(handle: Any) -> FieldHeader:
    version = np.lib.format.read_magic(handle)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(handle)
    return FieldHeader(tuple(int(n) for n in shape), dtype)
