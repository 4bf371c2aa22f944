"""Untrusted `.npz`: headers before data, never a pickle, never more than is there, problems by file and field."""

from __future__ import annotations

import math
import re
import struct
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular, told

OBJECT_REMEDY = "save the field as a plain array of numbers or text; pickled objects are never loaded"
# The largest array of a body model has 76 MB; poses of 20 minutes at 1000 frames/s have 1.5 GB.
MAX_ARRAY_BYTES = 2**31
# A member's entry in the directory of an archive takes some 60 bytes; motions have about 15 members.
MAX_DIRECTORY_BYTES = 2**20
MAX_HEADER_BYTES = 10_000  # numpy's own limit

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE, _END64_SIGNATURE = b"PK\x05\x06", b"PK\x06\x07"
_LONGEST_COMMENT = 2**16
_MAGIC = b"\x93NUMPY"
# numpy evaluates this text as Python. What it writes has one form, which needs no evaluation.
_DESCR = re.compile(r"'descr'\s*:\s*'([<>|=]?[a-zA-Z?][0-9]{0,9})'\s*,?")
_ORDER = re.compile(r"'fortran_order'\s*:\s*(True|False)\s*,?")
_SHAPE = re.compile(r"'shape'\s*:\s*\(\s*((?:[0-9]{1,18}L?\s*,\s*)*(?:[0-9]{1,18}L?)?)\s*\)\s*,?")


@dataclass(frozen=True)
class FieldHeader:
    """Shape and type of an array that has not been read."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return math.prod(self.shape) * self.dtype.itemsize


class NpzFile:
    """A `.npz` read field by field. Every method raises StageError naming file and field."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = open_regular(self.path)
        try:
            _check_directory(self._file)
            self._archive = zipfile.ZipFile(self._file)
            members = [name for name in self._archive.namelist() if name.endswith(".npy")]
        except Exception as error:  # a damaged archive raises nearly anything
            self._file.close()
            raise StageError(
                Reason.FILE_CORRUPT, f"{self.path} is truncated or not an .npz archive: {told(error)}"
            ) from error
        self.fields = {name[:-4] for name in members}
        self._headers: dict[str, FieldHeader] = {}
        if len(self.fields) < len(members):
            self._file.close()
            twice = Counter(members).most_common(1)[0][0]
            raise StageError(Reason.FILE_CORRUPT, f"{self.path}: field {twice[:-4]} is in the file more than once")

    def __enter__(self) -> NpzFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()
        self._file.close()

    def holds(self, name: str) -> bool:
        """Whether a member of the archive that is no array has this name, in any folder."""
        return any(member.rpartition("/")[2] == name for member in self._archive.namelist())

    def header(self, field: str) -> FieldHeader:
        """Shape and type, the data unread; refuses what the file has no bytes for, and object arrays (pickles)."""
        if field not in self._headers:
            self._headers[field] = self._open(field, 0)[0]
        return self._headers[field]

    def read(self, field: str, max_bytes: int = MAX_ARRAY_BYTES) -> NDArray[Any]:
        """The array, read-only, if it has at most `max_bytes`."""
        return self._open(field, max_bytes)[1]

    def _open(self, field: str, max_bytes: int) -> tuple[FieldHeader, NDArray[Any]]:
        if field not in self.fields:
            raise StageError(
                Reason.FIELD_MISSING,
                f"{self.path}: field {field} is missing; there are {', '.join(sorted(self.fields))[:300] or 'none'}",
            )
        try:
            member = self._archive.getinfo(f"{field}.npy")
            with self._archive.open(member) as handle:
                header, start = _read_header(handle)
                self._check(field, header, member.file_size - start, max_bytes)
                return header, _data(handle, header) if max_bytes else np.empty(0)
        except StageError:
            raise
        except Exception as error:  # a damaged member raises nearly anything
            raise StageError(
                Reason.FILE_CORRUPT, f"{self.path}: field {field} cannot be read: {told(error)}"
            ) from error

    def _check(self, field: str, header: FieldHeader, there: int, max_bytes: int) -> None:
        if header.dtype.hasobject:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{self.path}: field {field} is a pickled object array",
                remedy=OBJECT_REMEDY,
            )
        # Text of no length takes no bytes, however much of it there is.
        if header.nbytes != there or (not header.dtype.itemsize and math.prod(header.shape) > 1):
            raise StageError(
                Reason.FILE_CORRUPT,
                f"{self.path}: field {field} cannot be read: its header says {header.dtype} {header.shape}, "
                f"{header.nbytes} bytes, but the file holds {there}",
            )
        if max_bytes and there > max_bytes:
            raise StageError(
                Reason.TOO_LONG,
                f"{self.path}: field {field} is {header.dtype} {header.shape}, {there} bytes, limit {max_bytes}",
                remedy="check the field: it is larger than any motion or body needs; split the sequence",
            )


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive whose directory is larger than any motion's, before zipfile reads it into memory."""
    size = file.seek(0, 2)
    window = _END.size + 20
    file.seek(max(size - window, 0))
    tail = file.read(window)
    if tail[-_END.size : -_END.size + 4] != _END_SIGNATURE:
        file.seek(max(size - window - _LONGEST_COMMENT, 0))
        tail = file.read(window + _LONGEST_COMMENT)
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError("its end is missing")
    if at >= 20 and tail[at - 20 : at - 16] == _END64_SIGNATURE:
        raise ValueError("archives of more than 2 GB are not read")
    directory = _END.unpack(tail[at : at + _END.size])[5]
    if directory > min(MAX_DIRECTORY_BYTES, size):
        raise ValueError(f"its directory claims {directory} bytes")
    file.seek(0)


