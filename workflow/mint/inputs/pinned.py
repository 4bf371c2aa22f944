"""External files are checked before they are read: SHA-256 of a file, members of an archive."""

from __future__ import annotations

import hashlib
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from mint.core.status import Reason, StageError

MAX_UNZIPPED_BYTES = 2 * 1024**3


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def require_sha256(path: str | Path, expected: str) -> None:
    """Raise `StageError(FILE_CORRUPT)` unless the file has the pinned hash."""
    actual = sha256(path)
    if actual != expected:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: SHA-256 is {actual}, pinned is {expected}",
            remedy="remove the file and fetch it again; do not use a file with another hash",
        )


def _safe_members(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """Files of the archive. One name that could leave the folder condemns the whole archive."""
    for member in archive.infolist():
        name = PurePosixPath(member.filename)
        leaves = name.is_absolute() or ".." in name.parts or "\\" in member.filename or ":" in member.filename
        if leaves or stat.S_ISLNK(member.external_attr >> 16):
            raise StageError(
                Reason.FILE_CORRUPT,
                f"{path}: member {member.filename!r} would leave the folder",
                remedy="do not use this archive",
            )
    return [member for member in archive.infolist() if not member.is_dir()]


def unzip(path: str | Path, folder: str | Path, patterns: Sequence[str]) -> list[str]:
    """Unzip the members that match a pattern into `folder`, which appears whole or not at all.

    An existing folder is replaced. Returns the names of the members. Raises `StageError(FILE_CORRUPT)` for a
    damaged archive, for a member outside the folder, or if a pattern matches nothing.
    """
    path, folder = Path(path), Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        with zipfile.ZipFile(path) as archive:
            members = _safe_members(archive, path)
            wanted = [m for m in members if any(fnmatchcase(m.filename, p) for p in patterns)]
            for pattern in patterns:
                if not any(fnmatchcase(m.filename, pattern) for m in wanted):
                    raise StageError(Reason.FILE_CORRUPT, f"{path}: no member matches {pattern}")
            if sum(m.file_size for m in wanted) > MAX_UNZIPPED_BYTES:
                raise StageError(Reason.FILE_CORRUPT, f"{path}: unzips to more than {MAX_UNZIPPED_BYTES} bytes")
            for member in wanted:
                archive.extract(member, temporary)
        temporary.chmod(0o755)
        _replace_folder(temporary, folder)
    except (zipfile.BadZipFile, EOFError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: not a readable archive: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [m.filename for m in wanted]


def _replace_folder(new: Path, target: Path) -> None:
    """Rename `new` to `target`; a full folder cannot be overwritten, so the old one is set aside first."""
    aside = target.with_name(f".{target.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        target.rename(aside)
    new.rename(target)
    shutil.rmtree(aside, ignore_errors=True)
