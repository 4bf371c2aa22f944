"""Joint moments under measured forces are those of OpenSim's inverse dynamics under these forces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.compare import stage
from mint.compare.columns import CHANNEL, MOMENT, STANCE, rows_of
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.verify.leg_dynamics import LegDynamics

from . import walk

Array = np.ndarray
N = 60  # frames
HEEL = "SmoothSphereHalfSpaceForce_s1_{}"


def test_a_wrench_on_a_foot_changes_inverse_dynamics_by_its_generalized_forces(
    dynamics: LegDynamics, standing_q: Array
) -> None:
    rng = np.random.default_rng(1)
    q = standing_q + 0.1 * rng.standard_normal(len(standing_q))
    qd, qdd = rng.standard_normal((2, len(q)))
    own = dynamics.spheres.index(HEEL.format("r"))
    assert dynamics.record["contacts"][own]["body"] == "calcn_r"
    force, point = np.zeros((12, 3)), rng.standard_normal((12, 3))
    force[own] = 300 * rng.standard_normal(3)
    with_it = dynamics.inverse_dynamics(q, qd, qdd, force, point)
    without = dynamics.inverse_dynamics(q, qd, qdd, 0 * force, point)
    found = dynamics.of_wrench(q, "calcn_r", force[own], np.cross(point[own], force[own]))
    np.testing.assert_allclose(without - with_it, found, atol=1e-8)


@pytest.fixture(scope="module")
def standing(dynamics: LegDynamics, standing_q: Array) -> tuple[Bundle, Bundle]:
    """Both feet on a plate each, knees and trunk moving; plates tell half the weight at the middle of each foot, the
    simulation the same 20 mm behind."""
    time_s = np.arange(N) / 50
    q = np.tile(standing_q, (N, 1))
    for name, size in (("hip_flexion_r", 0.1), ("knee_angle_r", -0.2), ("ankle_angle_r", 0.1)):
        q[:, dynamics.coordinates.index(name)] += size * np.sin(2 * np.pi * time_s)
    zero = np.zeros(len(standing_q))
    half = np.array([5.0, dynamics.weight_N() / 2, -8.0])
    middle = {
        side: np.array(
            [dynamics.sphere_centres(q[0])[i] for i, name in enumerate(dynamics.spheres) if name.endswith(f"_{side}")]
        ).mean(axis=0)
        * [1, 0, 1]
        for side in "rl"
    }
    places = np.array([dynamics.sphere_centres(row) for row in q])
    places[:, :, 1] = 0.0
    force = np.zeros((N, 12, 3))
    for side in "rl":
        i = dynamics.spheres.index(HEEL.format(side))
        force[:, i] = half
        places[:, i] = middle[side] - [0.02, 0.0, 0.0]
    moments = np.stack(
        [dynamics.inverse_dynamics(row, zero, zero, f, p) for row, f, p in zip(q, force, places, strict=True)]
    )
    sequence = Bundle.of(
        "merge",
        {
            "frames": np.arange(10, 10 + N),
            "activation": np.full((N, 402), np.nan),
            "spheres": dynamics.spheres,
            "sphere_force_N": force,
            "sphere_point_m": places,
            "leg_coordinates": dynamics.coordinates,
            "leg_q": q,
            "moment_coordinates": [name for name in dynamics.coordinates if not name.startswith("pelvis_")],
            "joint_moment_Nm": moments[
                :, [i for i, name in enumerate(dynamics.coordinates) if not name.startswith("pelvis_")]
            ],
        },
        {"mass_kg": dynamics.total_mass_kg, "stature_m": 1.7, "sequence_id": "stand", "belt_velocity_m_s": [0, 0, 0]},
    )
    samples = np.arange(0, 2, 0.02)
    told = Bundle.of(
        "measured",
        {
            "plate_names": ["right", "left"],
            "force_time_s": samples,
            "plate_force_N": np.broadcast_to(half, (2, len(samples), 3)),
            "plate_centre_m": np.stack([np.tile(middle[side], (len(samples), 1)) for side in "rl"]),
            "plate_free_moment_Nm": np.zeros((2, len(samples), 3)),
            "plate_corners_m": np.stack(
                [walk.corners(middle[side][0], middle[side][2] + out, 0.5) for side, out in (("r", 0.42), ("l", -0.42))]
            ),
        },
    )
    return sequence, told


def opensims(dynamics: LegDynamics, sequence: Bundle, told: Bundle) -> Array:
    """Inverse dynamics (n, p) of the sequence under the plates' forces, applied to a sphere of each foot."""
    out = []
    for row in sequence["leg_q"]:
        force, point = np.zeros((12, 3)), np.zeros((12, 3))
        for plate, side in enumerate("rl"):
            i = dynamics.spheres.index(HEEL.format(side))
            force[i], point[i] = told["plate_force_N"][plate, 0], told["plate_centre_m"][plate, 0]
        out.append(dynamics.inverse_dynamics(row, 0 * row, 0 * row, force, point))
    return np.array(out)


