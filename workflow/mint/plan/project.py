"""From the configuration to the plan: the only part of planning that knows where the project's files are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mint.batch.made import Made
from mint.config.project import ProjectConfig
from mint.core.chunks import Window
from mint.core.status import Reason
from mint.plan.batches import RESCUE, Batches, build_batches, chunk_name, parts_of, rescue_batches
from mint.plan.build import build_plan
from mint.plan.cost import CostTable, Features, chunk_features, read_root
from mint.plan.demo import demo_lengths
from mint.plan.file import read_plan, write_plan
from mint.plan.redivide import Budget
from mint.plan.scan import HeaderCache
from mint.plan.sequences import read_sequences


def plan_path(project: ProjectConfig) -> Path:
    """Where the plan lies."""
    return Path(project.results) / "plan" / "plan.json"


@dataclass(frozen=True)
class Planned:
    """What planning has found out. Nothing of it is in any file before `save`."""

    project: ProjectConfig
    plan: dict[str, Any]
    headers: HeaderCache

    def second_pass(self) -> Batches:
        """Batches of the second pass if one is asked for: those recorded in the plan, then a batch for each chunk whose
        trajectory has not converged according to the ledger."""
        return rescue_batches(self.plan["batches"][RESCUE], _subject_of_chunk(self.plan), not_converged(self.project))

    def save(self, second_pass: Batches | None = None) -> None:
        """Write the plan for the jobs, and what was read of headers for the next planning.

        `second_pass` are the batches that are recorded as started: every later plan keeps them.
        """
        self.headers.save()
        batches = {**self.plan["batches"], RESCUE: second_pass or self.plan["batches"][RESCUE]}
        write_plan({**self.plan, "batches": batches}, plan_path(self.project))


def make_plan(project: ProjectConfig, root: Path) -> Planned:
    """Plan every sequence of the table, and write nothing. Raises ValueError for a bad table.

    The plan that the last run has left is gone on with: batches keep their members, a second pass that was started
    stays.
    """
    headers = HeaderCache(Path(project.results) / "plan" / "headers.json", project.validate_input)
    rows = read_sequences(project.sequences)
    before = _plan_before(project)
    plan = build_plan(
        rows,
        headers,
        root=root,
        model=project.model,
        in_view_share=project.body.in_view_share,
        known_lengths=demo_lengths(project),
        shaped_by=_shaped_by(project, before),
    )
    features = _features(plan, before, root)
    cost_s = CostTable.of_ledger(Path(project.results) / "ledger.parquet", project.model).seconds(features)
    recorded = before.get("batches", {})
    plan["batches"] = build_batches(
        plan, recorded, cost_s, 60 * project.batch.target_minutes, Budget(project.batch.planning_steps)
    )
    plan["cost_s"] = {name: round(seconds, 1) for name, seconds in cost_s.items()}
    plan["batches"][RESCUE] = rescue_batches(recorded.get(RESCUE, {}), _subject_of_chunk(plan), ())
    plan["acceleration_m_s2"] = {name: of.acceleration_m_s2 for name, of in features.items()}
    return Planned(project, plan, headers)


def _subject_of_chunk(plan: Mapping[str, Any]) -> dict[str, str]:
    return {name: plan["sequences"][parts_of(name)[0]]["subject_id"] for name in plan["cost_s"]}


def not_converged(project: ProjectConfig) -> list[str]:
    """Chunks that the ledger of the last run gives to the second pass: no convergence, or not within its work."""
    path = Path(project.results) / "ledger.parquet"
    if not path.exists():
        return []
    rows = pd.read_parquet(path, columns=["sequence_id", "chunk", "stage", "reason"])
    rows = rows[(rows["stage"] == "trajectory") & rows["reason"].isin(_FOR_RESCUE)]
    return [
        chunk_name(str(sequence), int(chunk))
        for sequence, chunk in zip(rows["sequence_id"], rows["chunk"], strict=True)
    ]


_FOR_RESCUE = (Reason.NOT_CONVERGED.value, Reason.WORK_LIMIT.value, Reason.TIME_LIMIT.value)


def _features(plan: Mapping[str, Any], before: Mapping[str, Any], root: Path) -> dict[str, Features]:
    """What the cost of each chunk depends on. Motions are read once: the plan before remembers the others."""
    known, sequences = before.get("acceleration_m_s2", {}), before.get("sequences", {})
    out: dict[str, Features] = {}
    for name, record in plan["sequences"].items():
        chunks = {chunk_name(name, window["chunk"]): Window(**window) for window in record["windows"]}
        same = sequences.get(name, {}).get("windows") == record["windows"]
        if same and all(known.get(chunk) is not None for chunk in chunks):
            out |= {chunk: Features(window.nodes, known[chunk]) for chunk, window in chunks.items()}
            continue
        motion = read_root(root / record["path"], record["source"]) if chunks else None
        trans, rate = motion if motion is not None else (None, 0.0)
        out |= {
            chunk: chunk_features(trans, record["frame_rate_override"] or rate, window)
            for chunk, window in chunks.items()
        }
    return out


def _plan_before(project: ProjectConfig) -> dict[str, Any]:
    try:
        return read_plan(plan_path(project))
    except (OSError, ValueError):
        return {}


def _shaped_by(project: ProjectConfig, before: Mapping[str, Any]) -> dict[str, list[str]]:
    """Sequences that shape each subject by the plan before; none for a subject that they could not give a model."""
    out = {}
    for name, subject in before.get("subjects", {}).items():
        made = Made.read(Path(project.results) / "subjects" / name / "scale.npz")
        if made is None or made.status == "ok":
            out[name] = list(subject["shape_from"])
    return out
