"""Second attempts at one chunk: one after the other, each in a child of its own, until one converges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.batch.run import Compute
from mint.core.bundle import Bundle
from mint.core.call import isolated
from mint.core.status import StageStatus

FIRST = "first_pass"  # variant of the attempts of the first pass


def rescuing(stage: str, function: str, config: tuple[str, Mapping[str, Any]], attempts: Sequence[Mapping[str, Any]],
             memory_mb: float, places: Mapping[str, str]) -> Compute:
    """A stage's `compute`. `files["first"]` is the result of the first pass; if it is good by now it is taken as it is.

    The bundle left has the rows of all attempts, those of the first pass included, each with its `variant`, and their
    iterations together; where none converged its detail says what was tried, after the diagnosis of the last one.
    """

    def compute(_member: Mapping[str, Any], files: Mapping[str, Any], output: Path) -> StageStatus:
        first = Bundle.read(files["first"])
        if first.ok or first.status.stage != stage:
            first.write(output)
            return first.status
        own = {name: file for name, file in files.items() if name != "first"}
        rows, tried = _rows(first, FIRST), [f"{FIRST}: {first.status.reason.value}"]
        bundle = first
        for attempt in attempts:
            settings = {**config[1], **attempt["settings"]}
            bundle = isolated(stage, function, {**own, **places}, output, config=(config[0], settings),
                              deadline_s=float(attempt["deadline_s"]), memory_mb=memory_mb)
            rows += _rows(bundle, str(attempt["name"]))
            if bundle.ok:
                break
            tried.append(f"{attempt['name']}: {bundle.status.reason.value}")
        detail = bundle.status.detail if bundle.ok else f"{bundle.status.detail}; rescue tried {', '.join(tried)}"
        bundle.meta["attempts"] = rows
        bundle.status = replace(bundle.status, detail=detail, attempt=max(len(rows), 1),
                                iterations=sum(int(row["iterations"]) for row in rows))
        bundle.write(output)
        return bundle.status

    return compute


def _rows(bundle: Bundle, variant: str) -> list[dict[str, Any]]:
    """Attempt rows of a result; one row for a child that left none because it was ended."""
    rows = bundle.meta.get("attempts")
    if isinstance(rows, list) and rows:
        return [{"variant": variant, **row} for row in rows]
    status = bundle.status
    return [{"variant": variant, "rung": "", "formulation": "", "iterations": status.iterations,
             "status": status.reason.value if not status.ok else "ok", "wall_s": status.wall_s}]
