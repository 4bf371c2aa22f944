"""What a run was told to make again whatever is there: a note beside the plan, for its jobs.

Snakemake forces jobs, but a batch keeps the results of members that would come out again. A member of a forced job is
computed once in that run: a second try of the job goes on where the first was stopped.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mint.core.atomic import write_text


@dataclass(frozen=True)
class Forced:
    """`run` is a name that no other run has; `names` are rules, stages, and files as Snakemake writes them."""

    run: str = ""
    names: frozenset[str] = frozenset()
    everything: bool = False

    def holds(self, rule: str, outputs: Iterable[str]) -> bool:
        """Whether a job of that rule with these outputs is forced."""
        return self.everything or rule in self.names or any(os.path.normpath(name) in self.names for name in outputs)

    @classmethod
    def read(cls, results: str | Path) -> Forced:
        """What the last run has noted; nothing is forced where there is no note that can be read."""
        try:
            note = json.loads(_note(results).read_text(encoding="utf-8"))
            return cls(str(note["run"]), frozenset(map(str, note["names"])), bool(note["everything"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()


def note_run(results: str | Path, *, forced: Iterable[str], everything: bool) -> None:
    """Begin a run: its name, and the rules and files that it is forced to make (`everything`: all of them)."""
    names = sorted({form for name in forced for form in (name, os.path.normpath(name))})
    write_text(_note(results), json.dumps({"run": uuid.uuid4().hex, "names": names, "everything": everything}))


def _note(results: str | Path) -> Path:
    return Path(results) / "plan" / "forced.json"
