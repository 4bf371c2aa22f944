"""Points and samples of a C3D file: ezc3d reads them in a process of its own, whose crash is a status."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.child import run_limited
from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular
from mint.formats import c3d_child
from mint.formats.c3d_header import C3dHeader

Floats = NDArray[np.float64]

# Address space of Python, numpy and ezc3d, and for each byte of the file what its objects take. Seconds of processor
# time: a file of 20 minutes takes some ten.
_MEMORY_MB, _PER_BYTE, _CPU_S = 1500, 40, 120


@dataclass(frozen=True)
class C3dData:
    """`points (n, m, 3)` in the unit of the file, `residuals (n, m)` (negative: lost), `analog (c, samples)` scaled."""

    points: Floats
    residuals: Floats
    analog: Floats


def read_data(path: Path, header: C3dHeader) -> C3dData:
    """The data that the header has announced, and exactly those. Raises StageError."""
    with tempfile.TemporaryDirectory(prefix="mint-") as folder, open_regular(path) as file:
        output = Path(folder) / "c3d.npz"
        size = file.seek(0, 2)
        # The open file is passed on, so that no other can take its place.
        ended = run_limited(
            c3d_child.__name__,
            [f"/proc/self/fd/{file.fileno()}", str(output)],
            memory_mb=_MEMORY_MB + _PER_BYTE * size / 2**20,
            cpu_s=_CPU_S,
            files=(file.fileno(),),
        )
        if ended:
            raise StageError(Reason.FILE_CORRUPT, f"{path} cannot be read by ezc3d: {ended}")
        with np.load(output, allow_pickle=False) as data:
            read = C3dData(data["points"], data["residuals"], data["analog"])
    expected = (header.frames, header.points, 3), (header.channels, header.frames * header.samples)
    if read.points.shape != expected[0] or (read.analog.shape != expected[1] and header.channels):
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: ezc3d reads points {read.points.shape} and analog samples {read.analog.shape}, its header says "
            f"{expected[0]} and {expected[1]}",
        )
    return read
