"""Leg muscles of a model whose geometry was scaled without them return to their published operating range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.core.tables import table
from mint.kinematics.leg_model.muscles import lower_limb_names
from mint.kinematics.model.export import items, load_model
from mint.kinematics.muscle_reference import move_mass_centres, path_ratios, prepare


def normalized_lengths(osim: Path) -> dict[str, float]:
    """Rigid-tendon fiber length in optimal lengths, neutral pose, by MinT name."""
    model: Any = load_model(osim)
    ratios = path_ratios(model)  # leaves nothing but a measurement
    state = model.initSystem()
    for coordinate in (model.getCoordinateSet().get(i) for i in range(model.getCoordinateSet().getSize())):
        if coordinate.getName().startswith(
            ("hip_", "knee_", "ankle_", "subtalar_", "mtp_")
        ) and not coordinate.isDependent(state):
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
    osim = shared("models/cyclistFullBodyMuscle.osim")
    ratios = prepare(osim, tmp_path / "full402.osim")
    legs = [ratios[name] for name in lower_limb_names(load_model(osim))]
    np.testing.assert_allclose(legs, 1.0, atol=1e-5)


@pytest.mark.parametrize("model", ["pose2sim", "full402"])
def test_trunk_muscles_stand_where_their_sarcomeres_were_measured(
    model: str, request: Any, shared: Any, tmp_path: Path
) -> None:
    """By OpenSim's own muscle where it can do without a compliant tendon."""
    osim = (
        request.getfixturevalue("pose2sim_osim") if model == "pose2sim" else shared("models/cyclistFullBodyMuscle.osim")
    )
    output = tmp_path / "prepared.osim"
    prepare(osim, output)
    rows = [
        (row["beginning"], row["normalized_fiber_length"]) for row in table("trunk_muscle_reference").to_dict("records")
    ]
    before, after = (trunk_lengths(path) for path in (osim, output))
    found = 0
    for name, length in after.items():
        expected = next((value for beginning, value in rows if name.startswith(beginning)), None)
        if expected is None:
            assert length == pytest.approx(before[name], abs=1e-6), name
        else:
            assert length == pytest.approx(expected, abs=1e-3), name
            found += 1
    assert found == {"pose2sim": 210, "full402": 214}[model]


def trunk_lengths(osim: Path) -> dict[str, float]:
    """Normalized fiber length with a rigid tendon in the default pose, of all muscles but those of the legs."""
    model: Any = load_model(osim)
    legs = set(lower_limb_names(model).values())
    muscles = [
        m for m in (model.getMuscles().get(i) for i in range(model.getMuscles().getSize())) if m.getName() not in legs
    ]
    by_opensim = {m.getName() for m in muscles if m.getConcreteClassName() == "DeGrooteFregly2016Muscle"}
    for muscle in muscles:  # the Thelen2003Muscle of full402 knows no rigid tendon
        muscle.set_ignore_tendon_compliance(muscle.getName() in by_opensim)
    state = model.initSystem()
    model.realizePosition(state)

    def length(muscle: Any) -> float:
        if muscle.getName() in by_opensim:
            return float(muscle.getNormalizedFiberLength(state))
        along = muscle.getGeometryPath().getLength(state) - muscle.get_tendon_slack_length()
        optimal = muscle.get_optimal_fiber_length()
        return float(np.hypot(along, optimal * np.sin(muscle.get_pennation_angle_at_optimal())) / optimal)

    return {str(muscle.getName()): length(muscle) for muscle in muscles}


def mass_centres(model: Any) -> dict[str, Any]:
    """Mass in kg and mass centre in m of every body."""
    return {
        str(body.getName()): np.array([body.getMass(), *(body.getMassCenter().get(i) for i in range(3))])
        for body in items(model.getBodySet())
    }


def test_the_trunks_mass_moves_where_the_table_says_and_nothing_else(pose2sim_osim: Path, prepared: Path) -> None:
    before, after = (mass_centres(load_model(path)) for path in (pose2sim_osim, prepared))
    rows = table("trunk_mass_centres").set_index("body")["x_m"]
    assert before.keys() == after.keys() and set(rows.index) < before.keys() and (rows < 0).all()
    for body, values in before.items():
        np.testing.assert_allclose(
            after[body], values + np.array([0, float(rows.get(body, 0.0)), 0, 0]), atol=1e-12, err_msg=body
        )


def test_a_model_without_one_of_the_trunks_bodies_keeps_its_masses_where_they_are(
    pose2sim_osim: Path, shared: Any
) -> None:
    full402, renamed = load_model(shared("models/cyclistFullBodyMuscle.osim")), load_model(pose2sim_osim)
    renamed.updBodySet().get("lumbar3").setName("vertebra")
    for model in (full402, renamed):
        before = mass_centres(model)
        move_mass_centres(model)
        for body, values in mass_centres(model).items():
            np.testing.assert_array_equal(values, before[body])
