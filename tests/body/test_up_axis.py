"""What is up in files that write y or z and know no floor: one policy for poses of video and for skeletons."""

from __future__ import annotations

import numpy as np
import pytest

from mint.body.up_axis import turn_upright
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import UpAxis

LIES = np.array([1.0, 0.1, 0.1])


def body(along: str, frames: int = 10) -> np.ndarray:
    """From the feet to the head along an axis, a little bent, (frames, 3)."""
    axis = np.eye(3)["xyz".index(along[-1])] * (-1 if along.startswith("-") else 1)
    return np.tile(1.5 * axis + 0.1, (frames, 1))


@pytest.mark.parametrize("wanted", ["y", "z"])
@pytest.mark.parametrize("along", ["y", "z"])
def test_y_and_z_are_told_from_each_other_and_turned_without_a_mirror(along: str, wanted: UpAxis) -> None:
    warnings: list[str] = []
    turn = turn_upright("a.bvh", body(along), wanted, {}, warnings)
    assert (turn.apply(body(along))[:, "xyz".index(wanted)] > 1.5).all() and np.linalg.det(turn.as_matrix()) > 0
    assert [f"{along} is taken as up" in text for text in warnings] == ([] if along == wanted else [True])


def test_an_axis_that_means_something_else_is_refused_with_the_share_and_what_it_means() -> None:
    with pytest.raises(StageError, match=r"along -y in 90 % of the frames: a camera") as error:
        turn_upright("a.npz", np.concatenate([body("-y", 9), body("y", 1)]), "z", {"-y": (": a camera", "world")}, [])
    assert error.value.reason is Reason.ORIENTATION and error.value.remedy == "world"


@pytest.mark.parametrize("rows", [np.tile(LIES, (10, 1)), np.concatenate([body("y", 5), body("z", 5)])])
def test_a_posture_that_tells_nothing_leaves_the_usual_axis_with_a_warning(rows: np.ndarray) -> None:
    warnings: list[str] = []
    assert turn_upright("a.npz", rows, "z", {}, warnings).magnitude() == 0
    assert len(warnings) == 1 and "z is taken as up" in warnings[0]
