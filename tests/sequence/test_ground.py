"""Ground reaction columns."""

from __future__ import annotations

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.pressure import centre_of_pressure
from mint.sequence.ground import GRF_COLUMNS, grf_table, held_centre_of_pressure
from tests.sequence import factory
from tests.sequence.factory import Project


def test_columns_are_mints_eighteen_in_order() -> None:
    assert GRF_COLUMNS[:9] == (
        "ground_force_right_vx",
        "ground_force_right_vy",
        "ground_force_right_vz",
        "ground_force_right_px",
        "ground_force_right_py",
        "ground_force_right_pz",
        "ground_force_left_vx",
        "ground_force_left_vy",
        "ground_force_left_vz",
    )
    assert GRF_COLUMNS[12:] == (
        "ground_torque_right_x",
        "ground_torque_right_y",
        "ground_torque_right_z",
        "ground_torque_left_x",
        "ground_torque_left_y",
        "ground_torque_left_z",
    )
    assert len(GRF_COLUMNS) == 18


def test_centre_of_pressure_and_free_torque_return_what_made_the_moment() -> None:
    rng = np.random.default_rng(2)
    force = rng.normal(size=(40, 2, 3)) * 100 + np.array([0, 600, 0])
    point = rng.normal(size=(40, 2, 3)) * np.array([1, 0, 1])
    torque = rng.normal(size=(40, 2)) * 10
    found, free = centre_of_pressure(force, factory.moment_about_origin(force, point, torque))
    assert np.allclose(found, point) and np.allclose(free, torque)


def test_columns_reproduce_force_and_moment_of_every_loaded_foot() -> None:
    frames = np.arange(200)
    force = factory.force_truth(frames)
    moment = factory.moment_about_origin(force, factory.cop_truth(frames), factory.torque_truth(frames))
    grf, contact = grf_table(force, moment, 20.0)
    for side in range(2):
        rows = contact[:, side]
        f, p, t = (
            grf[rows, 6 * side : 6 * side + 3],
            grf[rows, 6 * side + 3 : 6 * side + 6],
            grf[rows, 12 + 3 * side : 15 + 3 * side],
        )
        assert rows.any() and not rows.all()
        assert np.allclose(np.cross(p, f) + t, moment[rows, side])


def test_foot_below_20_newtons_has_no_force_no_torque_and_no_centre_of_pressure() -> None:
    force = np.zeros((3, 2, 3))
    force[:, :, 1] = [[19.99, 20.0], [500, 3], [0, 0]]
    grf, contact = grf_table(force, np.ones((3, 2, 3)), 20.0)
    assert contact.tolist() == [[False, True], [True, False], [False, False]]
    assert np.isnan(grf[0, 3:6]).all() and (grf[0, 0:3] == 0).all() and (grf[0, 12:15] == 0).all()
    assert grf[0, 7] == 20.0 and np.isfinite(grf[0, 9:12]).all()


def test_last_valid_centre_of_pressure_is_held() -> None:
    grf = np.zeros((6, 18))
    grf[:, 3] = [np.nan, 1.0, np.nan, np.nan, 2.0, np.nan]
    grf[:, 9] = np.nan
    held = held_centre_of_pressure(grf)
    assert held[:, 3].tolist() == [1.0, 1.0, 1.0, 1.0, 2.0, 2.0]
    assert (held[:, 9] == 0).all() and np.isfinite(held).all()


def test_centre_of_pressure_of_a_seam_follows_the_blended_forces_not_the_blended_centres(tmp_path) -> None:
    """Before: 100 N at x = 0. After: 900 N at x = 1 m. Half way the force is 500 N and it acts at 0.9 m, not at 0.5 m."""
    project = Project(tmp_path)
    project.add("step", 160)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        n = window.nodes
        size, x = (100.0, 0.0) if window.chunk == 0 else (900.0, 1.0)
        force, point = np.zeros((n, 2, 3)), np.zeros((n, 2, 3))
        force[:, 0, 1], point[:, 0, 0] = size, x
        bundles["trajectory"].arrays |= {
            "grf_force_N": force,
            "grf_moment_Nm": factory.moment_about_origin(force, point, np.zeros((n, 2))),
        }

    project.solve("step", change)
    bundle = project.merge("step")
    row = bundle["grf"][bundle["frames"] == 77][0]
    assert row[GRF_COLUMNS.index("ground_force_right_vy")] == pytest.approx(500)
    assert row[GRF_COLUMNS.index("ground_force_right_px")] == pytest.approx(0.9)
    assert not bundle["contact"][:, 1].any()
