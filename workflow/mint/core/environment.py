"""What processes that this one starts need to know, and what this one runs on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def export_package_path() -> None:
    """Let scripts and child processes import this package also where it is not installed (conda environments)."""
    here = str(Path(__file__).resolve().parents[2])
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != here]
    os.environ["PYTHONPATH"] = os.pathsep.join([here, *paths])


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """Versions of Python and of those packages that are installed."""
    out = {"python": platform.python_version()}
    for name in names:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            continue
    return out
