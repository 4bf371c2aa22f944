"""Good solutions pass, each broken limit is named with coordinate, value, limit and time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.config.verify import VerifyConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageStatus, Status
from mint.verify.leg_dynamics import LegDynamics
from mint.verify.stage import run

from .conftest import Case, contact_points


def _run(case: Case, config: VerifyConfig | None = None, **changes: Any) -> Bundle:
    trajectory, ik = case.write(**changes)
    run(trajectory, ik, case.leg, case.folder / "verify.npz", config or VerifyConfig())
    return Bundle.read(case.folder / "verify.npz")


def test_balanced_standing_passes(stance: Case) -> None:
    bundle = _run(stance)
    metrics = bundle.meta["metrics"]
    assert bundle.ok, bundle.status.message
    assert metrics["residual_force_percent"] < 0.01 and metrics["residual_moment_percent"] < 0.01
    assert metrics["mean_vertical_force_BW"] == pytest.approx(1.0, abs=1e-4)
    assert metrics["own_contact_difference_max_N"] < 1e-6
    assert 0.004 < metrics["penetration_m"] < 0.02


def test_free_fall_needs_no_force(flight: Case) -> None:
    bundle = _run(flight)
    assert bundle.ok, bundle.status.message
    np.testing.assert_allclose(bundle["inverse_dynamics"], 0.0, atol=1e-6)


def test_a_missing_ground_force_is_a_pelvis_residual(stance: Case) -> None:
    force = stance.trajectory["sphere_force_N"].copy()
    force[12] *= 0.9
    bundle = _run(stance, sphere_force_N=force)
    assert (bundle.status.status, bundle.status.reason) == (Status.DISCARDED, Reason.PELVIS_RESIDUAL)
    assert bundle.meta["metrics"]["residual_force_percent"] == pytest.approx(10.0, abs=0.2)
    assert "1.64 s" in bundle.status.detail and "limit 5" in bundle.status.detail
    assert bundle.status.t_start_s == pytest.approx(1.64)


def test_a_force_at_the_wrong_place_is_a_moment_residual(stance: Case) -> None:
    point = stance.trajectory["sphere_point_m"].copy()
    point[:, :, 0] += 0.02
    bundle = _run(stance, sphere_point_m=point)
    metrics = bundle.meta["metrics"]
    assert bundle.status.reason is Reason.PELVIS_RESIDUAL and "moment" in bundle.status.detail
    expected = 100 * 0.02 / metrics["com_height_m"]
    assert metrics["residual_moment_percent"] == pytest.approx(expected, rel=0.01)
    assert metrics["residual_force_percent"] < 0.01


def test_the_first_and_last_frames_are_reported_but_not_judged(stance: Case) -> None:
    force = stance.trajectory["sphere_force_N"].copy()
    force[[0, 5, -1]] *= 1.5
    bundle = _run(stance, sphere_force_N=force)
    assert bundle.ok, bundle.status.message
    assert bundle.meta["metrics"]["residual_force_edges_percent"] > 30
    assert not _run(stance, VerifyConfig(edge_frames=0), sphere_force_N=force).ok


def test_leaving_the_measured_motion_is_discarded_with_the_coordinate(stance: Case) -> None:
    q = stance.ik["leg_q"].copy()
    q[3 + 10, stance.column("knee_angle_l")] += np.radians(12)
    stance.ik.arrays["leg_q"] = q
    bundle = _run(stance)
    assert bundle.status.reason is Reason.TRACKING
    assert (
        "knee_angle_l" in bundle.status.detail and "12 deg" in bundle.status.detail and "1.60 s" in bundle.status.detail
    )
    q[:, stance.column("pelvis_tz")] += 0.025
    bundle = _run(stance)
    assert any("pelvis_tz 0.025 m (limit 0.02 m)" in v for v in bundle.meta["violations"])


def test_the_solvers_height_offset_is_no_tracking_error(stance: Case) -> None:
    stance.ik.arrays["leg_q"][:, stance.column("pelvis_ty")] -= 0.04
    assert _run(stance).status.reason is Reason.TRACKING
    assert _run(stance, meta={"pelvis_height_offset_m": 0.04}).ok


def test_deep_penetration_is_discarded(stance: Case, dynamics: LegDynamics) -> None:
    q = stance.trajectory["q"].copy()
    q[:, stance.column("pelvis_ty")] -= 0.03
    point = np.stack([contact_points(dynamics, row) for row in q])
    bundle = _run(stance, q=q, sphere_point_m=point, meta={"pelvis_height_offset_m": -0.03})
    assert bundle.status.reason is Reason.PENETRATION
    assert bundle.meta["metrics"]["own_contact_difference_max_N"] > 100  # OpenSim's contact does not agree


def test_a_large_reserve_is_discarded(stance: Case) -> None:
    reserve = stance.trajectory["reserve"].copy()
    reserve[10, 4] = 3.0
    bundle = _run(stance, reserve=reserve)
    assert bundle.status.reason is Reason.RESERVE and "knee_angle_l" in bundle.status.detail
    assert bundle.status.finding.coordinate == "knee_angle_l" and bundle.status.finding.constraint == "reserve"
    assert bundle.meta["metrics"]["reserve_Nm"] == pytest.approx(3.0)


def test_stored_moments_are_compared_with_opensims(stance: Case) -> None:
    tau = stance.trajectory["tau"].copy()
    tau[10, stance.column("hip_flexion_r")] += 7.0
    assert _run(stance, tau=tau).meta["metrics"]["joint_moment_difference_max_Nm"] == pytest.approx(7.0, abs=1e-6)


def test_muscle_moments_come_from_opensims_moment_arms(stance: Case, dynamics: LegDynamics) -> None:
    """One muscle pulls; its moment at the ankle is the length difference OpenSim sees."""
    force = stance.trajectory["muscle_force_N"].copy()
    name = "soleus_r"
    force[:, stance.trajectory.names("muscles").index(name)] = 100.0
    before = _run(stance).meta["metrics"]["muscle_moment_difference_max_Nm"]
    tau = stance.trajectory["tau"][10, stance.column("ankle_angle_r")]
    q, h = stance.trajectory["q"][10].copy(), 1e-5
    lengths = []
    for sign in (1, -1):
        pose = q.copy()
        pose[stance.column("ankle_angle_r")] += sign * h
        dynamics.put(pose, 0 * pose)
        dynamics.model.realizePosition(dynamics.state)
        lengths.append(dynamics.model.getMuscles().get(name).getLength(dynamics.state))
    moment = -100.0 * (lengths[0] - lengths[1]) / (2 * h)
    assert moment < -3.0

    from mint.verify.muscles import muscle_moments

    trajectory = Bundle.of("trajectory", {**stance.trajectory.arrays, "muscle_force_N": force})
    assert muscle_moments(dynamics, trajectory, [10])["ankle_angle_r"][0] == pytest.approx(moment, rel=1e-3)
    assert before >= abs(tau) - 1e-9  # without muscle force the whole joint moment is missing


def test_an_upstream_failure_is_passed_on(stance: Case) -> None:
    trajectory, ik = stance.write()
    failed = StageStatus("trajectory", Status.FAILED, Reason.NOT_CONVERGED, "no attempt converged")
    Bundle(failed).write(trajectory)
    run(trajectory, ik, stance.leg, stance.folder / "verify.npz", VerifyConfig())
    assert Bundle.read(stance.folder / "verify.npz").status == failed


def test_a_frame_without_reference_is_a_failure_not_a_crash(stance: Case) -> None:
    bundle = _run(stance, frames=stance.trajectory["frames"] + 50)
    assert (bundle.status.status, bundle.status.reason) == (Status.FAILED, Reason.FIELD_VALUE)


def test_an_unreadable_solution_is_a_failure_not_a_crash(stance: Case) -> None:
    trajectory, ik = stance.write()
    trajectory.write_bytes(b"no archive")
    assert (
        run(trajectory, ik, stance.leg, stance.folder / "verify.npz", VerifyConfig()).status.reason
        is Reason.FILE_CORRUPT
    )
