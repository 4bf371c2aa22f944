"""Leg muscles of a model whose geometry was scaled without them return to their published operating range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.kinematics.export import load_model
from mint.kinematics.leg_muscles import lower_limb_names
from mint.kinematics.muscle_reference import path_ratios, prepare


def normalized_lengths(osim: Path) -> dict[str, float]:
    """Rigid-tendon fiber length in optimal lengths, neutral pose, by MinT name."""
    model: Any = load_model(osim)
    ratios = path_ratios(model)  # leaves nothing but a measurement
    state = model.initSystem()
    for coordinate in (model.getCoordinateSet().get(i) for i in range(model.getCoordinateSet().getSize())):
        if coordinate.getName().startswith(("hip_", "knee_", "ankle_", "subtalar_", "mtp_")) \
                and not coordinate.isDependent(state):
            coordinate.setLocked(state, False)
            coordinate.setValue(state, 0.0, False)
    model.assemble(state)
    model.realizePosition(state)
    names = lower_limb_names(model)
    out = {}
    for muscle in ratios:
        m = model.getMuscles().get(names[muscle])
        length = m.getGeometryPath().getLength(state)
        out[muscle] = (length - m.get_tendon_slack_length()) / m.get_optimal_fiber_length()
    return out


@pytest.fixture(scope="session")
def prepared(pose2sim_osim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("prepared") / "pose2sim.osim"
    prepare(pose2sim_osim, output)
    return output


def test_the_wheels_model_has_its_calf_muscles_out_of_range(pose2sim_osim: Path) -> None:
    # The reason for the preparation: were it gone from a later wheel, the preparation would be superfluous.
    assert normalized_lengths(pose2sim_osim)["soleus_r"] > 1.6


def test_prepared_muscles_have_the_normalized_lengths_of_an_independent_model(prepared: Path, shared: Any) -> None:
    published = normalized_lengths(shared("models/LaiUhlrich2022.osim"))
    ours = normalized_lengths(prepared)
    assert len(ours) == 80
    for muscle, length in ours.items():
        assert length == pytest.approx(published[muscle], abs=0.02), muscle


def test_a_model_that_agrees_with_the_reference_is_left_as_it_is(shared: Any, tmp_path: Path) -> None:
    ratios = prepare(shared("models/cyclistFullBodyMuscle.osim"), tmp_path / "full402.osim")
    np.testing.assert_allclose(list(ratios.values()), 1.0, atol=1e-5)
