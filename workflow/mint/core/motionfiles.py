"""OpenSim's plain text formats, read and written without OpenSim: .trc markers, .mot/.sto tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.atomic import write_text
from mint.core.status import Reason, StageError
from mint.core.trc import MarkerTable, read_trc

__all__ = ["MarkerTable", "read_storage", "read_trc", "write_storage", "write_trc"]


def write_trc(path: str | Path, table: MarkerTable, first_frame: int = 0) -> None:
    """Write a .trc in metres; lost markers as empty cells. `first_frame` numbers the first row."""
    n, m = table.positions.shape[:2]
    rate = f"{table.rate_hz:.8g}"
    out = [
        f"PathFileType\t4\t(X/Y/Z)\t{Path(path).name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{n}\t{m}\tm\t{rate}\t{first_frame}\t{n}",
        "Frame#\tTime\t" + "\t\t\t".join(table.names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{i + 1}" for i in range(m) for axis in "XYZ"),
        "",
    ]
    for row in range(n):
        cells = ["" if not np.isfinite(x) else f"{x:.6f}" for x in table.positions[row].ravel()]
        out.append(f"{first_frame + row}\t{table.time_s[row]:.8g}\t" + "\t".join(cells))
    write_text(path, "\n".join(out) + "\n")


def read_storage(path: str | Path) -> tuple[NDArray[np.float64], list[str], NDArray[np.float64], bool]:
    """Read a .mot or .sto: `time (n,)` s, column names, `values (n, m)`, and whether angles are in degrees."""
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        end = next(i for i, line in enumerate(lines) if line.strip().lower() == "endheader")
        degrees = any(line.replace(" ", "").lower() == "indegrees=yes" for line in lines[:end])
        # OpenSim too takes empty lines between header and table.
        rows = [line.split() for line in lines[end + 1 :] if line.strip()]
        columns, values = rows[0], np.array([[float(cell) for cell in row] for row in rows[1:]])
    except (OSError, StopIteration, ValueError, IndexError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: not a .mot/.sto table: {error}") from error
    return values[:, 0], columns[1:], values[:, 1:], degrees


def write_storage(
    path: str | Path,
    time_s: NDArray[np.float64],
    columns: list[str],
    values: NDArray[np.float64],
    name: str = "Coordinates",
    in_degrees: bool = False,
) -> None:
    """Write a .mot/.sto table that OpenSim reads; `values (n, m)` in the order of `columns`."""
    head = [
        name,
        "version=1",
        f"nRows={len(values)}",
        f"nColumns={len(columns) + 1}",
        f"inDegrees={'yes' if in_degrees else 'no'}",
        "endheader",
        "time\t" + "\t".join(columns),
    ]
    rows = [f"{t:.8g}\t" + "\t".join(f"{x:.12g}" for x in row) for t, row in zip(time_s, values, strict=True)]
    write_text(path, "\n".join(head + rows) + "\n")
