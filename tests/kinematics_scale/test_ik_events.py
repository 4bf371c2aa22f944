"""A window in which the motion itself is broken is refused for that, before inverse kinematics is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.body.events import Event, recorded
from mint.config.kinematics import KinematicsConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason
from mint.kinematics import ik


def refused(folder: Path, window: tuple[int, int]) -> Reason:
    """Reason of a window of a motion that jumps at 2 s; neither markers nor models are there."""
    jump = Event("teleport", 2.0, 2.02, "the body jumps by 1.00 m", True)
    Bundle.of("body", {}, recorded("walk.trc", [jump], 0.2)).write(folder / "body.npz")
    Bundle.of("scale", {}, {}).write(folder / "scale.npz")
    none = folder / "none"
    bundle = ik.run(
        none,
        folder / "scale.npz",
        none,
        none,
        window,
        folder / "ik.npz",
        KinematicsConfig(),
        upstream=[folder / "body.npz"],
    )
    return bundle.status.reason


def test_a_window_with_a_jump_is_refused_before_markers_and_models_are_read(tmp_path: Path) -> None:
    assert refused(tmp_path, (70, 154)) is Reason.TELEPORT


def test_a_window_near_a_jump_is_refused_as_filters_carry_it_there(tmp_path: Path) -> None:
    assert refused(tmp_path, (106, 190)) is Reason.TELEPORT


def test_a_window_away_from_the_jump_goes_on(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="model"):  # of the empty scale.npz, which is asked for next
        refused(tmp_path, (140, 224))
