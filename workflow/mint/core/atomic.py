"""Outputs appear whole or not at all: write beside the target, then rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the target's folder that replaces the target on success.

    The suffix of the target is kept, so that libraries which choose a format by suffix still do.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp is private to the user; a result is readable like any other file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: str | Path, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target` that takes its place on success; on failure the former one stays.

    A full folder cannot be overwritten by a rename: the former one is set aside first. Where a run was killed between
    the two renames, the next one puts it back before anything else.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.former")
    _put_back(aside, target)
    for stale in (aside, *target.parent.glob(f".{target.name}.new-*")):
        shutil.rmtree(stale, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
    try:
        yield new
        # mkdtemp is private to the user; a result is readable like any other folder.
        new.chmod(0o755)
        if target.exists():
            target.rename(aside)
        new.rename(target)
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        _put_back(aside, target)
        shutil.rmtree(new, ignore_errors=True)


def _put_back(aside: Path, target: Path) -> None:
    if aside.exists() and not target.exists():
        aside.rename(target)
