"""Second attempts at one chunk: one after the other, each in a child of its own, until one converges.

What failed is noted beside the result while attempts go on, so that a job that was stopped goes on with the next one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.batch.digest import combined, digest_of
from mint.batch.made import notes_path
from mint.batch.run import Compute
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.call import isolated
from mint.core.methods import METHOD_VERSION
from mint.core.packages import versions_of
from mint.core.status import OF_THE_MOMENT, REMEDY, Reason, StageStatus, Status

FIRST = "first_pass"  # variant of the attempts of the first pass


def rescuing(
    stage: str,
    function: str,
    config: tuple[str, Mapping[str, Any]],
    attempts: Sequence[Mapping[str, Any]],
    memory_mb: float,
    places: Mapping[str, str],
    packages: Sequence[str] = (),
) -> Compute:
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
        guarded = ""
        problem = json.dumps(
            [METHOD_VERSION[stage], versions_of(stage, packages), config, attempts], sort_keys=True, default=str
        )
        notes = _Notes(output, combined([problem, *(digest_of(str(file)) for file in files.values())]))
        for attempt in attempts:
            if attempt is not attempts[-1] and (noted := notes.of(str(attempt["name"]))):
                rows += noted["rows"]
                tried.append(noted["tried"])
                continue
            settings = {**config[1], **attempt["settings"]}
            bundle = isolated(
                stage,
                function,
                {**own, **places},
                output,
                config=(config[0], settings),
                deadline_s=float(attempt["deadline_s"]),
                memory_mb=memory_mb,
            )
            new = _rows(bundle, str(attempt["name"]))
            rows += new
            if bundle.ok:
                break
            tried.append(f"{attempt['name']}: {bundle.status.reason.value}")
            if bundle.status.reason in OF_THE_MOMENT:
                guarded = tried[-1]
            else:
                notes.add(str(attempt["name"]), {"rows": new, "tried": tried[-1]})
        detail = bundle.status.detail if bundle.ok else f"{bundle.status.detail}; rescue tried {', '.join(tried)}"
        bundle.meta["attempts"] = rows
        if guarded:
            bundle.status = _of_the_moment(bundle.status, guarded)
        bundle.status = replace(
            bundle.status,
            detail=detail,
            attempt=max(len(rows), 1),
            iterations=sum(int(row["iterations"]) for row in rows),
        )
        bundle.write(output)
        notes.clear()
        return bundle.status

    return compute


def _of_the_moment(status: StageStatus, attempt: str) -> StageStatus:
    """The outcome after an attempt that a guard or a crash ended, "name: reason": another run may find another. A
    solution stands and says so; a failure is of that reason, so that the next run tries again."""
    if status.ok:
        warning = f"rescue attempt {attempt}: ended by the machine, not by its work; another run may take its solution"
        return replace(status, warnings=(*status.warnings, warning))
    reason = Reason(attempt.rpartition(": ")[2])
    return replace(status, status=Status.FAILED, reason=reason, remedy=REMEDY[reason])


class _Notes:
    """Failed attempts at a result, in a file beside it; those of another problem do not count."""

    def __init__(self, output: Path, problem: str) -> None:
        self._path, self._problem = notes_path(output), problem
        self._failed: dict[str, Any] = {}
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            if known["problem"] == problem:
                self._failed = known["failed"]
        except (OSError, ValueError, KeyError, TypeError):
            pass

    def of(self, attempt: str) -> Mapping[str, Any] | None:
        """What is noted of an attempt."""
        return self._failed.get(attempt)

    def add(self, attempt: str, note: Mapping[str, Any]) -> None:
        """Note a failed attempt at once."""
        self._failed[attempt] = note
        write_text(self._path, json.dumps({"problem": self._problem, "failed": self._failed}, default=str))

    def clear(self) -> None:
        """Forget everything: the result has it all."""
        self._path.unlink(missing_ok=True)


def _rows(bundle: Bundle, variant: str) -> list[dict[str, Any]]:
    """Attempt rows of a result; one row for a child that left none because it was ended."""
    rows = bundle.meta.get("attempts")
    if isinstance(rows, list) and rows:
        return [{"variant": variant, **row} for row in rows]
    status = bundle.status
    return [
        {
            "variant": variant,
            "rung": "",
            "formulation": "",
            "iterations": status.iterations,
            "status": status.reason.value if not status.ok else "ok",
            "wall_s": status.wall_s,
        }
    ]
