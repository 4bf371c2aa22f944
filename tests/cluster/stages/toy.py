"""Stages that take no time and can go wrong on demand: numbers that depend on stage, member and inputs alone."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path

import numpy as np

from mint.batch.digest import digest_of
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.status import StageStatus

FOLDER = Path(os.environ["MINT_TOY_FOLDER"])


def run(sources: list[str], stage: str, name: str, output: Path) -> Bundle:
    """Write the bundle of a member, and a line in the diary once it is written."""
    go_wrong(f"{stage} {name}")
    time.sleep(0.1)
    seed = hashlib.sha256("".join([stage, name, *map(digest_of, sources)]).encode())
    bundle = Bundle.of(stage, {"numbers": np.frombuffer(seed.digest(), dtype=np.uint8)})
    if output.suffix == ".npz":
        bundle.write(output)
    else:
        write_text(output, seed.hexdigest())
    with (FOLDER / "diary").open("a", encoding="utf-8") as diary:
        diary.write(f"{stage} {name}\n")
    return bundle


def place(member: dict[str, str], files: dict[str, list[str]], output: Path) -> StageStatus:
    """The stage that runs in the job itself and writes no bundle."""
    return run(files["own"], "markers", member["name"], output).status


def run_member(
    stage: str, name: str, output: Path, own: list[str], shared: list[str], named: list[str] | None = None
) -> Bundle:
    """`run` as a batch calls it."""
    return run([*own, *shared, *(named or [])], stage, name, output)


def go_wrong(key: str) -> None:
    """Do what the file of that name in `faults` asks for, once: it is renamed to say that it happened."""
    fault = FOLDER / "faults" / key.replace("/", "-").replace(" ", "-")
    try:
        kind = fault.read_text(encoding="utf-8")
        fault.rename(fault.with_name(f"begun-{fault.name}"))
    except OSError:
        return
    if kind == "die":
        os.kill(int(os.environ["MINT_TOY_JOB"]), signal.SIGKILL)
    if kind == "memory":
        block = np.ones(3_600_000_000 // 8)  # bytes: more than the first attempt of the job asks for
        time.sleep(60)
        print(block[0])
    time.sleep(3600)
