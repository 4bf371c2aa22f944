"""A root without translation is no treadmill."""

from __future__ import annotations

import numpy as np
import pytest

from mint.body.root import check_root
from mint.core.status import Reason, StageError


def walking(frames: int = 200) -> np.ndarray:
    poses = np.zeros((frames, 156))
    poses[:, 3] = 0.5 * np.sin(2 * np.pi * np.arange(frames) / 100)
    return poses


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (1.2, -3.0, 0.9)])
def test_a_root_that_stays_under_walking_legs_is_refused(place: tuple[float, float, float]) -> None:
    trans = np.tile(place, (200, 1))
    trans[:, 2] += 0.02 * np.sin(np.arange(200))
    with pytest.raises(StageError) as error:
        check_root("a.npz", walking(), trans)
    assert error.value.reason is Reason.FIELD_VALUE and "a.npz: field trans" in error.value.detail
    assert "200 frames" in error.value.detail and error.value.remedy


def test_a_treadmill_sways_and_someone_who_stands_may_be_still() -> None:
    trans = np.zeros((200, 3))
    check_root("a.npz", np.zeros((200, 156)), trans)
    trans[:, 1] = 0.001 * np.sin(np.arange(200) / 10)
    check_root("a.npz", walking(), trans)
