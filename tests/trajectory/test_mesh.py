"""A finer mesh tracks the same motion."""

from __future__ import annotations

import numpy as np
import pytest

from mint.trajectory.stage import refined


def motion(frames: np.ndarray) -> np.ndarray:
    """A fifth-degree polynomial and a sine, with their derivatives, (n, 3, 2)."""
    t = frames / 50.0
    polynomial = [t**5 - 2 * t**3, 5 * t**4 - 6 * t**2, 20 * t**3 - 12 * t]
    sine = [np.sin(9 * t), 9 * np.cos(9 * t), -81 * np.sin(9 * t)]
    return np.stack([np.stack(polynomial, axis=1), np.stack(sine, axis=1)], axis=2)


def test_nodes_between_lie_on_the_motion_and_the_others_stay() -> None:
    coarse, exact = motion(np.arange(85.0)), motion(np.arange(169) / 2.0)
    fine = refined(coarse, 2)
    assert np.array_equal(fine[::2], coarse)
    assert fine[:, :, 0] == pytest.approx(exact[:, :, 0], abs=1e-9)  # quintics are met exactly
    for derivative, error in enumerate((1e-7, 1e-5, 5e-3)):
        assert fine[:, derivative, 1] == pytest.approx(exact[:, derivative, 1], abs=error)


def test_one_interval_changes_nothing() -> None:
    coarse = motion(np.arange(85.0))
    assert refined(coarse, 1) is coarse
