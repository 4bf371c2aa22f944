"""Key points of video are where the set-ups of the wheel have them, but for those that bear another point's name there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mint.body.landmark_table import landmarks, recognized
from mint.body.video_places import MOST_SD, placed, read_places
from mint.core.status import Reason, StageError
from mint.inputs import video_places
from tests.wheels import wheel_folder

KEY_POINTS = [
    "Nose",
    "RHip",
    "LHip",
    "RKnee",
    "LKnee",
    "RAnkle",
    "LAnkle",
    "RShoulder",
    "LShoulder",
    "RElbow",
    "LElbow",
]
FEET = ["RHeel", "LHeel", "RBigToe", "LBigToe", "RSmallToe", "LSmallToe"]
STUDY = [
    "r_knee_study",
    "L_knee_study",
    "r_ankle_study",
    "r_mankle_study",
    "C7_study",
    "r_mwrist_study",
    "r_thigh1_study",
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("wheels")
    video_places.run(wheel_folder("pose2sim", folder), folder / "places.csv")
    return read_places(folder / "places.csv")


def test_a_key_point_is_where_the_set_up_of_its_set_has_it(places: pd.DataFrame) -> None:
    names = [*KEY_POINTS, *FEET, "Head", "Neck", "Hip"]
    found, elsewhere = placed(recognized(names, "pose2sim"), "pose2sim", places)
    rows = places[places["set"] == "halpe_26"].set_index("marker")
    assert set(found) == set(names) and set(elsewhere) == {"RHeel", "LHeel"}
    for name in set(names) - set(elsewhere):
        (mark,) = found[name]
        assert mark.body == rows.loc[name, "body"]
        assert np.allclose(mark.place_m, rows.loc[name, ["x_m", "y_m", "z_m"]].astype(float), atol=1e-9), name
    ours = landmarks("pose2sim")
    assert found["RHeel"] == [ours["heel_r"]]
    assert all(found[name][0].sd_m == ours[found[name][0].name].sd_m for name in names)


def test_a_hip_at_the_knee_and_ankles_of_another_model_are_not_taken(places: pd.DataFrame) -> None:
    # Neck is in COCO_17 only without toes.
    found, elsewhere = placed(
        recognized(KEY_POINTS, "pose2sim"), "pose2sim", places[places["set"].isin(["coco_17", "study"])]
    )
    assert set(elsewhere) == {"RHip"} and elsewhere["RHip"] == pytest.approx(0.348, abs=0.002)
    assert found["RHip"] == [landmarks("pose2sim")["hip_centre_r"]]
    assert found["LHip"] != [landmarks("pose2sim")["hip_centre_l"]]
    found, elsewhere = placed(recognized([*KEY_POINTS, *STUDY], "pose2sim"), "pose2sim", places)
    assert set(elsewhere) == {"r_ankle_study", "r_mankle_study", "r_mwrist_study"} and np.isinf(
        elsewhere["r_mwrist_study"]
    )
    assert np.allclose(found["C7_study"][0].place_m, [-0.08, 0.42, 0.003])
    assert found["r_thigh1_study"] == recognized([*KEY_POINTS, *STUDY], "pose2sim")["r_thigh1_study"]


def test_on_another_model_a_key_point_is_as_far_from_its_landmark(places: pd.DataFrame) -> None:
    on = {model: placed(recognized([*KEY_POINTS, *FEET], model), model, places)[0] for model in ("pose2sim", "full402")}
    ours = {model: landmarks(model) for model in on}
    for name in [*KEY_POINTS, *FEET]:
        (a,), (b,) = on["pose2sim"][name], on["full402"][name]
        moved = [
            np.array(mark.place_m) - ours[model][mark.name].place_m for model, mark in (("pose2sim", a), ("full402", b))
        ]
        if a.body == b.body:
            assert np.allclose(*moved, atol=1e-9), name
        else:
            assert not np.any(moved[1]), name


def test_what_is_taken_is_as_near_its_landmark_as_the_limit_says(places: pd.DataFrame) -> None:
    """Over all set-ups: nothing that is taken is another point, and what is refused is a known fault."""
    ours = landmarks("pose2sim")
    faults = {}
    for name in sorted(set(places["set"]) - {"study"}):
        rows = places[places["set"] == name]
        found, elsewhere = placed(recognized(list(rows["marker"]), "pose2sim"), "pose2sim", rows)
        faults.update({(name, marker): far for marker, far in elsewhere.items()})
        for (mark,) in found.values():
            assert np.linalg.norm(np.array(mark.place_m) - ours[mark.name].place_m) <= MOST_SD * mark.sd_m + 1e-9
    assert {marker for _, marker in faults} == {"RHip", "RHeel", "LHeel"}


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.csv").write_text("set,marker\nhalpe_26,Nose\n")
    for name in ("a.csv", "b.csv", "none.csv"):
        with pytest.raises(StageError) as error:
            read_places(tmp_path / name)
        assert error.value.reason is Reason.FILE_CORRUPT and name in error.value.detail
