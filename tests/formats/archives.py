"""AMASS files of which one member is not what numpy writes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.body import synthetic


def member(header: bytes, data: bytes = b"", version: int = 1) -> bytes:
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def with_member(path: Path, content: bytes, field: str = "poses", **how: Any) -> Path:
    """A good file in which one member has other bytes."""
    fields = {name: value for name, value in synthetic.motion().items() if name != field}
    np.savez(path, **fields)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{field}.npy", content, **how)
    return path


def with_broken_stream(path: Path, field: str) -> Path:
    """A good file in which the compressed bytes of one member cannot be unpacked."""
    data = bytearray(with_member(path, member(array("(200, 156)"), bytes(249600)), field).read_bytes())
    first = data.find(f"{field}.npy".encode()) + len(field) + 4
    data[first] = 7  # type 3 of a block, which deflate reserves (RFC 1951, 3.2.3)
    path.write_bytes(data)
    return path


def array(shape: str, descr: str = "'<f8'") -> bytes:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
