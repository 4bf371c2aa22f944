"""Columns of ground forces are grouped by plate, whatever convention names them."""

from __future__ import annotations

import pytest

from mint.measured.force_columns import plate_columns

CONVENTIONS = {
    "one plate": (["ground_force_v", "ground_force_p", "ground_torque_"], "0"),
    "number before": (["1_ground_force_v", "1_ground_force_p", "1_ground_torque_"], "1"),
    "number within": (["ground_force_2_v", "ground_force_2_p", "ground_torque_2_"], "2"),
    "moment as m": (["ground_force_1_v", "ground_force_1_p", "ground_force_1_m"], "1"),
    "side within": (["ground_force_r_v", "ground_force_r_p", "ground_torque_r_"], "r"),
    "side before": (["l_ground_force_v", "l_ground_force_p", "l_ground_torque_"], "l"),
    "capitals": (["R_ground_force_v", "R_ground_force_p", "R_ground_torque_"], "r"),
    "moment as a word": (["ground_force_r_v", "ground_force_r_p", "ground_moment_r_m"], "r"),
    "body": (["calcn_r_force_v", "calcn_r_force_p", "calcn_r_torque_"], "calcn_r"),
    "glued number": (["force1_v", "force1_p", "torque1_"], "1"),
    "plates of a table": (["FP1.f", "FP1.cop", "FP1.m"], "1"),
}


@pytest.mark.parametrize(("columns", "plate"), CONVENTIONS.values(), ids=CONVENTIONS)
def test_every_convention_gives_force_place_and_moment(columns: list[str], plate: str) -> None:
    found = plate_columns([f"{column}{axis}" for column in columns for axis in "xyz"])
    assert [(each.name, each.force, each.place, each.moment) for each in found.plates] == [
        (plate, (0, 1, 2), (3, 4, 5), (6, 7, 8))
    ]
    assert found.unknown == [] and found.notes == []


def test_plates_are_told_apart_and_strange_columns_are_named() -> None:
    columns = [
        "ground_force_vx",
        "ground_force_vy",
        "ground_force_vz",
        "ground_force_px",
        "ground_force_py",
        "ground_force_pz",
        "1_ground_force_vx",
        "1_ground_force_vy",
        "1_ground_force_vz",
        "1_ground_force_px",
        "1_ground_force_py",
        "1_ground_force_pz",
        "knee_angle_r",
        "frame",
        "pelvis_x",
        "pelvis_tx",
        "pelvis_ty",
    ]
    found = plate_columns(columns)
    assert [(each.name, each.moment) for each in found.plates] == [("0", None), ("1", None)]
    assert found.unknown == ["knee_angle_r", "frame", "pelvis_x", "pelvis_tx", "pelvis_ty"]


def test_a_plate_that_lacks_a_component_is_left_out_by_name() -> None:
    found = plate_columns([f"ground_force_3_{part}" for part in ("vx", "vy", "vz", "px", "pz")])
    assert found.plates == [] and len(found.unknown) == 5
    assert found.notes == ["plate 3 is left out: there are no columns for place y"]


def test_a_column_that_stands_twice_is_told() -> None:
    columns = [f"ground_force_1_{kind}{axis}" for kind in "vp" for axis in "xyz"]
    found = plate_columns([*columns, "1_ground_force_vy"])
    assert found.plates[0].force == (0, 1, 2) and "1_ground_force_vy" in found.notes[0]
