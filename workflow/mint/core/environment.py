"""What processes that this one starts need to know."""

from __future__ import annotations

import os
from pathlib import Path


def export_package_path() -> None:
    """Let scripts and child processes import this package also where it is not installed (conda environments)."""
    here = str(Path(__file__).resolve().parents[2])
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != here]
    os.environ["PYTHONPATH"] = os.pathsep.join([here, *paths])
