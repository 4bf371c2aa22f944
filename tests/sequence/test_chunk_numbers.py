"""Which arrays of a chunk, and which of their frames, its numbers are of: a chunk in memory, and loops over its frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.config.merge import MergeConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.motionfiles import MarkerTable
from mint.core.status import Reason, StageStatus, Status
from mint.sequence import metrics
from mint.sequence.metrics import body_mass, chunk_metrics, measure, seam_metrics
from mint.sequence.outcome import Chunk

# The second window of a sequence of 170 frames, slid back: it keeps 16 frames only.
WINDOW = Window(1, 86, 170, 147, 163)
KEPT, BETWEEN = range(147, 163), range(93, 163)
FRAMES = np.arange(86, 171)  # of the solution
WIDE = np.arange(80, 176)  # of inverse kinematics, with margins
MASS, WEIGHT = 60.0, 60.0 * 9.80665
CONFIG = MergeConfig(contact_threshold_N=30.0, saturation_level=0.9)
RNG = np.random.default_rng(0)
GRF = RNG.uniform(200, 400, (85, 2, 3))
VELOCITY, ACCELERATION = RNG.normal(size=(2, 96, 3))
ACTIVATION = RNG.uniform(size=(85, 4))
ARRAYS: dict[str, dict[str, Any]] = {
    "ik": {
        "frames": WIDE,
        "com_velocity": VELOCITY,
        "com_acceleration": ACCELERATION,
        "leg_coordinates": ["knee", "pelvis_ty"],
        "leg_q": np.stack([WIDE, 0.001 * WIDE], axis=1),
        "marker_rms_m": 0.001 * WIDE,
        "marker_max_m": 0.002 * WIDE,
    },
    "support": {},
    "trajectory": {
        "frames": FRAMES,
        "grf_force_N": GRF,
        "spheres": ["heel_r", "toe_r", "heel_l"],
        "sphere_force_N": RNG.uniform(100, 200, (85, 3, 3)),
        "sphere_point_m": 0.01 * RNG.normal(size=(85, 3, 3)),
        "coordinates": ["hip", "pelvis_ty", "knee"],
        "q": np.stack([FRAMES, 0.001 * FRAMES + 0.02, FRAMES], axis=1),
        "muscles": ["a", "b", "c", "d"],
        "activation": ACTIVATION,
    },
    "verify": {},
    "trunk": {"frames": FRAMES, "muscles": ["e", "f"], "activation": np.zeros((85, 2))},
}
METRICS = {"residual_force_percent": 1.5, "residual_moment_percent": 2, "penetration_m": 0.012}
META: dict[str, dict[str, Any]] = {
    "ik": {"mass_kg": MASS, "contact_height_offset_m": -0.005},
    "trajectory": {
        "attempts": [{"status": "failed", "rung": "hard"}, {"status": "solved", "rung": "soft"}],
        "formulation": "joint",
    },
    "verify": {"metrics": METRICS},
    "trunk": {"metrics": {"pelvis_residual_max_percent_bw": 3.0, "flagged_share": 0.25}},
}


def chunk(without: str = "", **changes: dict[str, Any]) -> Chunk:
    """Arrays and record of a stage are changed by `<stage>` and `<stage>_meta`; None takes one away."""
    bundles: dict[str, Bundle | None] = {}
    for stage, arrays in ARRAYS.items():
        known = {name: np.asarray(a) for name, a in {**arrays, **changes.get(stage, {})}.items() if a is not None}
        meta = {
            name: v for name, v in {**META.get(stage, {}), **changes.get(f"{stage}_meta", {})}.items() if v is not None
        }
        bundles[stage] = None if stage in without.split() else Bundle(StageStatus(stage), known, meta)
    return Chunk(WINDOW, bundles, StageStatus("merge", Status.ACCEPTED))


def numbers(of: Chunk, mass_kg: float | None = None, feet: np.ndarray | None = None) -> dict[str, Any]:
    return chunk_metrics(of, mass_kg, CONFIG, feet)


def test_forces_are_those_of_both_feet_in_the_kept_frames_in_body_weights() -> None:
    both = [GRF[frame - 86, 0, 1] + GRF[frame - 86, 1, 1] for frame in KEPT]
    found = numbers(chunk())
    assert found["peak_vertical_force_bw"] == pytest.approx(max(both) / WEIGHT)
    assert found["mean_vertical_force_bw"] == pytest.approx(sum(both) / 16 / WEIGHT)
    heavy = numbers(chunk(), 2 * MASS)  # the model's mass is known: inverse kinematics is not asked
    assert heavy["peak_vertical_force_bw"] == pytest.approx(0.5 * max(both) / WEIGHT)


def test_impulse_is_that_of_all_frames_between_the_buffers() -> None:
    def vertical(frame: int) -> float:
        return float(GRF[frame - 86, :, 1].sum())

    impulse = sum(0.5 * (vertical(k) + vertical(k + 1)) / 50 for k in BETWEEN[:-1])
    of_weight = WEIGHT * 69 / 50
    change = MASS * (VELOCITY[162 - 80, 1] - VELOCITY[93 - 80, 1])
    expected = 100 * (impulse - of_weight - change) / of_weight
    assert numbers(chunk())["impulse_error_percent"] == pytest.approx(expected)


@pytest.mark.parametrize(("stop", "measured"), [(95, True), (94, False), (93, False)])
def test_an_impulse_takes_two_frames(stop: int, measured: bool) -> None:
    few = chunk(
        trajectory={"frames": np.arange(86, stop), "grf_force_N": GRF[: stop - 86]},
        ik={"frames": np.arange(80, stop), "com_velocity": VELOCITY[: stop - 80]},
    )
    assert ("impulse_error_percent" in numbers(few)) is measured


def test_forces_and_velocities_of_different_frames_have_no_impulse(capsys: pytest.CaptureFixture[str]) -> None:
    short = chunk(ik={"frames": WIDE[:60], "com_velocity": VELOCITY[:60]})
    assert "impulse_error_percent" not in numbers(short) and capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["peak_vertical_force_bw", "impulse_error_percent", "foot_slip_mm"])
def test_without_a_mass_forces_are_not_compared_with_weight(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert name in numbers(chunk())
    assert name not in numbers(chunk(ik_meta={"mass_kg": None})) and capsys.readouterr().out == ""


@pytest.mark.parametrize("without", ["trajectory", "ik", "support", "trunk", "verify", " ".join(ARRAYS)])
def test_a_chunk_that_did_not_get_far_has_the_numbers_of_its_stages(
    without: str, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = {
        "trajectory": ["peak_vertical_force_bw", "foot_slip_mm", "solver_status", "saturation_share"],
        "ik": ["contact_height_offset_mm", "marker_rms_mm", "pelvis_correction_mm"],
        "support": [],
        "trunk": ["trunk_saturation_share", "trunk_flagged_share"],
        "verify": ["pelvis_force_percent", "penetration_mm"],
    }
    found, every = numbers(chunk(without), MASS), numbers(chunk(), MASS)
    assert capsys.readouterr().out == ""
    gone = [name for stage in without.split() for name in missing[stage]]
    assert not set(gone) & found.keys() and set(gone) <= every.keys()
    if without != " ".join(ARRAYS):
        assert found
    else:
        assert found == {}


def stance(side: str, speed: float, load: float) -> dict[str, Any]:
    """One sphere of a foot slides along x at `speed`, loaded in the last ten kept frames; all others hang in the air."""
    names = ARRAYS["trajectory"]["spheres"]
    force, point = np.zeros((85, 3, 3)), np.zeros((85, 3, 3))
    which = names.index(f"heel_{side}")
    force[153 - 86 : 163 - 86, which, 1] = load
    point[:, which, 0] = speed * FRAMES / 50
    point[:, which, 1] = -0.002
    return {"sphere_force_N": force, "sphere_point_m": point}


@pytest.mark.parametrize("side", ["r", "l"])
def test_slip_is_the_way_of_the_loaded_foot_in_the_kept_frames(side: str) -> None:
    found = numbers(chunk(trajectory=stance(side, 0.3, 0.5 * WEIGHT)))
    assert found["foot_slip_mm"] == pytest.approx(300 * 10 / 50)
    assert found["foot_slip_loaded_mm"] == pytest.approx(0.5 * 300 * 10 / 50)
    assert (found["foot_slip_side"], found["foot_slip_frame"]) == (side, 153)
    assert found["sole_height_mm"] == pytest.approx(-4.0)


def test_a_foot_that_stays_where_it_is_has_no_frame_of_slip() -> None:
    found = numbers(chunk(trajectory=stance("r", 0.0, 300.0)))
    assert found["foot_slip_mm"] == 0.0 and "foot_slip_frame" not in found


@pytest.mark.parametrize(("load", "slips"), [(30.0, True), (29.9, False)])
def test_a_foot_is_loaded_from_the_threshold_of_contact_on(load: float, slips: bool) -> None:
    found = numbers(chunk(trajectory=stance("r", 0.3, load)))
    assert (found["foot_slip_mm"] > 0) is slips and ("sole_height_mm" in found) is slips


@pytest.mark.parametrize(
    ("solved", "supported", "speed"),
    [([0.3, 0.0, 0.0], None, 0.0), (None, [0.3, 0.0, 0.0], 0.0), ([0.3, 0, 0], [9.0, 0, 0], 0.0), (None, None, 0.3)],
)
def test_slip_is_relative_to_the_belt_that_was_solved_with_or_else_found(
    solved: list[float] | None, supported: list[float] | None, speed: float
) -> None:
    of = chunk(
        trajectory=stance("l", 0.3, 300.0),
        trajectory_meta={"belt_velocity_m_s": solved},
        support_meta={"belt_velocity_m_s": supported},
    )
    assert numbers(of)["foot_slip_mm"] == pytest.approx(1000 * speed * 10 / 50, abs=1e-9)


def test_without_a_belt_slip_is_relative_to_the_floor() -> None:
    of = chunk("support", trajectory=stance("l", 0.3, 300.0))
    assert numbers(of)["foot_slip_mm"] == pytest.approx(60.0)


def test_slip_sideways_counts_as_much() -> None:
    of = stance("r", 0.3, 300.0)
    of["sphere_point_m"] = of["sphere_point_m"][..., [2, 1, 0]]
    assert numbers(chunk(trajectory=of))["foot_slip_mm"] == pytest.approx(60.0)


def test_speeds_at_the_ends_of_what_is_kept_are_those_of_the_whole_window() -> None:
    """A foot at constant acceleration: central differences are exact, one-sided ones would not be."""
    of = stance("r", 0.0, 300.0)
    of["sphere_force_N"][:, 0, 1] = 300.0
    of["sphere_point_m"][:, 0, 0] = 0.5 * ((FRAMES - 86) / 50) ** 2
    assert numbers(chunk(trajectory=of))["foot_slip_mm"] == pytest.approx(sum(1000 * (k - 86) / 50 / 50 for k in KEPT))


def test_pelvis_correction_is_the_mean_difference_to_inverse_kinematics() -> None:
    found = numbers(chunk())
    assert found["pelvis_correction_mm"] == pytest.approx(20.0)
    assert found["contact_height_offset_mm"] == pytest.approx(-5.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"ik": {"leg_coordinates": ["knee", "hip"]}},
        {"trajectory": {"coordinates": ["hip", "ankle", "knee"]}},
        {"ik": {"leg_coordinates": None}},
        {"trajectory": {"coordinates": None}},
        {"ik": {"leg_q": None}},
        {"ik": {"frames": WIDE[:70], "leg_q": np.zeros((70, 2))}},
        {
            "ik": {"frames": WIDE[:20], "leg_q": np.zeros((20, 2))},
            "trajectory": {"frames": FRAMES[:20], "q": np.zeros((20, 3))},
        },
    ],
)
def test_where_pelvis_heights_cannot_be_compared_the_offset_is_still_told(
    changes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found = numbers(chunk(**changes))
    assert "pelvis_correction_mm" not in found and found["contact_height_offset_mm"] == pytest.approx(-5.0)
    assert "contact_height" not in capsys.readouterr().out
    assert "contact_height_offset_mm" not in numbers(chunk(ik_meta={"contact_height_offset_m": None}, **changes))


def test_saturation_is_the_share_of_values_at_the_level_between_the_buffers() -> None:
    at = [[ACTIVATION[frame - 86, m] >= 0.9 for m in range(4)] for frame in BETWEEN]
    shares = [sum(row[m] for row in at) / 70 for m in range(4)]
    found = numbers(chunk())
    assert found["saturation_share"] == pytest.approx(sum(shares) / 4) and found["trunk_saturation_share"] == 0.0
    assert found["saturated_muscle_share"] == pytest.approx(max(shares))
    assert found["saturated_muscle"] == "abcd"[int(np.argmax(shares))]


def saturated(legs: float, trunk: float) -> dict[str, Any]:
    """The second muscle of legs and the first of the trunk at the level in a share of the frames."""
    values = np.zeros((85, 4))
    values[: 7 + round(70 * legs), 1] = 0.9
    other = np.zeros((85, 2))
    other[: 7 + round(70 * trunk), 0] = 1.0
    return numbers(chunk(trajectory={"activation": values}, trunk={"activation": other}))


def test_the_most_saturated_muscle_is_of_legs_or_trunk_and_none_where_none_is() -> None:
    def worst(found: dict[str, Any]) -> tuple[Any, Any]:
        return found["saturated_muscle"], found["saturated_muscle_share"]

    assert worst(saturated(0.5, 0.2)) == ("b", 0.5)
    assert worst(saturated(0.2, 0.5)) == ("e", 0.5)
    assert worst(saturated(0.5, 0.5)) == ("b", 0.5)
    assert worst(numbers(chunk("trunk", trajectory={"activation": np.zeros((85, 4))}))) == ("", 0.0)
    assert worst(numbers(chunk("trajectory", trunk={"activation": np.ones((85, 2))}))) == ("e", 1.0)


def test_without_activations_of_the_legs_those_of_the_trunk_are_told() -> None:
    found = numbers(chunk(trajectory={"activation": None}))
    assert "saturation_share" not in found and found["trunk_saturation_share"] == 0.0


def test_the_solver_is_told_by_its_last_attempt_and_residuals_by_their_stage() -> None:
    found = numbers(chunk())
    expected = {
        "solver_status": "solved",
        "solver_rung": "soft",
        "formulation": "joint",
        "pelvis_force_percent": 1.5,
        "pelvis_moment_percent": 2.0,
        "penetration_mm": pytest.approx(12.0),
        "trunk_pelvis_residual_percent_bw": 3.0,
        "trunk_flagged_share": 0.25,
    }
    assert {name: found[name] for name in expected} == expected


def test_an_attempt_without_names_has_empty_ones_and_no_attempt_none() -> None:
    found = numbers(chunk(trajectory_meta={"attempts": [{}], "formulation": None}))
    assert found["solver_status"] == found["solver_rung"] == "" and "formulation" not in found
    assert not {"solver_status", "solver_rung"} & numbers(chunk(trajectory_meta={"attempts": []})).keys()
    assert not {"solver_status", "solver_rung"} & numbers(chunk(trajectory_meta={"attempts": None})).keys()


def test_residuals_that_were_not_found_are_left_out_and_others_told() -> None:
    found = numbers(chunk(verify_meta={"metrics": {"penetration_m": 0.001}}, trunk_meta={"metrics": None}))
    assert found["penetration_mm"] == pytest.approx(1.0)
    assert not {"pelvis_force_percent", "trunk_flagged_share"} & found.keys() and found["solver_status"] == "solved"


def markers(name_of_jump: str) -> MarkerTable:
    """Three markers at rest, one of which is 5 cm off in frame 150."""
    positions = np.zeros((96, 3, 3))
    positions[150 - 80, ["A", "B", "C"].index(name_of_jump), 0] = 0.05
    return MarkerTable(["A", "B", "C"], positions, WIDE / 50, 50.0)


def test_jumps_are_those_of_markers_that_inverse_kinematics_followed() -> None:
    of = chunk(ik_meta={"marker_rms_by_marker_m": {"A": 0.01, "C": 0.01}})
    of.markers = markers("A")
    found = numbers(of)
    assert (found["marker_jump_mm"], found["marker_jump_name"]) == (pytest.approx(50.0), "A")
    assert found["marker_jump_frame"] == 150
    of.markers = markers("B")
    assert numbers(of)["marker_jump_mm"] == 0.0


def test_without_a_list_of_markers_all_may_jump() -> None:
    of = chunk("verify")
    assert "marker_jump_mm" not in numbers(of)
    of.markers = markers("B")
    assert numbers(of)["marker_jump_name"] == "B"


def test_marker_errors_are_those_of_the_kept_frames() -> None:
    found = numbers(chunk())
    assert found["marker_rms_mm"] == pytest.approx(np.sqrt(np.mean([k**2 for k in KEPT])))
    assert found["marker_max_mm"] == pytest.approx(2 * 162)


FEET = np.zeros((200, 2)) + np.arange(200)[:, None] / 1000  # 1 mm higher in every frame


@pytest.mark.parametrize(
    ("reason", "seen"),
    [
        (Reason.NONE, True),
        (Reason.FRAME_RATE, True),
        (Reason.NON_FOOT_SUPPORT, False),
        (Reason.UNEVEN_FLOOR, False),
    ],
)
def test_feet_hover_where_they_are_what_carries_the_body(reason: Reason, seen: bool) -> None:
    of = chunk(ik={"com_acceleration": np.zeros((96, 3))})
    of.bundles["support"] = Bundle(
        StageStatus("support", Status.FAILED if reason.value != "none" else Status.OK, reason)
    )
    assert ("hover_mm" in numbers(of, feet=FEET)) is seen
    assert "hover_mm" not in numbers(of)


def test_hovering_is_looked_for_in_the_kept_frames_also_before_support_is_known() -> None:
    of = chunk("support", ik={"com_acceleration": np.zeros((96, 3))})
    assert numbers(of, feet=FEET)["hover_mm"] == pytest.approx(162 - 11)  # the last 0.24 s, twelve frames


def test_a_body_that_falls_does_not_hover_by_its_vertical_acceleration() -> None:
    for axis, falls in ((0, False), (1, True), (2, False)):
        acceleration = np.zeros((96, 3))
        acceleration[:, axis] = -9.0
        found = numbers(chunk("support", ik={"com_acceleration": acceleration}), feet=FEET)
        assert ("hover_mm" not in found) is falls


def test_heights_of_other_frames_than_accelerations_are_not_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert "hover_mm" not in numbers(chunk("support"), feet=FEET[:155]) and capsys.readouterr().out == ""


def test_what_does_not_fit_costs_its_own_numbers_and_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    found = numbers(chunk(trajectory={"sphere_force_N": np.zeros((85, 2, 3))}))
    assert "foot_slip_mm" not in found and {"peak_vertical_force_bw", "marker_rms_mm", "solver_status"} <= found.keys()
    said = capsys.readouterr().out
    assert said.startswith("chunk 1: not measured: IndexError(") and said.count("\n") == 1


def test_numbers_that_are_not_finite_are_left_out_and_names_stay() -> None:
    of = chunk(trunk_meta={"metrics": {"flagged_share": float("nan"), "pelvis_residual_max_percent_bw": float("inf")}})
    found = numbers(of)
    assert not {"trunk_flagged_share", "trunk_pelvis_residual_percent_bw"} & found.keys()
    assert found["formulation"] == "joint"


@pytest.mark.parametrize(
    ("mass", "expected"),
    [
        (70, 70.0),
        (0.5, 0.5),
        ("70", None),
        (0, None),
        (-1.0, None),
        (float("inf"), None),
        (float("nan"), None),
        (None, None),
        ([70], None),
    ],
)
def test_a_mass_is_a_positive_number(mass: Any, expected: float | None) -> None:
    found = body_mass(chunk(ik_meta={"mass_kg": mass}))
    assert found == expected and (found is None or isinstance(found, float))


def test_without_inverse_kinematics_no_mass_is_known() -> None:
    assert body_mass(chunk("ik")) is None


ROW = {"seam_vertical_force_difference_N": 30, "seam_step": 2, "frame": 77}


def test_numbers_of_a_seam_are_told_with_the_difference_of_forces_in_body_weights() -> None:
    found = seam_metrics(chunk(), ROW, 50.0)
    expected = {"seam_vertical_force_difference_N": 30.0, "seam_step": 2.0}
    assert found == {**expected, "seam_force_bw": pytest.approx(30 / (50 * 9.80665))}
    assert isinstance(found["seam_step"], float)
    assert seam_metrics(chunk(), ROW, None)["seam_force_bw"] == pytest.approx(30 / WEIGHT)
    assert seam_metrics(chunk("ik"), ROW, None) == expected


def test_measuring_puts_numbers_and_rows_into_the_chunk() -> None:
    of = chunk(
        verify_meta={"metrics": {**METRICS, "tracking_rms_knee_deg": 2.0}}, ik={"com_acceleration": np.zeros((96, 3))}
    )
    measure(of, MASS, CONFIG, FEET)
    assert of.metrics == numbers(of, MASS, FEET) and "hover_mm" in of.metrics
    assert of.coordinates == [{"coordinate": "knee", "model": "leg", "unit": "deg", "tracking_rms": 2.0}]
    measure(of, 2 * MASS, MergeConfig(saturation_level=0.01))
    assert of.metrics == chunk_metrics(of, 2 * MASS, MergeConfig(saturation_level=0.01)) != numbers(of, MASS)


def test_rows_of_coordinates_that_do_not_fit_are_said_and_numbers_stay(capsys: pytest.CaptureFixture[str]) -> None:
    of = chunk(trajectory={"reserve": np.zeros((85, 3)), "reserve_coordinates": np.array(["knee"])})
    measure(of, MASS, CONFIG)
    assert of.coordinates == [] and of.metrics["solver_status"] == "solved"
    assert capsys.readouterr().out.splitlines()[-1].startswith("chunk 1: coordinates not measured: ValueError(")


def test_an_error_that_no_damage_explains_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Chunk) -> dict[str, Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(metrics, "_solver", broken)
    with pytest.raises(ZeroDivisionError):
        numbers(chunk())
