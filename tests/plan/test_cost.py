"""Costs of chunks come from the root's motion where it can be read, and from what was measured where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mint.core.chunks import Window, windows
from mint.plan.cost import ENOUGH, CostTable, Features, chunk_features, predicted_s, read_root, typical_s

WHOLE = Window(0, 0, 84, 7, 77)


def circle(radius_m: float, turns_hz: float, rate_hz: float, seconds: float = 4.0) -> np.ndarray:
    angle = 2 * np.pi * turns_hz * np.arange(round(seconds * rate_hz) + 1) / rate_hz
    return np.column_stack([radius_m * np.cos(angle), radius_m * np.sin(angle), np.ones(len(angle))])


@pytest.mark.parametrize("rate", [30.0, 59.94, 120.0, 250.0])
def test_acceleration_on_a_circle_at_any_frame_rate(rate: float) -> None:
    found = chunk_features(circle(0.5, 0.4, rate), rate, WHOLE).acceleration_m_s2
    assert found == pytest.approx(0.5 * (2 * np.pi * 0.4) ** 2, rel=0.05)


def test_steady_walking_has_no_acceleration_even_at_the_ends() -> None:
    time = np.arange(4 * 120 + 1) / 120
    trans = np.column_stack([1.4 * time, -0.3 * time, 0.1 * np.sin(9 * time)])
    for window in windows(200):
        assert chunk_features(trans, 120.0, window).acceleration_m_s2 == pytest.approx(0, abs=1e-9)


def test_a_window_sees_only_its_own_motion() -> None:
    still, moving = np.zeros((481, 3)), circle(0.5, 1.0, 120.0)
    trans = np.concatenate([still, moving - moving[0]])
    first, *_, last = windows(400)
    assert chunk_features(trans, 120.0, first).acceleration_m_s2 == pytest.approx(0, abs=1e-9)
    assert (chunk_features(trans, 120.0, last).acceleration_m_s2 or 0) > 10


@pytest.mark.parametrize(
    "trans, rate",
    [
        (None, 0.0),
        (np.full((500, 3), np.nan), 120.0),
        (np.zeros((500, 3)), 0.0),
        (np.zeros((0, 3)), 120.0),
        (np.zeros((3, 3)), 120.0),
    ],
)
def test_an_unreadable_motion_costs_the_mean(trans: np.ndarray | None, rate: float) -> None:
    features = chunk_features(trans, rate, WHOLE)
    assert features == Features(85, None)
    assert 15 < predicted_s(features) < 40


def test_harder_motion_costs_more_up_to_what_was_measured() -> None:
    costs = [predicted_s(Features(85, acceleration)) for acceleration in (0.0, 1.0, 3.0, 8.0, 50.0, 500.0)]
    assert costs == sorted(costs)
    assert costs[-1] == costs[-2] < 100


def test_fewer_nodes_cost_less_and_the_larger_model_more() -> None:
    assert predicted_s(Features(43, 3.0)) < predicted_s(Features(85, 3.0))
    assert predicted_s(Features(85, 3.0), "full402") > predicted_s(Features(85, 3.0), "pose2sim")


def test_the_mean_lies_above_the_median() -> None:
    assert predicted_s(Features(85, 3.0)) > typical_s(Features(85, 3.0))
    assert predicted_s(Features(85)) > typical_s(Features(85))


@pytest.mark.parametrize("key", ["mocap_framerate", "mocap_frame_rate"])
def test_the_root_is_read_without_the_poses(tmp_path: Path, key: str) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, trans=circle(0.5, 0.4, 120.0), poses=np.array([object()]), **{key: np.array(120.0)})
    root = read_root(path, "amass")
    assert root is not None
    assert root[0].shape == (481, 3)
    assert root[1] == 120.0


@pytest.mark.parametrize(
    "fields",
    [
        {"trans": np.zeros((9, 3))},
        {"mocap_framerate": 120.0},
        {"trans": np.zeros(9), "mocap_framerate": 120.0},
        {"trans": np.array([object()]), "mocap_framerate": 120.0},
    ],
)
def test_a_file_without_a_root_is_no_error(tmp_path: Path, fields: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / "a.npz", **fields)
    assert read_root(tmp_path / "a.npz", "amass") is None


def test_a_missing_or_truncated_file_is_no_error(tmp_path: Path) -> None:
    assert read_root(tmp_path / "missing.npz", "amass") is None
    np.savez(tmp_path / "a.npz", trans=circle(0.5, 0.4, 120.0), mocap_framerate=120.0)
    data = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(data[: len(data) // 2])
    assert read_root(tmp_path / "a.npz", "amass") is None


def test_measured_costs_win_and_rescale_the_others() -> None:
    features = {f"walk/{chunk:03d}": Features(85, 0.3 * chunk) for chunk in range(30)}
    measured = {name: 2.5 * typical_s(of) for name, of in list(features.items())[:ENOUGH]}
    table = CostTable(measured)
    costs = table.seconds(features)
    assert {name: costs[name] for name in measured} == measured
    assert table.ratio(features) == pytest.approx(2.5)
    assert costs["walk/020"] == pytest.approx(2.5 * predicted_s(features["walk/020"]))


def test_a_few_measured_chunks_rescale_nothing() -> None:
    features = {"walk/000": Features(85, 1.0), "walk/001": Features(85, 1.0)}
    costs = CostTable({"walk/000": 500.0}).seconds(features)
    assert costs == {"walk/000": 500.0, "walk/001": predicted_s(features["walk/001"])}


def test_a_ledger_gives_measured_costs(tmp_path: Path) -> None:
    path = tmp_path / "ledger.parquet"
    pd.DataFrame({"sequence_id": ["walk", "walk", "jump"], "chunk": [0, 1, -1], "wall_s": [20.0, 0.0, 9.0]}).to_parquet(
        path
    )
    assert CostTable.of_ledger(path).measured_s == {"walk/000": 20.0}
    assert CostTable.of_ledger(tmp_path / "none.parquet").measured_s == {}
