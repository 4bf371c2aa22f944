"""Motion that nothing was tuned to: what becomes of every chunk, how good it is, and what it costs.

`python bench/unseen.py [--no-run]`, with `GROUP=choose` or `judge` for one half, runs the workflow on the motions of
`bench/unseen_motions.py` in `results/bench/unseen`, one subject after the other; a run that was killed goes on when it
is called again. `results/benchmarks/unseen.json` has per half, and per stratum of it: `chunks` that feet support,
`accepted_share` of them, the same of those whose recording is not broken there, `excluded`, `refuted_by_opensim`
(solutions that verification refuses), reasons of what fails, faults of quality, `core_s_median` and `core_s_p95`,
processor time of an accepted chunk from markers to trunk, and `chain_core_s_median`, the same with its share of the
stages of its motion; beside the halves `subject_core_s`, scaling and muscle paths of a subject, and
`settings_trajectory`. Every chunk that is not accepted is listed in
`results/benchmarks/unseen_chunks.csv`, and drawn by `bench/unseen_pictures.py`.

`MODEL=full402` takes the model with all strands, `BODIES=n` so many bodies, `SOLVER=pardiso` another linear solver.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel
from runs import body_settings, clean_up, config_arguments, embedded_row, run_workflow, write_table
from trials import ROOT, SHARED
from unseen_motions import Unseen, unseen

from mint.batch.check import CHUNK_STAGES, OUTPUT, SUBJECT_OUTPUT, SUBJECT_STAGES
from mint.batch.made import Made
from mint.campaign.settings import configured
from mint.config.project import load_project
from mint.config.trajectory import TrajectorySection
from mint.core.atomic import atomic_path, write_text
from mint.core.status import Reason, Status
from mint.dataset.outcomes import sequence_outcomes
from mint.plan.project import make_plan

MODEL = os.environ.get("MODEL", "") or "pose2sim"
SOLVER = os.environ.get("SOLVER", "") or "mumps"
BODIES = int(os.environ.get("BODIES", "") or 4)
NAME = "unseen" if MODEL == "pose2sim" else f"unseen_{MODEL}"
RESULTS = Path("results/bench") / NAME
OUT = ROOT / "results/benchmarks" / f"{NAME}.json"
LIST = OUT.with_name(f"{NAME}_chunks.csv")
HALVES = ("choose", "judge")
# Shares of a motion's processor time that a chunk has: of stages before chunks.
BEFORE = ("validate", "body")
# What says that a recording is broken there, whoever solves it.
BROKEN = (Reason.TELEPORT, Reason.STANDSTILL, Reason.REPEATED_FRAMES)
# Stages whose refusal says that a solution is none.
VERIFICATION = "verify"


def main() -> None:
    """Run, count, write and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-run", action="store_true")
    given = parser.parse_args()
    group = os.environ.get("GROUP", "")
    rows, subjects = [], []
    for half in HALVES:
        results = RESULTS / half
        if not given.no_run and group in ("", half):
            run(results, half)
        if (ROOT / results / "sequences.tsv").is_file():
            motions = [each for each in _motions(results) if each.half == half]
            plan = make_plan(load_project(configured(ROOT, _given(results))), ROOT).plan
            rows += [row for each in motions for row in of_motion(results, each, plan)]
            subjects += subject_costs(results)
    chunks = pd.DataFrame(rows)
    chunks = chunks[chunks["status"] != Status.PENDING]
    with atomic_path(LIST) as partial:
        chunks[chunks["status"] != Status.ACCEPTED].to_csv(partial, index=False)
    table = summary(chunks, subjects)
    write_text(OUT, json.dumps(table, indent=1))
    print(json.dumps(table, indent=1))


def run(results: Path, half: str) -> None:
    """The workflow on a half, up to merged sequences."""
    clean_up(results)
    first = embedded_row(results / "inputs", "demo_f", "walk")
    run_workflow(results, [first], str(results / "inputs/body/markers.csv"))
    rows = [each.row for each in _motions(results) if each.half == half]
    write_table(results, rows)
    plan = make_plan(load_project(configured(ROOT, _given(results))), ROOT).plan
    records = [str(results / "batches" / batch / "merge.json") for batch in plan["batches"]["motions"]]
    run_workflow(results, rows, *records, config=_settings(results))


def _motions(results: Path) -> list[Unseen]:
    """All motions; files of bodies are made if they are not there."""
    return unseen(ROOT / results / "motions", ROOT / results / "inputs" / "body", BODIES)


def _settings(results: Path) -> dict[str, Any]:
    return {
        "model": MODEL,
        "trajectory": {"linear_solver": SOLVER},
        "body": body_settings(results / "inputs" / "body"),
        "inputs": {"mirror": str(SHARED / "models")},
    }


def _given(results: Path) -> list[str]:
    """The same as arguments of `--config`."""
    told = {"sequences": str(ROOT / results / "sequences.tsv"), "results": str(results), **_settings(results)}
    return config_arguments(told)


