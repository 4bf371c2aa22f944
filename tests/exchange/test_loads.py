"""Ground forces in OpenSim's columns: the same load, and numbers everywhere."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from mint.exchange.loads import GroundLoads, ground_loads, write_external_loads

BODIES = ("calcn_r", "toes_r", "calcn_l", "toes_l")


@pytest.fixture
def pressed() -> tuple[np.ndarray, np.ndarray]:
    """Forces (6, 4, 3) N and moments about the origin; the left foot is in the air in rows 2 and 3, the right toes always."""
    rng = np.random.default_rng(0)
    force = rng.normal(0, 60, (6, 4, 3)) + np.array([0, 400, 0])
    moment = rng.normal(0, 50, (6, 4, 3))
    force[:, 1], moment[:, 1] = [-1e-4, 1e-5, 0], [1e-5, 0, -1e-5]
    force[2:4, 2:], moment[2:4, 2:] = 0.0, 0.0
    return force, moment


@pytest.mark.parametrize("per_foot", [False, True])
def test_loads_are_those_of_the_spheres_about_all_axes(pressed: tuple[np.ndarray, np.ndarray], per_foot: bool) -> None:
    force, moment = pressed
    loads = ground_loads(BODIES, force, moment, per_foot)
    assert loads.bodies == (("calcn_r", "calcn_l") if per_foot else BODIES)
    assert np.allclose(loads.force_N.sum(axis=1), force.sum(axis=1), atol=1e-3)
    # With the load at the floor y = 0 only the vertical moment is free; the others are those of force and place.
    assert np.allclose(loads.moment_Nm().sum(axis=1), moment.sum(axis=1), atol=1e-3)
    assert not loads.point_m[..., 1].any() and not loads.torque_Nm[..., [0, 2]].any()


def test_the_centre_of_pressure_is_finite_and_stays_where_it_was_last(pressed: tuple[np.ndarray, np.ndarray]) -> None:
    loads = ground_loads(BODIES, *pressed, per_foot=False)
    for values in (loads.force_N, loads.point_m, loads.torque_Nm):
        assert np.isfinite(values).all()
    assert not loads.force_N[2:4, 2:].any() and not loads.force_N[:, 1].any()
    assert np.array_equal(loads.point_m[2, 2], loads.point_m[1, 2]) and np.array_equal(
        loads.point_m[3, 2], loads.point_m[1, 2]
    )
    assert not loads.point_m[:, 1].any(), "toes that never touch the floor"


def test_external_loads_name_the_columns_of_their_file(pressed: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    loads: GroundLoads = ground_loads(BODIES, *pressed, per_foot=True)
    write_external_loads(tmp_path / "GRF_walk.xml", tmp_path / "GRF_walk.mot", loads)
    root = ElementTree.parse(tmp_path / "GRF_walk.xml").getroot()
    columns = loads.table()[0]
    for force in root.iter("ExternalForce"):
        for tag in ("force_identifier", "point_identifier", "torque_identifier"):
            assert {f"{force.findtext(tag)}{axis}" for axis in "xyz"} <= set(columns)
    assert root.findtext(".//datafile") == "GRF_walk.mot" and "ground_force_right_vy" in columns
