"""A person of known proportions for registration: markers named as laboratories do, standing once and moving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mint.body.landmark_table import bodies_by_name, landmarks
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.registration.frames import Seen
from mint.kinematics.registration.skeleton import Skeleton

# Factors of the person, by name; what is left out is 1.03.
FACTORS = {
    "thigh_y": 1.10,
    "shank_y": 0.97,
    "pelvis_z": 1.0,
    "pelvis_x": 0.98,
    "foot_xy": 1.06,
    "forearm_y": 1.05,
    "lumbar_y": 1.02,
    "thorax_y": 1.04,
}
ELSE = 1.03
# Marker -> landmark of the table, in the names of Plug-in Gait with those of the other ends of the joints.
NAMES = {
    "asi": "anterior_superior_iliac_spine",
    "psi": "posterior_superior_iliac_spine",
    "kne": "lateral_femoral_epicondyle",
    "kni": "medial_femoral_epicondyle",
    "ank": "lateral_malleolus",
    "med": "medial_malleolus",
    "hee": "heel",
    "mt1": "first_metatarsal_head",
    "mt5": "fifth_metatarsal_head",
    "sho": "acromion",
    "elb": "lateral_humeral_epicondyle",
    "elbm": "medial_humeral_epicondyle",
    "wra": "radial_styloid",
    "wrb": "ulnar_styloid",
    "fin": "second_metacarpal_head",
    "fhd": "head_front",
    "bhd": "head_back",
}
MIDDLE = {"C7": "seventh_cervical", "T10": "tenth_thoracic", "CLAV": "jugular_notch", "STRN": "xiphoid"}
# Markers that are no landmarks: body and place in m on the unscaled right side. The names of the last two tell nothing.
CLUSTERS = {
    "thi1": ("femur", (0.05, -0.15, 0.09)),
    "thi2": ("femur", (0.06, -0.25, 0.07)),
    "tib1": ("tibia", (0.03, -0.12, 0.05)),
    "tib2": ("tibia", (-0.04, -0.2, 0.06)),
}
UNNAMED = {"U_11": ("femur_r", (-0.05, -0.2, 0.08)), "U_12": ("torso", (-0.1, 0.25, 0.03))}
ANGLES = {
    "pelvis_tilt": (8, 0.5, -5),
    "pelvis_rotation": (20, 0.3, 20),
    "hip_flexion_r": (30, 0.9, 15),
    "hip_adduction_r": (6, 0.9, -2),
    "hip_rotation_r": (8, 0.7, 3),
    "knee_angle_r": (28, 0.9, 32),
    "ankle_angle_r": (14, 0.9, 3),
    "hip_flexion_l": (-30, 0.9, 15),
    "hip_adduction_l": (6, 0.7, -2),
    "hip_rotation_l": (-8, 0.7, 3),
    "knee_angle_l": (-28, 0.9, 32),
    "ankle_angle_l": (-14, 0.9, 3),
    "L5_S1_Flex_Ext": (2, 0.9, -2),
    "neck_rotation": (20, 0.4, 0),
    "arm_flex_r": (25, 0.9, 0),
    "arm_add_r": (8, 0.5, -60),
    "elbow_flex_r": (20, 0.9, 50),
    "pro_sup_r": (15, 0.4, 90),
    "arm_flex_l": (-25, 0.9, 0),
    "arm_add_l": (8, 0.5, -60),
    "elbow_flex_l": (-20, 0.9, 50),
    "pro_sup_l": (15, 0.4, 90),
}
STANDING = {
    "arm_add_r": -60,
    "arm_add_l": -60,
    "elbow_flex_r": 10,
    "elbow_flex_l": 10,
    "pro_sup_r": 90,
    "pro_sup_l": 90,
}
NOISE_M = 0.002


@dataclass(frozen=True)
class Person:
    """What is seen of the person, and what is true: factors by name, bodies of all markers."""

    seen: Seen
    factors: dict[str, float]
    bodies: dict[str, str]


def person(osim: Path, moving: int = 12, seed: int = 4) -> Person:
    """Someone who stands in one frame and moves in the others; markers lie off their landmarks as on people."""
    skeleton = Skeleton(osim, coordinate_rows("pose2sim"))
    factors = np.array([FACTORS.get(name, ELSE) for name in skeleton.factors.names])
    names, bodies, places = _markers(np.random.default_rng(seed))
    own = skeleton.factors.by_body(factors)[[skeleton.bodies.index(body) for body in bodies]]
    kinematics = MarkerKinematics(skeleton.marked(factors, names, bodies, places * own), names)
    q = np.tile(kinematics.neutral, (moving + 1, 1))
    for name, degrees in STANDING.items():
        q[0, kinematics.names.index(name)] = np.radians(degrees)
    time = np.arange(moving) / 12
    for name, (amplitude, frequency, mean) in ANGLES.items():
        q[1:, kinematics.names.index(name)] = np.radians(mean + amplitude * np.sin(2 * np.pi * frequency * time + 0.3))
    q[1:, kinematics.names.index("pelvis_tx")] = time
    points = np.array([kinematics.positions(row) for row in q])
    points += np.random.default_rng(seed + 1).normal(0, NOISE_M, points.shape)
    return Person(
        Seen(names, points, np.arange(moving + 1) == 0),
        dict(zip(skeleton.factors.names, factors.tolist(), strict=True)),
        dict(zip(names, bodies, strict=True)),
    )


def _markers(rng: np.random.Generator) -> tuple[list[str], list[str], np.ndarray]:
    table = landmarks("pose2sim")
    names, bodies, places = [], [], []
    for stem, landmark in NAMES.items():
        for side in "rl":
            mark = table[f"{landmark}_{side}"]
            names.append(side.upper() + stem.upper())
            bodies.append(mark.body)
            places.append(np.array(mark.place_m) + rng.normal(0, 0.3 * mark.sd_m, 3))
    for name, landmark in MIDDLE.items():
        names.append(name)
        bodies.append(table[landmark].body)
        places.append(np.array(table[landmark].place_m) + rng.normal(0, 0.3 * table[landmark].sd_m, 3))
    for stem, (body, place) in CLUSTERS.items():
        for side, mirror in (("r", 1), ("l", -1)):
            names.append(side.upper() + stem.upper())
            bodies.append(f"{body}_{side}")
            places.append(np.array(place) * [1, 1, mirror])
    for name, (body, place) in UNNAMED.items():
        names.append(name)
        bodies.append(body)
        places.append(np.array(place))
    assert bodies_by_name(names).keys() == set(names) - set(UNNAMED)
    return names, bodies, np.array(places)


def renamed(seen: Seen, names: dict[str, str]) -> Seen:
    """The same markers under other names."""
    return replace(seen, names=[names.get(name, name) for name in seen.names])


def only(seen: Seen, keep: list[str]) -> Seen:
    """Some of the markers."""
    chosen = [i for i, name in enumerate(seen.names) if name in keep]
    return replace(seen, names=[seen.names[i] for i in chosen], points=seen.points[:, chosen])
