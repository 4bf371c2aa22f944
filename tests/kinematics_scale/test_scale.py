from __future__ import annotations

import numpy as np
import opensim
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, StageStatus, Status
from mint.kinematics import ik
from mint.kinematics.model.export import items, load_model, vector
from mint.kinematics.scaling.placement import set_pose
from tests.kinematics_scale.conftest import FACTORS, MASS_KG, rest_markers, run_scale, write_body


def test_known_scale_factors_are_recovered_within_two_percent(subject):
    for bodies, factors in FACTORS.items():
        for body in bodies.split():
            assert np.allclose(subject.bundle.meta["scale_factors"][body], factors, atol=0.02), body


def test_a_uniformly_larger_subject_gives_one_factor_everywhere(pose2sim_osim, tmp_path):
    every = {" ".join(FACTORS): (1.06, 1.06, 1.06)}
    body = write_body(tmp_path / "body.npz", rest_markers(pose2sim_osim, every))
    bundle = run_scale(pose2sim_osim, body, tmp_path)
    for name, factors in bundle.meta["scale_factors"].items():
        assert np.allclose(factors, 1.06, atol=1e-4), name
    assert bundle.meta["static_max_m"] < 2e-3


def test_mass_is_the_subjects_and_pose_and_locks_are_the_models(subject, pose2sim_osim):
    model, generic = load_model(subject.osim), load_model(pose2sim_osim)
    assert model.getTotalMass(model.initSystem()) == pytest.approx(MASS_KG, abs=1e-6)
    for coordinate in items(model.getCoordinateSet()):
        original = generic.getCoordinateSet().get(coordinate.getName())
        assert coordinate.getDefaultValue() == pytest.approx(original.getDefaultValue(), abs=1e-12)
        assert coordinate.getDefaultLocked() == original.getDefaultLocked()


def test_normalized_fiber_length_at_rest_stays_and_strength_does_not_change(subject, pose2sim_osim):
    model, generic = load_model(subject.osim), load_model(pose2sim_osim)
    state, rest = model.initSystem(), generic.initSystem()
    assert model.getMuscles().getSize() == 318
    longer = 0
    for muscle in items(model.getMuscles()):
        original = generic.getMuscles().get(muscle.getName())
        scaled, before = (_normalized_fiber_length(m, s) for m, s in ((muscle, state), (original, rest)))
        assert scaled == pytest.approx(before, rel=0.02), muscle.getName()
        longer += abs(muscle.getOptimalFiberLength() / original.getOptimalFiberLength() - 1) > 0.01
        assert muscle.getMaxIsometricForce() == original.getMaxIsometricForce()
        assert muscle.getPennationAngleAtOptimalFiberLength() == original.getPennationAngleAtOptimalFiberLength()
        assert muscle.getMaxContractionVelocity() == original.getMaxContractionVelocity()
    assert longer > 250, "this subject's proportions change most muscles"


def _normalized_fiber_length(muscle, state):
    along = muscle.getLength(state) - muscle.getTendonSlackLength()
    across = muscle.getOptimalFiberLength() * np.sin(muscle.getPennationAngleAtOptimalFiberLength())
    return np.hypot(along, across) / muscle.getOptimalFiberLength()


def test_contact_spheres_scale_with_the_foot(subject, pose2sim_osim):
    model, generic = load_model(subject.osim), load_model(pose2sim_osim)
    spheres = [g for g in map(opensim.ContactSphere.safeDownCast, items(model.getContactGeometrySet())) if g]
    assert len(spheres) == 12
    for sphere in spheres:
        original = opensim.ContactSphere.safeDownCast(generic.getContactGeometrySet().get(sphere.getName()))
        factors = np.array(subject.bundle.meta["scale_factors"][sphere.getFrame().findBaseFrame().getName()])
        assert np.allclose(vector(sphere.get_location()), factors * vector(original.get_location()), atol=1e-9)
        assert sphere.getRadius() == pytest.approx(factors[1] * original.getRadius())


def test_knee_and_ankle_markers_move_to_tibia_and_talus_at_the_same_place(subject):
    model = load_model(subject.osim)
    carriers = {
        name: model.getMarkerSet().get(name).getParentFrame().findBaseFrame().getName()
        for name in ("RKNE", "LKNI", "RANK", "LANI")
    }
    assert carriers == {"RKNE": "tibia_r", "LKNI": "tibia_l", "RANK": "talus_r", "LANI": "talus_l"}


