"""Names of markers, and the landmarks they are."""

from __future__ import annotations

import pytest

from mint.body.landmark_table import CLUSTER, MODELS, bodies_by_name, is_key_point_file, landmarks, names_of, recognized
from mint.body.marker_parts import parts_of
from mint.core.tables import table

KEY_POINTS = [
    "RHip",
    "RKnee",
    "RAnkle",
    "RBigToe",
    "RHeel",
    "LHip",
    "LKnee",
    "LAnkle",
    "LHeel",
    "Neck",
    "Head",
    "Nose",
    "RShoulder",
    "LShoulder",
    "RElbow",
    "RWrist",
]


def name_of(marker: str, *others: str) -> str:
    found = recognized([marker, *others], "pose2sim").get(marker, [])
    return " or ".join(landmark.name for landmark in found)


@pytest.mark.parametrize(
    ("marker", "landmark"),
    [
        ("LASI", "anterior_superior_iliac_spine_l"),
        ("Somebody:RASI", "anterior_superior_iliac_spine_r"),
        ("R_IAS", "anterior_superior_iliac_spine_r"),
        ("r.ASIS_study", "anterior_superior_iliac_spine_r"),
        ("L.ASIS", "anterior_superior_iliac_spine_l"),
        ("R.PSIS", "posterior_superior_iliac_spine_r"),
        ("RKNE", "lateral_femoral_epicondyle_r"),
        ("R_FLE", "lateral_femoral_epicondyle_r"),
        ("LLFC", "lateral_femoral_epicondyle_l"),
        ("LMFC", "medial_femoral_epicondyle_l"),
        ("r_mknee_study", "medial_femoral_epicondyle_r"),
        ("LKNE_med", "medial_femoral_epicondyle_l"),
        ("R_FAX", "fibular_head_r"),
        ("L_TTC", "tibial_tuberosity_l"),
        ("R_FCC", "heel_r"),
        ("R_FM1", "first_metatarsal_head_r"),
        ("LLMAL", "lateral_malleolus_l"),
        ("RMMAL", "medial_malleolus_r"),
        ("RSMH", "second_metatarsal_head_r"),
        ("RTOE", "second_metatarsal_head_r or hallux_r"),
        ("CV7", "seventh_cervical"),
        ("C7_study", "seventh_cervical"),
        ("CLAV", "jugular_notch"),
        ("RCLAV", "clavicle_middle_r"),
        ("V.Sacral", "sacrum"),
        ("L_HJC_reg", "hip_centre_l"),
        ("RKnee", "lateral_femoral_epicondyle_r"),
        ("R.Knee", "lateral_femoral_epicondyle_r"),
        ("right knee", "lateral_femoral_epicondyle_r"),
        ("RTHI", "thigh_cluster_r"),
        ("r_thigh12", "thigh_cluster_r"),
        ("LTIB3", "shank_cluster_l"),
        ("Foot_r7", "foot_cluster_r"),
        ("foot_l10", "foot_cluster_l"),
        ("*12", ""),
        ("U_1", ""),
        ("X", ""),
        ("", ""),
        ("L", ""),
    ],
)
def test_a_name_is_the_landmark_that_laboratories_mean(marker, landmark):
    assert name_of(marker) == landmark


def test_in_a_file_of_key_points_a_knee_is_the_joint():
    assert is_key_point_file(KEY_POINTS, "pose2sim")
    assert name_of("RKnee", *KEY_POINTS) == "knee_centre_r" and name_of("RHip", *KEY_POINTS) == "hip_centre_r"
    assert name_of("r_knee_study", *KEY_POINTS) == "lateral_femoral_epicondyle_r"


def test_markers_that_were_made_from_key_points_say_that_the_others_are_key_points():
    """OpenCap's files have both, and no nose."""
    made = [f"{side}{name}_study" for side in ("r", "L") for name in ("_knee", "_mknee", "_ankle", "_calc")]
    assert name_of("RKnee", "RHip", "RAnkle", *made) == "knee_centre_r"
    assert name_of("r_knee_study", "RKnee", *made) == "lateral_femoral_epicondyle_r"
    assert name_of("RKnee", "RHip", "RAnkle", *made[:7]) == "lateral_femoral_epicondyle_r"


@pytest.mark.parametrize("model", MODELS)
def test_landmarks_of_left_and_right_mirror_each_other(model):
    every = landmarks(model)
    pairs = [name[:-2] for name in every if name.endswith("_r")]
    assert len(pairs) > 40
    for stem in pairs:
        right, left = every[f"{stem}_r"], every[f"{stem}_l"]
        assert right.place_m[:2] == left.place_m[:2] and right.sd_m == left.sd_m
        if right.body != left.body:
            assert right.place_m[2] == -left.place_m[2] and left.body.lower() == right.body.lower()[:-1] + "l"


def test_every_landmark_has_names_a_source_and_an_uncertainty():
    rows = table("landmarks").fillna("")
    names = rows[["plug_in_gait", "cgm2", "helen_hayes", "isb_rizzoli", "rajagopal", "opencap", "video", "others"]]
    assert (names != "").any(axis=1).all() and (rows["source"] != "").all()
    assert ((rows["sd_mm"] >= 5) & (rows["noise_mm"] >= 5)).all()
    assert not rows["landmark"].duplicated().any()


def test_a_name_that_means_several_landmarks_is_one_of_known_cases():
    """Two landmarks with one name in one convention would be confused in silence."""
    rows = table("landmarks").fillna("").astype(str)
    for column in ("plug_in_gait", "cgm2", "helen_hayes", "isb_rizzoli", "rajagopal", "opencap", "video"):
        points = rows[rows["kind"] != CLUSTER]
        stems = [(row["side"], stem) for row in points.to_dict("records") for stem in row[column].split()]
        assert len(stems) == len(set(stems)), column


def test_parts_of_the_body_follow_the_landmarks():
    assert parts_of(["R_FLE", "L_FCC", "SXS", "R_UHE", "*7"], None) == [
        "upper_leg_r",
        "foot_l",
        "torso",
        "forearm_r",
        "",
    ]
    assert bodies_by_name(["R_FLE", "*7"]) == {"R_FLE": "femur_r"}


def test_landmarks_are_named_in_messages_as_laboratories_do():
    assert names_of("heel_r") == "RHEE or R_FCC" and names_of("sacrum") == "SACR or SAC"