def of_motion(results: Path, motion: Unseen, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per chunk; one for a motion that was refused as a whole."""
    record = plan["sequences"][motion.sequence]
    found = sequence_outcomes(motion.sequence, record, ROOT / results)
    told = {"half": motion.half, "stratum": motion.stratum, "file": motion.file, "sequence": motion.sequence}
    rows = []
    outcomes = (
        [(None, found.whole, [])] if found.whole else [(each.window, each.status, each.flags) for each in found.chunks]
    )
    before = _of_sequence(results, motion.sequence, BEFORE) / max(len(record["windows"]), 1)
    for window, status, flags in outcomes:
        # A motion that is refused as a whole loses all its chunks.
        missing = [None] if window is not None or not record["windows"] else record["windows"]
        for each in missing:
            chunk = window.chunk if window is not None else each["chunk"] if each else 0
            row: dict[str, Any] = {
                **told,
                "chunk": chunk,
                "status": status.status.value,
                "stage": status.stage,
                "reason": status.reason.value,
                "detail": status.detail,
                "flags": "; ".join(flags),
                "core_s": _of_chunk(results, motion.sequence, chunk),
            }
            rows.append(row | {"chain_core_s": row["core_s"] + before})
    return rows


def _of_chunk(results: Path, sequence: str, chunk: int) -> float:
    """Processor time [s] of all stages of a chunk that have run."""
    folder = ROOT / results / "sequences" / sequence / "chunks" / f"{chunk:03d}"
    made = (Made.read(folder / OUTPUT[stage]) for stage in CHUNK_STAGES)
    return round(sum(each.cpu_s for each in made if each is not None), 3)


def _of_sequence(results: Path, sequence: str, stages: tuple[str, ...]) -> float:
    folder = ROOT / results / "sequences" / sequence
    made = (Made.read(folder / OUTPUT[stage]) for stage in stages)
    return sum(each.cpu_s for each in made if each is not None)


def subject_costs(results: Path) -> list[float]:
    """Processor time [s] of scaling and muscle paths of every subject."""
    return [
        sum(made.cpu_s for stage in SUBJECT_STAGES if (made := Made.read(folder / SUBJECT_OUTPUT[stage])))
        for folder in sorted((ROOT / results / "subjects").glob("*"))
    ]


def summary(chunks: pd.DataFrame, subjects: list[float]) -> dict[str, Any]:
    """Numbers of both halves, of their strata and of everything."""
    halves = {
        half: {"all": of_chunks(own), **{str(name): of_chunks(part) for name, part in own.groupby("stratum")}}
        for half, own in chunks.groupby("half")
    }
    return {
        **of_chunks(chunks),
        "halves": halves,
        "subjects": len(subjects),
        "subject_core_s": round(float(np.median(subjects)), 2) if subjects else None,
        "settings_trajectory": _settings_of(TrajectorySection),
        "model": MODEL,
        "linear_solver": SOLVER,
    }


def of_chunks(chunks: pd.DataFrame) -> dict[str, Any]:
    """Numbers of some chunks."""
    supported = chunks[chunks["status"] != Status.EXCLUDED_CONTACT]
    accepted = supported[supported["status"] == Status.ACCEPTED]
    refused = supported[supported["status"] != Status.ACCEPTED]
    broken = refused["reason"].isin(BROKEN).sum()
    costs = accepted["core_s"].to_numpy()
    return {
        "chunks": len(supported),
        "accepted": len(accepted),
        "accepted_share": round(len(accepted) / len(supported), 4) if len(supported) else None,
        "broken_recordings": int(broken),
        "accepted_share_of_whole_recordings": round(len(accepted) / (len(supported) - broken), 4)
        if len(supported) > broken
        else None,
        "excluded": len(chunks) - len(supported),
        "excluded_for": _counts(chunks[chunks["status"] == Status.EXCLUDED_CONTACT]["reason"]),
        "refuted_by_opensim": int((refused["stage"] == VERIFICATION).sum()),
        "refused_for": _counts(refused["reason"]),
        "flags": _counts(
            pd.Series([flag for text in accepted["flags"] for flag in text.split("; ") if flag], dtype=str)
        ),
        "core_s_median": _quantile(costs, 0.5),
        "core_s_p95": _quantile(costs, 0.95),
        "chain_core_s_median": _quantile(accepted["chain_core_s"].to_numpy(), 0.5),
        "refused_core_s_median": _quantile(refused["core_s"].to_numpy(), 0.5),
    }


def _counts(values: pd.Series) -> dict[str, int]:
    return dict(Counter(str(each) for each in values).most_common())


def _quantile(values: np.ndarray[Any, Any], share: float) -> float | None:
    return round(float(np.quantile(values, share)), 2) if len(values) else None


def _settings_of(section: type[BaseModel]) -> int:
    """Settings of a section, those of sections in it included."""
    kinds = [field.annotation for field in section.model_fields.values()]
    return sum(_settings_of(kind) if isinstance(kind, type) and issubclass(kind, BaseModel) else 1 for kind in kinds)


if __name__ == "__main__":
    main()
