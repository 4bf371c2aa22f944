"""The file of the plan, which the main process writes and jobs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.core.atomic import write_text


def write_plan(plan: Mapping[str, Any], path: str | Path) -> None:
    """Write the plan if it changed, so that its time stamp means something."""
    text = json.dumps(plan, indent=1)
    path = Path(path)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def read_plan(path: str | Path) -> dict[str, Any]:
    """The plan that the main process wrote."""
    plan: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return plan
