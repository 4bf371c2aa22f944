"""Tables of joints and of gait: true values, declared units, and read by the reader."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

from mint.dataset.gait import GAIT_EVENTS, STEPS
from mint.reader import MintReader
from tests.dataset.test_musint import HOLES, WHOLE
from tests.sequence import factory

HIP = factory.COORDINATES.index("hip_flexion_r")


@pytest.fixture(scope="module")
def reader(built: SimpleNamespace) -> MintReader:
    return MintReader(built.dataset)


def frames_of(table) -> np.ndarray:
    return np.rint(50 * table.index.to_numpy()).astype(int)


@pytest.mark.parametrize("sequence", [WHOLE, HOLES])
def test_moments_and_powers_are_those_of_the_chunks(reader: MintReader, sequence: str) -> None:
    moments, powers = (reader.read(sequence, name) for name in ("joint_moments", "joint_powers"))
    frames = frames_of(moments)
    truth = factory.moment_truth(frames)[:, HIP]
    speed = 0.01 * np.sin(0.05 * frames + HIP)
    assert np.allclose(moments["hip_flexion_r"], truth, atol=1e-4)
    assert np.allclose(powers["hip_flexion_r"], truth * speed, atol=1e-4)
    assert not [name for name in moments if name.startswith("pelvis_")], "residuals are no moments of joints"


def test_loads_have_every_joint_and_compression_is_along_the_vertebra(reader: MintReader) -> None:
    loads = reader.read(WHOLE, "joint_loads")
    truth = factory.reaction_truth(frames_of(loads))
    for i, joint in enumerate(factory.JOINTS):
        found = loads[[f"{joint}_{axis}" for axis in ("fx", "fy", "fz", "mx", "my", "mz")]].to_numpy()
        assert np.allclose(found, truth[:, i], rtol=1e-5)
    assert np.allclose(loads["l5_s1_compression"], -truth[:, 0, :3] @ factory.L5S1_AXIS, rtol=1e-5)
    units = {f.name: f.metadata[b"unit"].decode() for f in pq.read_schema(reader.root / WHOLE / "joint_loads.parquet")}
    assert (units["hip_r_fy"], units["knee_l_mz"], units["l5_s1_compression"]) == ("N", "N m", "N")


def test_strikes_lie_where_the_force_begins_and_steps_are_as_long_as_the_way(reader: MintReader) -> None:
    events, steps = reader.gait_events(WHOLE), reader.steps(WHOLE)
    assert list(events.columns) == GAIT_EVENTS.names and list(steps.columns) == STEPS.names
    for row in events.itertuples():
        force = np.interp(
            50 * row.time_s, (frames := np.arange(5, 296)), factory.force_truth(frames)[:, "rl".index(row.side), 1]
        )
        assert force == pytest.approx(20.0, abs=0.5)
    assert set(events["event"]) == {"foot_strike", "toe_off"} and len(steps) >= 3
    assert np.allclose(steps["step_time_s"] * steps["cadence_per_min"], 60.0)
    # The figure goes 0.01 m a frame.
    assert np.allclose(steps["speed_m_s"], 0.5, atol=0.02)


def test_no_step_spans_a_gap(reader: MintReader) -> None:
    missing = reader.intervals(HOLES).query("not present and interior")
    for step in reader.steps(HOLES).itertuples():
        assert not ((missing["t_start_s"] < step.stop_s) & (missing["t_stop_s"] > step.start_s)).any()
