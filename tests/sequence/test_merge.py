"""Chunks become a sequence: buffers, seams, gaps, contact and columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mint.config.merge import MergeConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window, windows
from mint.core.status import Reason, Status
from mint.core.tables import mint_columns, table
from mint.sequence import blend, merge
from tests.sequence import factory
from tests.sequence.factory import Project, fail_from


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def _leg(bundle: Bundle, muscle: str) -> np.ndarray:
    return bundle["activation"][:, mint_columns().index(f"LU_{muscle}")]


@pytest.mark.parametrize("last_frame", [30, 60, 84, 85, 90, 154, 155, 230, 400])
def test_merged_sequence_equals_the_truth_where_neighbours_agree(project: Project, last_frame: int) -> None:
    project.add("walk", last_frame)
    project.solve("walk")
    bundle = project.merge("walk")
    frames = bundle["frames"]
    assert bundle.ok and bundle.meta["gaps"] == []
    assert np.array_equal(frames, np.arange(7, last_frame - 7))
    truth = factory.activation_truth(frames, 80)
    columns = [mint_columns().index(f"LU_{name}") for name in factory.leg_muscles()]
    assert np.abs(bundle["activation"][:, columns] - truth).max() < 1e-6
    assert np.abs(bundle["muscle_force_N"][:, columns] - 1000 * truth).max() < 1e-3
    force = factory.force_truth(frames)
    loaded = bundle["contact"]
    assert np.abs(bundle["grf"][:, 0:3] - force[:, 0])[loaded[:, 0]].max() < 1e-9


def test_seam_is_a_smooth_transition_over_the_shared_280_ms(project: Project) -> None:
    project.add("walk", 230)

    def shift(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trajectory"].arrays["activation"] = np.full((window.nodes, 80), 0.3 if window.chunk == 0 else 0.5)

    project.solve("walk", shift)
    bundle = project.merge("walk")
    frames, series = bundle["frames"], _leg(bundle, "soleus_r").astype(float)
    assert np.allclose(series[frames <= 70], 0.3) and np.allclose(series[frames >= 84], 0.5)
    assert series[frames == 77] == pytest.approx(0.4)
    inside = (frames > 70) & (frames < 84)
    assert np.all(np.diff(series[inside]) > 0)
    seam = bundle.meta["seams"][0]
    assert seam["frame"] == 77 and seam["chunk"] == 1
    assert seam["seam_activation_difference"] >= 0.2
    assert np.abs(np.diff(series)).max() < 0.03


def test_recorded_seam_step_falls_when_solutions_differ(project: Project) -> None:
    project.add("walk", 160)
    flat = {0: 0.2, 1: 0.6, 2: 0.6}

    def shift(window: Window, bundles: dict[str, Bundle]) -> None:
        for stage in ("trajectory", "trunk"):
            shape = bundles[stage]["activation"].shape
            bundles[stage].arrays["activation"] = np.full(shape, flat[window.chunk])

    project.solve("walk", shift)
    seam = project.merge("walk").meta["seams"][0]
    assert seam["seam_activation_step_before"] == pytest.approx(0.4)
    # The step beside the middle of a raised cosine over 14 intervals, 0.5 - 0.5 cos(pi s), is 0.5 sin(pi / 14).
    assert seam["seam_activation_step_after"] == pytest.approx(0.4 * 0.5 * np.sin(np.pi / 14), rel=1e-6)


def test_slid_back_last_window_is_faded_over_280_ms_only(project: Project) -> None:
    last = 200
    plan = windows(last)
    assert plan[-1].start < plan[-2].keep_stop - 7, "the last window overlaps by more than 0.28 s"
    project.add("walk", last)

    def shift(window: Window, bundles: dict[str, Bundle]) -> None:
        value = 0.6 if window.chunk == plan[-1].chunk else 0.2
        bundles["trajectory"].arrays["activation"] = np.full((window.nodes, 80), value)

    project.solve("walk", shift)
    bundle = project.merge("walk")
    frames, series = bundle["frames"], _leg(bundle, "soleus_r")
    seam = plan[-1].keep_start
    assert np.allclose(series[frames <= seam - 7], 0.2) and np.allclose(series[frames >= seam + 7], 0.6)


def test_gap_is_marked_when_a_chunk_is_discarded(project: Project) -> None:
    project.add("walk", 70 * 4 + 14)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trajectory"].arrays["activation"] = np.full((window.nodes, 80), 0.1 + 0.1 * window.chunk)
        if window.chunk == 1:
            fail_from(bundles, "verify", Status.DISCARDED, Reason.TRACKING)

    project.solve("walk", change)
    bundle = project.merge("walk")
    frames, series = bundle["frames"], _leg(bundle, "soleus_r")
    assert bundle.meta["gaps"] == [[77, 147]]
    assert not set(range(77, 147)) & set(frames.tolist())
    assert np.allclose(series[frames < 77], 0.1), "nothing is faded into a gap"
    assert np.allclose(series[(frames >= 147) & (frames < 210)], 0.3), "nothing is faded out of a gap"
    assert [row["chunk"] for row in bundle.meta["seams"]] == [3]
    assert [row["status"]["status"] for row in bundle.meta["chunks"]] == [
        "accepted",
        "discarded",
        "accepted",
        "accepted",
    ]


def test_leading_trailing_and_neighbouring_losses_are_one_gap_each(project: Project) -> None:
    project.add("walk", 70 * 6 + 14)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        if window.chunk in (0, 2, 3, 5):
            fail_from(bundles, "support", Status.EXCLUDED_CONTACT, Reason.NON_FOOT_SUPPORT)

    project.solve("walk", change)
    assert project.merge("walk").meta["gaps"] == [[7, 77], [147, 287], [357, 427]]


def test_missing_and_corrupt_chunks_become_gaps_not_errors(project: Project) -> None:
    project.add("walk", 70 * 4 + 14)
    project.solve("walk", skip=(1,))
    trunk = project.paths("walk", 2)["trunk"]
    trunk.write_bytes(trunk.read_bytes()[:500])
    bundle = project.merge("walk")
    statuses = [row["status"] for row in bundle.meta["chunks"]]
    assert [s["status"] for s in statuses] == ["accepted", "pending", "failed", "accepted"]
    assert statuses[2]["reason"] == "file_corrupt" and "trunk.npz" in statuses[2]["detail"]
    assert bundle.meta["gaps"] == [[77, 217]]


def test_bit_damage_anywhere_in_a_chunk_result_never_raises(project: Project) -> None:
    project.add("walk", 84)
    project.solve("walk")
    path = project.paths("walk", 0)["trajectory"]
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(25):
        damaged = bytearray(whole)
        at = int(rng.integers(0, len(whole) - 64))
        damaged[at : at + 64] = rng.bytes(64)
        path.write_bytes(bytes(damaged))
        status = project.merge("walk").meta["chunks"][0]["status"]["status"]
        assert status in ("accepted", "failed")


@pytest.mark.parametrize("damage", ["nan", "frames", "rows", "field", "text", "scalar"])
def test_unusable_arrays_cost_their_chunk_only(project: Project, damage: str) -> None:
    project.add("walk", 70 * 2 + 14)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        arrays = bundles["trajectory"].arrays
        if window.chunk != 1:
            return
        if damage == "nan":
            arrays["grf_force_N"] = np.where(np.arange(85)[:, None, None] == 40, np.nan, arrays["grf_force_N"])
        elif damage == "frames":
            arrays["frames"] = arrays["frames"] + 1
        elif damage == "rows":
            arrays["activation"] = arrays["activation"][:-1]
        elif damage == "text":
            arrays["q"] = np.array(["x"] * 85)
        elif damage == "scalar":
            arrays["q"] = np.array(1.0)
        else:
            del arrays["muscle_force_N"]

    project.solve("walk", change)
    bundle = project.merge("walk")
    status = bundle.meta["chunks"][1]["status"]
    assert (status["status"], status["stage"]) == ("failed", "merge") and status["remedy"]
    assert bundle.meta["gaps"] == [[77, 147]]


@pytest.mark.parametrize(
    "odd",
    [
        {"wall_s": -1.0},
        {"wall_s": float("nan")},
        {"cpu_s": "x"},
        {"iterations": 1.5},
        {"attempt": None},
        {"detail": "\ud800"},
        {"warnings": [3]},
        {"t_start_s": float("inf")},
    ],
)
def test_status_that_no_stage_writes_costs_its_chunk_only(project: Project, odd: dict) -> None:
    project.add("walk", 70 * 2 + 14)
    project.solve("walk")
    path = project.paths("walk", 1)["verify"]
    with np.load(path) as data:
        arrays = dict(data)
    meta = json.loads(str(arrays["meta"]))
    meta["status"] |= odd
    np.savez(path, **{**arrays, "meta": np.array(json.dumps(meta))})
    bundle = project.merge("walk")
    status = bundle.meta["chunks"][1]["status"]
    assert (status["status"], status["reason"]) == ("failed", "file_corrupt") and bundle.meta["gaps"] == [[77, 147]]


def test_mass_of_the_model_counts_and_not_that_of_the_mesh(project: Project) -> None:
    project.add("walk", 70 * 2 + 14)
    body = Bundle.read(project.file("walk", "body.npz"))
    body.meta["mass_kg"] = 1.2 * factory.MASS_KG
    body.write(project.file("walk", "body.npz"))

    def weigh(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["ik"].meta["mass_kg"] = factory.MASS_KG

    project.solve("walk", weigh)
    bundle = project.merge("walk")
    assert bundle.meta["mass_kg"] == factory.MASS_KG
    assert [row["metrics"]["impulse_error_percent"] for row in bundle.meta["chunks"]] == pytest.approx([0, 0], abs=1e-9)


def test_chunk_of_another_model_is_refused(project: Project) -> None:
    project.add("walk", 70 * 2 + 14)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        if window.chunk == 1:
            bundles["trajectory"].arrays["muscles"] = np.array(factory.leg_muscles()[::-1])

    project.solve("walk", change)
    bundle = project.merge("walk")
    assert bundle.meta["chunks"][1]["status"]["reason"] == "field_value"
    assert bundle["frames"].max() == 76


def test_sequence_failure_is_passed_on(project: Project) -> None:
    project.add("walk", 100)
    Bundle(factory.StageStatus("validate", Status.FAILED, Reason.FRAME_RATE, "walk: mocap_framerate")).write(
        project.file("walk", "validated.npz")
    )
    bundle = project.merge("walk")
    assert bundle.status.stage == "validate" and bundle.status.reason is Reason.FRAME_RATE
    assert Bundle.read(project.file("walk", "sequence.npz")).status == bundle.status


def test_too_short_sequence_is_a_status(project: Project) -> None:
    project.add("blink", 29)
    assert project.merge("blink").status.reason is Reason.TOO_SHORT


def test_activations_are_clipped_and_the_share_is_recorded(project: Project) -> None:
    project.add("walk", 84)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trunk"].arrays["activation"] = bundles["trunk"].arrays["activation"] * 3 - 0.5

    project.solve("walk", change)
    bundle = project.merge("walk")
    present = bundle["activation"][:, np.isfinite(bundle["activation"][0])]
    assert present.min() == 0.0 and present.max() == 1.0
    assert 0.1 < bundle.meta["clipped_share"] < 0.9


def test_every_muscle_lands_in_its_column_and_missing_strands_are_nan(project: Project) -> None:
    project.add("walk", 84)
    project.solve("walk")
    bundle = project.merge("walk")
    rows = table("muscles_402")
    frames, trunk = bundle["frames"], factory.trunk_muscles()
    truth = factory.activation_truth(frames, len(trunk), 1.0)
    for number, row in enumerate(rows.to_dict("records")):
        values = bundle["activation"][:, number]
        if row["region"] == "trunk" and isinstance(row["pose2sim_model"], str):
            assert np.allclose(values, truth[:, trunk.index(row["pose2sim_model"])], atol=1e-6)
        elif row["region"] == "trunk":
            assert np.isnan(values).all()
    missing = int(rows["pose2sim_model"].isna().sum())
    assert len(bundle.meta["present"]) == 402 - missing
    assert bundle.names("extra_muscles") == ["unnamed_fascicle_r", "unnamed_fascicle_l"]
    assert np.allclose(bundle["extra_activation"], truth[:, [0, -1]], atol=1e-6)


def test_pelvis_angles_that_differ_by_a_turn_are_joined(project: Project) -> None:
    project.add("spin", 160)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        if window.chunk == 1:
            bundles["trajectory"].arrays["q"][:, 2] += 2 * np.pi

    project.solve("spin", change)
    bundle = project.merge("spin")
    rotation = bundle["leg_q"][:, bundle.names("leg_coordinates").index("pelvis_rotation")]
    assert np.abs(np.diff(rotation)).max() < 0.01


def test_rows_with_margin_are_cut_to_the_window(project: Project) -> None:
    project.add("walk", 84)

    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        frames = np.arange(window.start - 10, window.stop + 11)
        bundles["ik"].arrays |= {
            "frames": frames,
            "marker_rms_m": 1e-3 * frames,
            "marker_max_m": 2e-3 * frames,
            "com_acceleration": np.outer(frames, [1e-3, 2e-3, 3e-3]),
            "q": np.repeat(frames[:, None], 11, axis=1) * 1e-3,
        }

    project.solve("walk", change)
    bundle = project.merge("walk")
    assert np.allclose(bundle["marker_rms_m"], 1e-3 * bundle["frames"])
    assert np.allclose(bundle["com_acceleration"], np.outer(bundle["frames"], [1e-3, 2e-3, 3e-3]))
    assert np.allclose(bundle["trunk_q"][:, 5], 1e-3 * bundle["frames"])


def test_fade_weights_of_neighbours_sum_to_one_and_are_symmetric() -> None:
    frames = np.arange(50, 110)
    w = blend.weight(frames, 77)
    assert w[frames == 70] == 0 and w[frames == 84] == 1
    for offset in range(8):
        assert w[frames == 77 + offset][0] + w[frames == 77 - offset][0] == pytest.approx(1.0)


def test_files_in_one_list_are_those_of_the_chunks_in_turn(project: Project) -> None:
    record = project.add("walk", 154)
    project.solve("walk")
    project.mark("walk")
    whole = project.merge("walk")
    files = [
        path
        for w in record["windows"]
        for path in (project.markers("walk", w["chunk"]), *project.paths("walk", w["chunk"]).values())
    ]
    flat = merge.run_files(
        record,
        files,
        project.file("walk", "flat.npz"),
        MergeConfig(),
        validated=project.file("walk", "validated.npz"),
        body=project.file("walk", "body.npz"),
        foot_parts=["foot"],
    )
    assert flat.meta == whole.meta and np.array_equal(flat["activation"], whole["activation"], equal_nan=True)
    assert "marker_jump_mm" in flat.meta["chunks"][1]["metrics"]


def test_setting_foot_parts_says_whose_height_hovers(project: Project) -> None:
    project.add("walk", 84)
    project.solve("walk")
    heights = {
        "heights": np.column_stack([np.full((85, 2), 0.3), np.zeros((85, 2))]),
        "part_names": ["foot_r", "foot_l", "ski_r", "ski_l"],
    }
    Bundle.of("body", heights, {"mass_kg": factory.MASS_KG}).write(project.file("walk", "body.npz"))
    for parts, hover_mm in ((["foot"], 300.0), (["ski"], 0.0)):
        metrics = project.merge("walk", foot_parts=parts).meta["chunks"][0]["metrics"]
        assert metrics["hover_mm"] == pytest.approx(hover_mm)