def test_a_symmetric_body_gets_mirrored_markers(subject):
    model = load_model(subject.osim)
    for name in ("RKNE", "RHEE", "RELB", "RASI", "RSHO", "RFHD"):
        right, left = (np.array(vector(model.getMarkerSet().get(n).get_location())) for n in (name, "L" + name[1:]))
        assert np.allclose(right * [1, 1, -1], left, atol=1e-12), name


def test_an_adjustment_moves_its_marker_alone_by_its_millimetres(subject, pose2sim_osim, tmp_path):
    row = {"marker": "RHEE", "dx_mm": 5, "dy_mm": -3, "dz_mm": 2}
    bundle = run_scale(pose2sim_osim, subject.folder / "body.npz", tmp_path, adjustments=[row])
    assert bundle.ok
    before, after = load_model(subject.osim), load_model(tmp_path / "scaled.osim")
    for marker in items(after.getMarkerSet()):
        original = vector(before.getMarkerSet().get(marker.getName()).get_location())
        shift = np.subtract(vector(marker.get_location()), original)
        expected = [0.005, -0.003, 0.002] if marker.getName() == "RHEE" else [0, 0, 0]
        assert np.allclose(shift, expected, atol=1e-9), marker.getName()


@pytest.mark.parametrize(
    ("change", "reason", "text"),
    [
        ({"points": {"RKNE": [0.0, -0.9, 0.0]}}, Reason.SCALING, "femur"),
        ({"adjustments": [{"marker": "NOPE", "dx_mm": 1, "dy_mm": 0, "dz_mm": 0}]}, Reason.MARKER_MISSING, "NOPE"),
        ({"mass": float("nan")}, Reason.SCALING, "mass_kg"),
    ],
)
def test_what_cannot_be_scaled_is_a_status_and_leaves_every_output(
    change, reason, text, subject, pose2sim_osim, tmp_path
):
    points = {**subject.rest}
    for name, shift in change.get("points", {}).items():
        points[name] = points[name] + shift
    body = write_body(tmp_path / "body.npz", points, change.get("mass", MASS_KG))
    bundle = run_scale(pose2sim_osim, body, tmp_path, adjustments=change.get("adjustments", ()))
    assert (bundle.status.status, bundle.status.reason) == (Status.FAILED, reason)
    assert text in bundle.status.detail
    assert Bundle.read(tmp_path / "scale.npz").status == bundle.status
    assert all((tmp_path / name).exists() for name in ("scaled.osim", "leg.osim", "leg_model.json"))


def test_the_failure_of_a_body_is_passed_on(pose2sim_osim, tmp_path):
    failed = StageStatus("validate", Status.FAILED, Reason.FILE_CORRUPT, "x.npz")
    Bundle(failed).write(tmp_path / "body.npz")
    assert run_scale(pose2sim_osim, tmp_path / "body.npz", tmp_path).status == failed


def test_quiet_standing_gives_one_body_weight(subject, tmp_path):
    names = list(subject.rest)
    still = np.repeat(np.array([[subject.rest[n] for n in names]]), 60, axis=0)
    write_trc(tmp_path / "still.trc", MarkerTable(names, still, np.round(np.arange(60) / 50, 2), 50.0))
    pose = ik.run(
        tmp_path / "still.trc",
        subject.folder / "scale.npz",
        subject.osim,
        subject.leg,
        (0, 59),
        tmp_path / "ik.npz",
        KinematicsConfig(),
    )
    leg = load_model(subject.leg)
    state = leg.initSystem()
    set_pose(leg, state, dict(zip(pose.names("leg_coordinates"), pose["leg_q"][30], strict=True)))
    leg.realizeVelocity(state)
    forces = [f for f in items(leg.getForceSet()) if f.getConcreteClassName() == "SmoothSphereHalfSpaceForce"]
    # The record holds the force on the sphere first: x, y, z.
    vertical = sum(f.getRecordValues(state).get(1) for f in forces)
    weight = MASS_KG * 9.80665
    assert len(forces) == 12
    assert abs(vertical) / weight == pytest.approx(1.0, abs=0.03)
