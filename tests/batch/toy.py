"""A stage for tests: adds up numbers, and leaves a line in a diary each time it is really computed."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from mint.config.base import Section
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError, StageStatus


def run(source: str, diary: str, output: Path, factor: float = 1.0, seconds: float = 0.0, fail: bool = False) -> Bundle:
    """Write the sum of the numbers in a text file, times a factor, after so many seconds of processor time."""
    with Path(diary).open("a", encoding="utf-8") as handle:
        handle.write(f"{output.parent.name}\n")
    if fail:
        raise StageError(Reason.FIELD_VALUE, "as asked")
    while time.process_time() < seconds:
        pass
    numbers = [float(x) for x in Path(source).read_text(encoding="utf-8").split()]
    bundle = Bundle.of("support", {"sum": np.array(factor * sum(numbers))})
    bundle.write(output)
    return bundle


def note(table: str, diary: str) -> None:
    """Leave a line in the diary for what is made ahead, of which every member gets its share."""
    with Path(diary).open("a", encoding="utf-8") as handle:
        handle.write(f"ahead:{Path(table).name}\n")


def run_with(source: str, table: str, diary: str, output: Path) -> Bundle:
    """`run` of a member that gets a shared file, too."""
    assert Path(table).is_file()
    return run(source, diary, output)


class Patience(Section):
    """Configuration of `solve`."""

    iterations: int = 1


def solve(need: str, output: Path, config: Patience) -> Bundle:
    """Converge if the file's number of iterations is allowed; otherwise say so, with an attempt row."""
    needed = int(Path(need).read_text(encoding="utf-8"))
    rows = [{"rung": "standard", "iterations": min(needed, config.iterations), "status": "x", "wall_s": 0.0}]
    status = StageStatus("trajectory", iterations=rows[0]["iterations"])
    if needed > config.iterations:
        error = StageError(Reason.NOT_CONVERGED, "force balance at pelvis_ty is off by 0.3 at node 12")
        status = error.as_status("trajectory", iterations=rows[0]["iterations"])
    if config.iterations == 3:
        while True:
            pass
    bundle = Bundle(status, {"x": np.array(float(needed))}, {"attempts": rows})
    bundle.write(output)
    return bundle
