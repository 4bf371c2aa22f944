"""Mirroring swaps sides; turning rotates forces; raising changes nothing."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from mint.core.tables import table
from tests.end_to_end.conftest import Run

WEIGHT_N = 60 * 9.81


def force(run: Run, name: str) -> np.ndarray:
    bundle = run.chunk(name, "trajectory")
    assert bundle.ok, bundle.status.message
    return bundle["grf_force_N"][7:-7]


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def test_mirroring_a_motion_swaps_left_and_right_forces(run: Run) -> None:
    expected = force(run, "walk")[:, ::-1] * [-1.0, 1.0, 1.0]
    assert rms(force(run, "walk_mirrored") - expected) < 0.02 * WEIGHT_N


def test_mirroring_a_motion_swaps_left_and_right_activations(run: Run) -> None:
    muscles = table("muscles_402")
    columns = list(muscles["mint_column"])
    swap = [columns.index(name) for name in muscles["mirror"]]
    here, there = run.sequence("walk")["activation"], run.sequence("walk_mirrored")["activation"][:, swap]
    legs = slice(0, 80)
    assert rms(here[:, legs] - there[:, legs]) < 0.03
    trunk = np.isfinite(here[0]) & np.isfinite(there[0])
    trunk[legs] = False
    assert trunk.sum() > 150
    assert rms(here[:, trunk] - there[:, trunk]) < 0.03


def test_turning_a_motion_rotates_its_forces_and_changes_nothing_else(run: Run) -> None:
    # AMASS turns about z; OpenSim's y is that axis, so the turn is about y.
    turn = Rotation.from_euler("y", 90, degrees=True).as_matrix()
    assert rms(force(run, "walk_turned") - force(run, "walk") @ turn.T) < 0.02 * WEIGHT_N
    assert rms(run.sequence("walk_turned")["activation"][:, :80] - run.sequence("walk")["activation"][:, :80]) < 0.03


def test_raising_a_motion_changes_nothing(run: Run) -> None:
    assert rms(force(run, "walk_raised") - force(run, "walk")) < 0.01 * WEIGHT_N
    assert rms(run.sequence("walk_raised")["activation"][:, :80] - run.sequence("walk")["activation"][:, :80]) < 0.01
