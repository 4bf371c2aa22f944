"""Open a file that somebody else made: only regular files, never one that blocks, every problem with its path."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from mint.core.status import Reason, StageError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(path: str | Path) -> BinaryIO:
    """The file, open for reading bytes; the caller closes it.

    Raises StageError(FILE_MISSING) for a path without a file, StageError(FILE_UNREADABLE) for a folder, a pipe, a
    device or a file that may not be read. The file is asked before it is opened, because opening a device can act, and
    once more afterwards, because it can have been replaced in between; a pipe without a writer does not block.
    """
    path = Path(path)
    try:
        _check_kind(path, path.stat().st_mode)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            _check_kind(path, os.fstat(handle).st_mode)
            return os.fdopen(handle, "rb")
        except BaseException:
            os.close(handle)
            raise
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            target = path.readlink()
            raise StageError(Reason.FILE_MISSING, f"{path} is a link to {target}, which does not exist") from error
        raise StageError(Reason.FILE_MISSING, f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        # A path with a null character or without an encoding is a ValueError.
        raise StageError(Reason.FILE_UNREADABLE, f"{path} cannot be opened: {told(error)}") from error


def told(error: BaseException) -> str:
    """What an error says, on one line of bounded length."""
    text = " ".join((getattr(error, "strerror", None) or str(error)).split())
    return (text or type(error).__name__)[:200]


def _check_kind(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for test, name in _KINDS if test(mode)), "no file")
        raise StageError(Reason.FILE_UNREADABLE, f"{path} is {kind}, must be a regular file")
