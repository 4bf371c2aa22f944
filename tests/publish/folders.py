"""Checks of a released folder with the tool that its users have."""

from __future__ import annotations

import subprocess
from pathlib import Path


def sha256sum(folder: Path) -> subprocess.CompletedProcess[str]:
    """Verify a folder by its SHA256SUMS; stdout names files that differ."""
    return subprocess.run(
        ["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
