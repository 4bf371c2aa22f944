"""Everything a job prints goes to its log file, also what compiled libraries print."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def redirect_to(log: str | Path | None) -> None:
    """Point stdout and stderr of this process, below Python's own streams, at `log` (None leaves them)."""
    if log is None:
        return
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