def _read_header(handle: IO[bytes]) -> tuple[FieldHeader, int]:
    """Header of a member, and the bytes that it takes."""
    start = handle.read(8)
    if start[:6] != _MAGIC or len(start) < 8:
        raise ValueError("it does not begin like an .npy array")
    if start[6] not in (1, 2, 3):
        raise ValueError(f"unknown version {start[6]}.{start[7]} of the .npy format")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(handle.read(width), "little")
    if length > MAX_HEADER_BYTES:
        raise ValueError(f"its header has {length} bytes")
    text = handle.read(length)
    if len(text) < length:
        raise ValueError("its header is truncated")
    return _parsed(text.decode("latin1")), 8 + width + length


@lru_cache(maxsize=512)
def _parsed(text: str) -> FieldHeader:
    found = [pattern.findall(text) for pattern in (_DESCR, _ORDER, _SHAPE)]
    rest = text
    for pattern in (_DESCR, _ORDER, _SHAPE):
        rest = pattern.sub("", rest)
    if any(len(each) != 1 for each in found) or re.fullmatch(r"\s*\{\s*\}\s*", rest) is None:
        raise ValueError(f"its header is not that of a plain array: {text.strip()[:100]}")
    (descr,), (order,), (shape,) = found
    lengths = tuple(int(number.strip().rstrip("L")) for number in shape.split(",") if number.strip())
    if len(lengths) > 32:
        raise ValueError(f"it has {len(lengths)} dimensions")
    return FieldHeader(lengths, np.dtype(descr), order == "True")


def _data(handle: IO[bytes], header: FieldHeader) -> NDArray[Any]:
    """The values; reading all bytes of a member also checks its checksum."""
    content = handle.read(header.nbytes) if header.nbytes else b""
    if len(content) < header.nbytes:
        raise ValueError("its data are truncated")
    if not content:
        empty: NDArray[Any] = np.zeros(header.shape, header.dtype)
        return empty
    flat = np.frombuffer(content, header.dtype)
    return flat.reshape(header.shape, order="F" if header.fortran_order else "C")
