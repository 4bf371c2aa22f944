"""The same stage on the model with all 402 strands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.config.trunk import TrunkConfig
from mint.core.bundle import Bundle
from mint.core.tables import table
from mint.trunk.stage import run
from mint.trunk.strands import to_mint
from tests.trunk.stance import synthetic_chunk

LUMBAR = {"L5_S1": 1.0, "L4_L5": 1.8571, "L3_L4": 1.6429, "L2_L3": 1.1429, "L1_L2": 0.9286, "T12_L1": 0.5714}


@pytest.fixture(scope="session")
def flexion(tmp_path_factory, full402_osim: Path) -> Bundle:
    """Upright to 25 degrees of lumbar flexion in six held postures."""
    folder = tmp_path_factory.mktemp("full402")
    total, ramp, still = -np.radians(25) / sum(LUMBAR.values()), np.linspace(0, 1, 6), np.zeros(6)
    postures = {f"{level}_FE": (total * share * ramp, still, still) for level, share in LUMBAR.items()}
    trajectory, ik = synthetic_chunk(folder, full402_osim, postures)
    return run(trajectory, ik, full402_osim, folder / "trunk.npz", TrunkConfig())


def test_all_322_trunk_columns_are_filled(flexion: Bundle) -> None:
    assert flexion.ok, flexion.status.message
    strands = to_mint(flexion.names("muscles"), flexion["activation"], "trunk")
    rows = table("muscles_402")
    trunk = (rows["region"] == "trunk").to_numpy()
    assert np.isfinite(strands.values[:, trunk]).all()
    assert not np.isfinite(strands.values[:, ~trunk]).any()
    assert flexion.meta["muscles_without_arm"] == []


def test_reserves_stay_small_at_all_vertebral_joints(flexion: Bundle) -> None:
    names = flexion.names("reserve_coordinates")
    assert len(names) == 84
    judged = [i for i, name in enumerate(names) if name in flexion.meta["reserve_limit"]]
    assert len(judged) == 54
    assert np.abs(flexion["reserve"][:, judged]).max() < 0.1
    assert np.abs(flexion["reserve"]).max() < 10.0
    assert not flexion["flagged"].any()


def test_lumbar_flexion_raises_the_erectors_on_both_sides_alike(flexion: Bundle) -> None:
    names = flexion.names("muscles")
    lumbar = [i for i, n in enumerate(names) if n.startswith(("LTpL", "IL_L", "MF"))]
    activation = flexion["activation"][:, lumbar].mean(axis=1)
    assert activation[0] < 0.05
    assert activation[5] > 1.5 * activation[0]
    assert (np.diff(activation) > 0).all()
    for side, other in (("_r", "_l"),):
        right = [names.index(names[i]) for i in lumbar if names[i].endswith(side)]
        left = [names.index(names[i][:-2] + other) for i in right]
        assert np.abs(flexion["activation"][5][right] - flexion["activation"][5][left]).max() < 0.02


def test_cartilage_takes_part_in_the_equilibrium(flexion: Bundle) -> None:
    assert len(flexion.names("struts")) == 20
    assert np.abs(flexion["strut_force_N"]).max() > 5.0
    assert np.abs(flexion["strut_force_N"]).max() < 1000.0
