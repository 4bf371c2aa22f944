"""Registration of measured people whose rows name no marker set: errors and angles against what others published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mint.body import markers, stage, validate
from mint.config.body import BodyConfig
from mint.config.kinematics import KinematicsConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, frame_count, windows
from mint.core.motionfiles import read_storage
from mint.kinematics import ik, scale


@dataclass(frozen=True)
class Run:
    """The bundle of scaling, and those of the chunks of one trial."""

    scaled: Bundle
    chunks: list[Bundle]
    csv: str

    @property
    def rms_mm(self) -> float:
        return 1e3 * float(np.sqrt(np.mean(np.concatenate([each["marker_rms_m"] for each in self.chunks]) ** 2)))


def run(osim: Path, folder: Path, trial: Path, static: Path, mass_kg: float | None = None) -> Run:
    validate.run(trial, None, folder / "validated.npz", ValidateConfig())
    body = stage.run(folder / "validated.npz", None, None, folder / "body.npz", BodyConfig(), static_path=static)
    assert body.ok, body.status.message
    scaled = scale.run(
        osim,
        [folder / "body.npz"],
        "",
        "pose2sim",
        folder / "scaled.osim",
        folder / "leg.osim",
        folder / "leg_model.json",
        folder / "scale.npz",
        KinematicsConfig(),
        static_path=static,
        mass_kg=mass_kg,
        validated=[folder / "validated.npz"],
        marker_set_csv=folder / "marker_set.csv",
    )
    assert scaled.ok, scaled.status.message
    valid = Bundle.read(folder / "validated.npz")
    chunks = []
    for window in windows(frame_count((len(valid["markers"]) - 1) / float(valid.meta["frame_rate_hz"]))):
        ends = (window.start, window.stop)
        markers.run(
            folder / "validated.npz",
            folder / "body.npz",
            None,
            None,
            folder / "markers.trc",
            window=ends,
            margin_frames=KinematicsConfig().margin_frames,
            config=BodyConfig(),
        )
        chunks.append(
            ik.run(
                folder / "markers.trc",
                folder / "scale.npz",
                folder / "scaled.osim",
                folder / "leg.osim",
                ends,
                folder / f"ik{window.chunk}.npz",
                KinematicsConfig(),
            )
        )
    assert chunks and all(each.ok for each in chunks), [each.status.message for each in chunks]
    return Run(scaled, chunks, (folder / "marker_set.csv").read_text())


@pytest.fixture(scope="module")
def opencap(pose2sim_osim: Path, shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    walk, static = (shared(f"motion/opencap_subject4/{name}.trc") for name in ("walking1", "static1"))
    return run(pose2sim_osim, tmp_path_factory.mktemp("opencap"), walk, static, 65.0)


def test_markers_of_a_walk_are_followed_to_a_centimetre(opencap):
    assert opencap.rms_mm < 10


def test_hip_and_knee_flexion_agree_with_published_inverse_kinematics(opencap, shared):
    time_s, columns, values, degrees = read_storage(shared("motion/opencap_subject4/walking1_ik.mot"))
    values = values if degrees else np.degrees(values)
    for name in ("hip_flexion_r", "hip_flexion_l", "knee_angle_r", "knee_angle_l"):
        errors = [
            np.degrees(each["q"][:, each.names("coordinates").index(name)])
            - np.interp(each["frames"] / FRAME_RATE_HZ + time_s[0], time_s, values[:, columns.index(name)])
            for each in opencap.chunks
        ]
        assert np.sqrt(np.mean(np.concatenate(errors) ** 2)) < 5, name


def test_factors_are_those_of_a_person(opencap):
    factors = np.array(list(opencap.scaled.meta["scale_factors"].values()))
    assert factors.min() > 0.85 and factors.max() < 1.15


def test_the_registered_set_is_a_table(opencap):
    lines = opencap.csv.splitlines()
    assert lines[0].startswith("marker,landmark,body,x_m,y_m,z_m,weight,residual_mm,offset_mm")
    bodies = {line.split(",")[0]: line.split(",")[1:3] for line in lines[1:]}
    assert bodies["r_knee"] == ["lateral_femoral_epicondyle_r", "femur_r"]
    assert bodies["L_thigh3"] == ["cluster", "femur_l"] and bodies["r_sh3"] == ["cluster", "tibia_r"]


def test_a_person_in_c3d_with_a_static_trial_of_one_frame_is_followed(pose2sim_osim, shared, tmp_path):
    walk, static = (shared(f"motion/schreiber2019/2014022/2014022_{name}.c3d") for name in ("C4_04", "ST"))
    found = run(pose2sim_osim, tmp_path, walk, static)
    assert found.rms_mm < 15 and len(found.scaled.names("registered")) == 52
    assert found.scaled.meta["mass_kg"] == Bundle.read(tmp_path / "body.npz").meta["mass_kg"] > 40
