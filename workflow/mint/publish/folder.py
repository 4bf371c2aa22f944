"""Links instead of copies, checksums."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mint.dataset.sequence_files import file_sha256

SUMS = "SHA256SUMS"


def link_or_copy(source: Path, target: Path) -> None:
    """The same content under another name: one more name of the file, a copy where the file system cannot.

    A linked file must never be written in place. The files of the dataset are not: it is built into a new folder
    that takes the place of the old one, whose files live on under the names they have here.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def files_below(folder: Path) -> list[str]:
    """All files below a folder, as paths relative to it with forward slashes, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write_sums(folder: Path) -> str:
    """Write `SHA256SUMS` of all files below a folder, as `sha256sum -c` reads it; return its own SHA-256."""
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in files_below(folder) if name != SUMS]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    return str(file_sha256(folder / SUMS))