def test_moments_under_measured_forces_are_those_of_opensim(
    dynamics: LegDynamics, leg_model: Path, standing: tuple[Bundle, Bundle]
) -> None:
    sequence, told = standing
    bundle = stage.compared(sequence, told, None, leg_model, walk.EXACT)
    assert [row["feet"] for row in rows_of(STANCE, bundle)] == ["r", "l"]
    names = bundle.names("curve_moment_coordinates")
    truth = opensims(dynamics, sequence, told)[:, [dynamics.coordinates.index(name) for name in names]]
    np.testing.assert_allclose(bundle["curve_moment_measured_Nm"], truth, atol=1e-3)
    rows = {row["coordinate"]: row for row in rows_of(MOMENT, bundle)}
    assert {"hip_flexion_r", "knee_angle_l", "ankle_angle_r"} <= rows.keys() and not any(
        name.startswith("mtp") for name in rows
    )
    # 20 mm of half the weight about an axis of the ankle that is nearly horizontal.
    error = rows["ankle_angle_r"]["rmse_Nm"]
    assert error == pytest.approx(0.02 * dynamics.weight_N() / 2, rel=0.15)
    weight_height = dynamics.weight_N() * 1.7
    assert rows["ankle_angle_r"]["rmse_percent_bw_height"] == pytest.approx(100 * error / weight_height)
    span = np.ptp(truth[:, names.index("ankle_angle_r")])
    assert rows["ankle_angle_r"]["rmse_percent_range"] == pytest.approx(100 * error / span, rel=1e-4)
    assert rows["ankle_angle_r"]["frames"] == N


def test_moments_are_not_compared_while_a_foot_is_beside_the_plates(
    leg_model: Path, standing: tuple[Bundle, Bundle]
) -> None:
    sequence, told = standing
    one = {
        name: told[name][:1]
        for name in ("plate_names", "plate_force_N", "plate_centre_m", "plate_free_moment_Nm", "plate_corners_m")
    }
    bundle = stage.compared(sequence, Bundle.of("measured", {**told.arrays, **one}), None, leg_model, walk.EXACT)
    assert [row["left_out"] for row in rows_of(STANCE, bundle)] == [""]
    assert rows_of(MOMENT, bundle) == []


def test_the_stage_always_leaves_a_bundle(tmp_path: Path) -> None:
    walk.sequence().write(tmp_path / "sequence.npz")
    walk.measured().write(tmp_path / "measured.npz")
    walk.maxima().write(tmp_path / "emg.npz")

    def run(sequence: str = "sequence.npz", measured: str = "measured.npz") -> Bundle:
        stage.run(
            tmp_path / sequence, tmp_path / measured, tmp_path / "comparison.npz", walk.EXACT, tmp_path / "emg.npz"
        )
        return Bundle.read(tmp_path / "comparison.npz")

    whole = run()
    assert (
        whole.ok
        and len(rows_of(STANCE, whole)) == 2
        and rows_of(CHANNEL, whole)[0]["rmse"] == pytest.approx(0, abs=1e-7)
    )
    failed = StageError(Reason.TOO_SHORT, "sequence walk lasts 0.3 s").as_status("merge")
    Bundle(failed).write(tmp_path / "failed.npz")
    assert run("failed.npz").status == failed and rows_of(STANCE, run("failed.npz")) == []
    (tmp_path / "damaged.npz").write_bytes(b"no zip")
    assert run(measured="damaged.npz").status.reason is Reason.FILE_CORRUPT
    for name, values, reason in (
        ("plate_centre_m", np.zeros((1, 2, 3)), Reason.FIELD_SHAPE),
        ("force_time_s", np.zeros(120), Reason.FIELD_VALUE),
        ("plate_force_N", np.full((2, 120, 3), np.nan), Reason.NOT_FINITE),
        ("emg_envelope_V", np.zeros((1, 3)), Reason.FIELD_SHAPE),
    ):
        walk.measured(**{name: values}).write(tmp_path / "odd.npz")
        status = run(measured="odd.npz").status
        assert status.reason is reason and name in status.detail and "expected" in status.detail and status.remedy, name
    older = walk.sequence()
    del older.arrays["sphere_point_m"]
    older.write(tmp_path / "older.npz")
    assert run("older.npz").status.reason is Reason.FIELD_MISSING
    unknown = walk.sequence()
    unknown.meta["mass_kg"] = None
    unknown.write(tmp_path / "unknown.npz")
    assert run("unknown.npz").status.reason is Reason.FIELD_VALUE
