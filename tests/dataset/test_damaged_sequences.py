"""A merged sequence that is not what merge writes costs itself only, and every table says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, Status
from mint.dataset import build, ledger
from mint.dataset.outcomes import sequence_outcomes
from tests.sequence.factory import Project, fail_from


def _meta(**values: Any) -> Callable[[Bundle], None]:
    return lambda bundle: bundle.meta.update(values)


def _chunk(key: str, **values: Any) -> Callable[[Bundle], None]:
    return lambda bundle: bundle.meta["chunks"][1][key].update(values)


def _array(name: str, change: Callable[[np.ndarray], Any]) -> Callable[[Bundle], None]:
    return lambda bundle: bundle.arrays.update({name: np.asarray(change(bundle[name]))})


DAMAGE: dict[str, Callable[[Bundle], None]] = {
    "an array is missing": lambda bundle: bundle.arrays.pop("grf"),
    "an array is shorter": _array("extra_force_N", lambda values: values[:-1]),
    "an array is text": _array("contact", lambda values: values.astype(str)),
    "frames are no whole numbers": _array("frames", lambda values: values + 0.5),
    "frames of a chunk that was lost": _chunk("status", status="discarded"),
    "a chunk is missing": lambda bundle: bundle.meta["chunks"].pop(),
    "a chunk is twice": lambda bundle: bundle.meta["chunks"].append(bundle.meta["chunks"][0]),
    "chunks of another plan": _chunk("window", keep_start=78),
    "a window of nothing": _chunk("window", start=[None]),
    "time below zero": _chunk("status", wall_s=-1.0),
    "time is not finite": _chunk("status", wall_s=float("inf")),
    "iterations are no count": _chunk("status", iterations=10**12),
    "a text is none": _chunk("status", detail="\ud800"),
    "mass below zero": _meta(mass_kg=-70.0),
    "stature is text": _meta(stature_m="tall"),
    "gender that no body has": _meta(gender="x"),
    "no first frame": lambda bundle: bundle.meta.pop("first_frame"),
    "gaps of nothing": _meta(gaps=3),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_sequence_is_lost_and_no_other(tmp_path: Path, damage: str) -> None:
    project = Project(tmp_path)
    for name in ("damaged", "good"):
        project.add(name, 154)
        project.solve(name)
    project.merge("good")
    bundle = project.merge("damaged")
    DAMAGE[damage](bundle)
    bundle.write(project.file("damaged", "sequence.npz"))
    ledger.run(project.plan, project.results)
    dataset = build.run(project.plan, project.results, DatasetConfig(pickles=False))
    rows = pd.read_parquet(project.results / "ledger.parquet").set_index("sequence_id")["status"]
    chunks = pd.read_parquet(dataset / "quality_chunks.parquet").set_index("sequence_id")
    assert set(rows["good"]) == set(chunks.loc["good", "status"]) == {"accepted"}
    assert set(rows["damaged"]) == set(chunks.loc["damaged", "status"]) == {"failed"}
    assert set(chunks.loc["damaged", "reason"]) == {"file_corrupt"} and chunks.loc["damaged", "data_path"].isna().all()
    assert list(pd.read_parquet(dataset / "sequences.parquet")["sequence_id"]) == ["good"]


@pytest.mark.parametrize("value", [-0.5, 1.0000001, float("nan"), float("inf"), "0.3", True])
def test_share_that_cannot_be_is_null_and_its_chunk_stays(tmp_path: Path, value: Any) -> None:
    project = Project(tmp_path)
    project.add("walk", 154)
    project.solve("walk")
    bundle = project.merge("walk")
    _chunk("metrics", saturation_share=value, marker_rms_mm=-value if isinstance(value, float) else value)(bundle)
    bundle.write(project.file("walk", "sequence.npz"))
    dataset = build.run(project.plan, project.results, DatasetConfig(pickles=False))
    row = pd.read_parquet(dataset / "quality_chunks.parquet").iloc[1]
    assert row["status"] == "accepted" and pd.isna(row["saturation_share"])


def test_second_pass_counts_where_the_sequence_is_not_merged(tmp_path: Path) -> None:
    project = Project(tmp_path)
    record = project.add("walk", 154)

    def slow(window: Window, bundles: dict[str, Bundle]) -> None:
        if window.chunk == 1:
            fail_from(bundles, "trajectory", Status.DISCARDED, Reason.NOT_CONVERGED)

    project.solve("walk")
    good = {stage: path.read_bytes() for stage, path in project.paths("walk", 1).items()}
    project.solve("walk", slow)
    assert [each.status.reason for each in sequence_outcomes("walk", record, project.results).chunks] == [
        Reason.FILE_MISSING,
        Reason.NOT_CONVERGED,
    ]
    for stage in ("trajectory", "verify", "trunk"):
        project.file("walk", f"chunks/001/rescue/{stage}.npz").write_bytes(good[stage])
    found = sequence_outcomes("walk", record, project.results).chunks[1]
    assert found.status.status is Status.PENDING and found.status.iterations == 121
