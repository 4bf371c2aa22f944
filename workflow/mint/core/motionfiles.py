"""OpenSim's plain text formats, read and written without OpenSim: .trc markers, .mot/.sto tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.atomic import write_text
from mint.core.status import Reason, StageError

_UNIT_M = {"m": 1.0, "mm": 1e-3, "cm": 1e-2, "dm": 1e-1}


@dataclass(frozen=True)
class MarkerTable:
    """Marker trajectories: `positions (n, m, 3)` m (NaN where a marker is lost), `time_s (n,)`, `rate_hz`."""

    names: list[str]
    positions: NDArray[np.float64]
    time_s: NDArray[np.float64]
    rate_hz: float


def read_trc(path: str | Path) -> MarkerTable:
    """Read a .trc: units from its header; time from frame number and DataRate where the Time column lies.

    Raises StageError naming file and field.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        header = trc_header(lines)
        rate = float(header["DataRate"])
        units = header["Units"]
        names = [name.strip() for name in lines[3].split("\t")[2:] if name.strip()]
    except (OSError, IndexError, KeyError, ValueError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: header of the .trc: {error}") from error
    if units not in _UNIT_M:
        raise StageError(Reason.FIELD_VALUE, f"{path}: Units is {units!r}, known are {', '.join(_UNIT_M)}")
    if not np.isfinite(rate) or rate <= 0:
        raise StageError(Reason.FRAME_RATE, f"{path}: DataRate is {rate}")
    width = 2 + 3 * len(names)
    rows = []
    for number, line in enumerate(lines[5:], start=6):
        if not line.strip():
            continue
        cells = line.split("\t")
        cells = (cells + [""] * width)[:width]
        try:
            rows.append([float(cell) if cell.strip() else np.nan for cell in cells])
        except ValueError as error:
            raise StageError(Reason.FIELD_VALUE, f"{path}: line {number}: {error}") from error
    table = np.array(rows, dtype=float).reshape(-1, width)
    frame, time = table[:, 0], table[:, 1]
    by_rate = (frame - frame[0]) / rate if len(frame) else time
    if len(time) and (np.max(np.abs(time - time[0] - by_rate)) > 0.5 / rate or not np.all(np.isfinite(time))):
        time = by_rate
    positions = table[:, 2:].reshape(len(table), len(names), 3) * _UNIT_M[units]
    return MarkerTable(names, positions, time, rate)


def trc_header(lines: Sequence[str]) -> dict[str, str]:
    """Keys and values of lines 2 and 3 of a .trc, split at white space: some laboratories write two tabs in a row."""
    return dict(zip(lines[1].split(), lines[2].split(), strict=False))


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
        columns = lines[end + 1].split()
        values = np.array([[float(x) for x in line.split()] for line in lines[end + 2 :] if line.strip()])
    except (OSError, StopIteration, ValueError, IndexError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: not a .mot/.sto table: {error}") from error
    return values[:, 0], columns[1:], values[:, 1:], degrees


def write_storage(path: str | Path, time_s: NDArray[np.float64], columns: list[str], values: NDArray[np.float64],
                  name: str = "Coordinates", in_degrees: bool = False) -> None:
    """Write a .mot/.sto table that OpenSim reads; `values (n, m)` in the order of `columns`."""
    head = [name, "version=1", f"nRows={len(values)}", f"nColumns={len(columns) + 1}",
            f"inDegrees={'yes' if in_degrees else 'no'}", "endheader", "time\t" + "\t".join(columns)]
    rows = [f"{t:.8g}\t" + "\t".join(f"{x:.12g}" for x in row) for t, row in zip(time_s, values, strict=True)]
    write_text(path, "\n".join(head + rows) + "\n")
