"""A chunk in which the data jump is refused with the time, before anything is said about its kinematics."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.body.events import Event, recorded
from mint.config.support import SupportConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageStatus, Status
from mint.support.stage import run
from tests.support.test_stage import inputs

JUMP = Event("teleport", 2.0, 2.02, "the body jumps by 1.00 m", True)
REST = Event("standstill", 2.6, 3.2, "no value changes", False)


def judged(folder: Path, first: int) -> Bundle:
    heights = np.tile([0.0, 0.0, 0.9, 0.7], (400, 1))
    ik, body = inputs(folder, heights, first, **recorded("walk.trc", [JUMP, REST], 0.2))
    return run(ik, body, folder / "out.npz", SupportConfig(), window=(first, first + 84))


def test_chunk_with_a_jump_is_refused_with_file_and_time(tmp_path: Path) -> None:
    status = judged(tmp_path, 70).status
    assert (status.stage, status.reason, status.t_start_s) == ("support", Reason.TELEPORT, 2.0)
    assert (
        status.detail == "walk.trc: teleport at 2.00 s: the body jumps by 1.00 m"
        and "cut the sequence" in status.remedy
    )


def test_chunk_away_from_the_jump_is_kept_and_its_standstill_flagged(tmp_path: Path) -> None:
    assert judged(tmp_path, 0).meta["flags"] == []
    after = judged(tmp_path, 115)
    assert after.ok and after.meta["flags"] == ["standstill"]


def test_jump_is_named_even_where_inverse_kinematics_failed_over_it(tmp_path: Path) -> None:
    heights = np.tile([0.0, 0.0, 0.9, 0.7], (200, 1))
    ik, body = inputs(tmp_path, heights, 70, **recorded("walk.trc", [JUMP], 0.2))
    Bundle(StageStatus("ik", Status.FAILED, Reason.MARKER_ERROR, "frame 100")).write(ik)
    out = run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(70, 154))
    assert out.status.reason is Reason.TELEPORT
