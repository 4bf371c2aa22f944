"""Force plates, analog channels, events and the person of C3D files: against analytic loads, ezc3d, and measured forces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import read_storage
from mint.formats.c3d import read_trial
from mint.formats.devices import PlateLoad, in_ground
from mint.formats.ground_frame import in_ground_frame
from mint.formats.plates import plate_axes, plate_load, wrench
from mint.formats.trials import Given
from tests.formats.c3d_files import C3d, integers, plates, reals, text
from tests.formats.mutations import walking

CONFIG = ValidateConfig(trc_up_axis="z")
SAMPLES = 10
# A plate of 0.4 x 0.6 m that lies turned in the laboratory, z up, its axes as makers have them: z down.
MIDDLE, TURN = np.array([1.0, 2.0, -0.002]), np.deg2rad(30)
X, Y = np.array([np.cos(TURN), np.sin(TURN), 0.0]), np.array([np.sin(TURN), -np.cos(TURN), 0.0])
CORNERS = np.array([MIDDLE + x * 0.2 * X + y * 0.3 * Y for x, y in ((1, 1), (-1, 1), (-1, -1), (1, -1))])
AXES = np.stack([X, Y, np.cross(X, Y)], axis=1)
DEPTH = np.array([0.001, -0.002, -0.04])
SENSORS = np.array([0.12, 0.2])


def load(samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Force on the person [N], place [m] on the plate and free moment [N m] in the axes of the laboratory; it grows."""
    share = np.linspace(0, 1, samples)[:, None]
    force = share * np.array([60.0, -80.0, 700.0])
    place = MIDDLE + (0.1 - 0.15 * share) * X + (0.2 * share - 0.05) * Y
    return force, place, share * np.array([0.0, 0.0, 5.0])


def channels_of(kind: int, sign: float) -> np.ndarray:
    """What a plate of a type measures of the load, N and N mm; `sign` -1 for the force on the plate."""
    force, place, free = load(120 * SAMPLES)
    local, at, turn = sign * force @ AXES, (place - MIDDLE) @ AXES, sign * free @ AXES
    moment = np.cross(at, local) + turn
    if kind == 1:
        return np.concatenate([local.T, 1000 * at[:, :2].T, 1000 * turn[:, 2:].T])
    if kind == 3:
        # Four sensors: vertical forces that make Mx and My, horizontal ones that make Mz, all about the sensors' plane.
        below = moment - np.cross(local, [0, 0, DEPTH[2]])
        a, b = SENSORS
        shares = np.array([[1, 1, 1, 1], [b, b, -b, -b], [-a, a, a, -a], [1, -1, 1, -1]])
        vertical = np.linalg.solve(shares, np.stack([local[:, 2], below[:, 0], below[:, 1], np.zeros(len(local))]))
        y14 = local[:, 1] / 2 + below[:, 2] / (2 * a)
        return np.stack([local[:, 0] / 2, local[:, 0] / 2, y14, local[:, 1] - y14, *vertical])
    about = moment - np.cross(local, DEPTH)
    return np.concatenate([local.T, 1000 * about.T])


def with_plate(kind: int, sign: float, calibration: np.ndarray | None = None, origin: np.ndarray | None = None) -> C3d:
    """The walk, z up, with two EMG channels before those of the plate."""
    names, points, _ = walking(0)
    measured = channels_of(kind, sign)
    origin = np.array([*SENSORS, DEPTH[2]]) if kind == 3 else DEPTH if origin is None else origin
    channels = measured if calibration is None else np.linalg.solve(calibration, measured)
    emg = np.array([1e-3, 2e-3])[:, None] * np.sin(np.arange(channels.shape[1]))
    numbers = 3 + np.arange(len(channels))
    units = [
        "V",
        "V",
        *(["N"] * 3 + (["mm", "mm", "Nmm"] if kind == 1 else ["Nmm"] * 3) if len(channels) == 6 else ["N"] * 8),
    ]
    group = plates(
        [kind],
        1000 * CORNERS[None],
        1000 * origin[None],
        numbers[None],
        None if calibration is None else calibration[None],
    )
    return C3d(
        points=1000 * points[:, :, [0, 2, 1]] * [1, -1, 1],
        labels=list(names),
        analog=np.concatenate([emg, channels]),
        samples=SAMPLES,
        analog_labels=["R_soleus", "L_soleus", *(f"F{i}" for i in numbers)],
        analog_units=units,
        further={"FORCE_PLATFORM": group},
    )


def validated(file: C3d, folder: Path, config: ValidateConfig = CONFIG, **given: Any) -> Bundle:
    bundle = run(file.write(folder / "a.c3d"), None, folder / "v.npz", config, **given)
    assert bundle.ok, bundle.status.message
    return bundle


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_plates_of_each_type_give_the_load_on_the_person_in_the_ground_frame(
    kind: int, sign: float, tmp_path: Path
) -> None:
    calibration = np.eye(6) + 0.1 * np.random.default_rng(3).normal(size=(6, 6)) if kind == 4 else None
    bundle = validated(with_plate(kind, sign, calibration), tmp_path)
    force, place, free = (in_ground_frame(each, "z") for each in load(120 * SAMPLES))
    loaded = force[:, 1] > 30
    np.testing.assert_allclose(bundle["plate_force_N"][0], force, atol=5e-3)
    np.testing.assert_allclose(bundle["plate_centre_m"][0][loaded], place[loaded], atol=1e-5)
    np.testing.assert_allclose(bundle["plate_free_moment_Nm"][0][loaded], free[loaded], atol=5e-3)
    np.testing.assert_allclose(bundle["plate_corners_m"][0], in_ground_frame(CORNERS, "z"), atol=1e-6)
    assert np.isnan(bundle["plate_centre_m"][0][:20]).all() and bundle.meta["analog_rate_hz"] == 1000


@pytest.mark.parametrize("kind", [2, 3, 4])
def test_forces_and_moments_are_those_of_ezc3d(kind: int, tmp_path: Path) -> None:
    calibration = np.eye(6) + 0.1 * np.random.default_rng(3).normal(size=(6, 6)) if kind == 4 else None
    path = with_plate(kind, -1.0, calibration).write(tmp_path / "a.c3d")
    theirs = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"][0]
    ours = read_trial(path, ValidateConfig(), Given()).devices.plates[0]
    np.testing.assert_allclose(ours.force, theirs["force"].T, atol=1e-3)
    about_middle = np.cross(np.nan_to_num(ours.centre - MIDDLE), ours.force) + ours.moment
    loaded = np.isfinite(ours.centre[:, 0])
    np.testing.assert_allclose(about_middle[loaded], theirs["moment"].T[loaded] / 1000, atol=1e-3)


def test_an_origin_stated_with_the_other_sign_means_the_same(tmp_path: Path) -> None:
    ours = validated(with_plate(2, 1.0), tmp_path)["plate_centre_m"]
    other = validated(with_plate(2, 1.0, origin=-DEPTH), tmp_path)["plate_centre_m"]
    np.testing.assert_allclose(other, ours, atol=1e-6)


@pytest.mark.parametrize(("unit", "factor"), [("Nmm", 1.0), ("N.mm", 1.0), ("N*m", 1e-3), ("Nm", 1e-3), ("", 1.0)])
def test_moments_are_read_in_the_unit_of_their_channels(unit: str, factor: float, tmp_path: Path) -> None:
    file = with_plate(2, 1.0)
    file.analog[5:] *= factor
    file.analog_units[5:] = [unit] * 3
    np.testing.assert_allclose(
        validated(file, tmp_path)["plate_centre_m"],
        validated(with_plate(2, 1.0), tmp_path)["plate_centre_m"],
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("unit", "factor", "words"), [("Nm", 1.0, "lies beside it"), ("Nmm", 1e-3, "never leaves its middle")]
)
def test_moments_of_another_unit_than_stated_make_no_plate(
    unit: str, factor: float, words: str, tmp_path: Path
) -> None:
    file = with_plate(2, 1.0, origin=np.zeros(3))
    file.analog[5:] = channels_of(2, 1.0)[3:] + 1000 * np.cross(channels_of(2, 1.0)[:3].T, DEPTH).T
    file.analog_units[5:] = [unit] * 3
    file.analog[5:] *= factor
    bundle = validated(file, tmp_path)
    assert "plate_force_N" not in bundle and any(words in text for text in bundle.status.warnings)


def test_channels_of_no_plate_are_kept_with_names_units_and_rate(tmp_path: Path) -> None:
    bundle = validated(with_plate(2, 1.0), tmp_path)
    assert bundle.names("analog_names") == ["R_soleus", "L_soleus"] and bundle.meta["analog_units"] == ["V", "V"]
    np.testing.assert_allclose(bundle["analog"][1], 2e-3 * np.sin(np.arange(1200)), atol=1e-9)
    assert bundle["analog"].dtype == np.float32


@pytest.mark.parametrize("real", [True, False])
def test_scale_and_offset_of_channels_are_applied(real: bool, tmp_path: Path) -> None:
    file = with_plate(2, 1.0)
    file.analog, file.analog_labels, file.analog_units = file.analog[:1] * 1000, ["EMG"], ["mV"]
    file.further, file.real, file.analog_scale, file.analog_offset = {}, real, 0.001, 2048
    bundle = validated(file, tmp_path)
    np.testing.assert_allclose(bundle["analog"][0], np.sin(np.arange(1200)), atol=6e-4)


@pytest.mark.parametrize("offset", [0, 2048, 32768])
def test_channels_of_unsigned_integers_are_not_taken_for_negative_ones(offset: int, tmp_path: Path) -> None:
    file = with_plate(2, 1.0)
    file.analog, file.analog_labels, file.analog_units = (
        0.001 * (np.linspace(0, 65535, 1200)[None] - offset),
        ["EMG"],
        ["mV"],
    )
    file.further, file.real, file.analog_scale, file.analog_offset, file.unsigned = {}, False, 0.001, offset, True
    np.testing.assert_allclose(validated(file, tmp_path)["analog"], file.analog, atol=6e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"TYPE": integers([7])}, "its type is 7"),
        ({"CORNERS": reals(np.zeros(12), (3, 4, 1))}, "span no surface"),
        ({"CORNERS": reals(np.zeros(9), (3, 3, 1))}, "12 and 3 numbers"),
        ({"CHANNEL": integers([3, 4, 5, 6, 7, 99], (6, 1))}, "does not name 6 of the 8"),
        ({"CHANNEL": integers([3, 3, 5, 6, 7, 8], (6, 1))}, "does not name 6 of the 8"),
        ({"ORIGIN": reals([], (0,))}, "12 and 3 numbers"),
        ({"TYPE": integers([4])}, "CAL_MATRIX"),
    ],
)
def test_a_plate_that_cannot_be_read_is_left_out_and_the_motion_kept(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    file = with_plate(2, 1.0)
    file.further["FORCE_PLATFORM"] |= change
    bundle = validated(file, tmp_path)
    assert "plate_force_N" not in bundle and len(bundle["analog"]) == 8
    assert any(words in text and "left out" in text for text in bundle.status.warnings)


def test_a_file_without_plates_and_channels_has_none_of_their_arrays(tmp_path: Path) -> None:
    names, points, _ = walking(0)
    bundle = validated(C3d(points=1000 * points, labels=list(names)), tmp_path, ValidateConfig())
    assert set(bundle.arrays) == {"markers", "marker_names"} and bundle.meta["recorded_events"] == []
    assert bundle.status.warnings == ()


def test_a_load_is_never_below_the_least_that_has_a_centre() -> None:
    force, moment = wrench(2, np.array([[0.0], [0.0], [-1.0], [1.0], [1.0], [0.0]]), DEPTH)
    axes = plate_axes(CORNERS)
    assert axes is not None
    unloaded = plate_load(2, force, moment, CORNERS, axes)
    assert np.isnan(unloaded.centre).all() and not unloaded.moment.any()


def test_the_person_is_read_in_any_groups_spelling(tmp_path: Path) -> None:
    spellings = [
        {
            "SUBJECT": {
                "LABELS": text(["age", "gender", "weight", "height"]),
                "UNITS": text(["years", "(0: woman, 1: man)", "kg", "m"]),
                "VALUES": reals([30, 0, 67.5, 1.655]),
            }
        },
        {
            "PROCESSING": {"Bodymass": reals([67.5], ()), "Height": reals([1655.0], ())},
            "SUBJECTS": {"SEX": text(["F"])},
        },
        {"SUBJECTS": {"WEIGHT": reals([67.5]), "HEIGHT": reals([165.5]), "GENDER": text(["Female"])}},
    ]
    for further in spellings:
        names, points, _ = walking(0)
        bundle = validated(C3d(points=1000 * points, labels=list(names), further=further), tmp_path, ValidateConfig())
        assert bundle.meta["person"] == {"mass_kg": 67.5, "height_m": 1.655, "sex": "female"}
        assert bundle.meta["gender"] == "female"
    assert (
        validated(
            C3d(points=1000 * points, labels=list(names), further=spellings[0]),
            tmp_path,
            ValidateConfig(),
            gender="male",
        ).meta["gender"]
        == "male"
    )


@pytest.mark.parametrize(
    ("further", "words"),
    [
        ({"SUBJECTS": {"WEIGHT": reals([6700.0])}}, "not that of a person"),
        ({"SUBJECTS": {"WEIGHT": reals([67.0])}, "PROCESSING": {"MASS": reals([80.0])}}, "67.0 and 80.0: none is used"),
    ],
)
def test_a_mass_that_cannot_be_or_is_two_is_not_used(further: dict[str, Any], words: str, tmp_path: Path) -> None:
    names, points, _ = walking(0)
    bundle = validated(C3d(points=1000 * points, labels=list(names), further=further), tmp_path, ValidateConfig())
    assert bundle.meta["person"]["mass_kg"] is None and any(words in text for text in bundle.status.warnings)


def test_events_are_on_the_clock_of_the_markers(tmp_path: Path) -> None:
    names, points, _ = walking(0)
    further = {
        "EVENT": {
            "USED": integers(2),
            "TIMES": reals([0, 1.5, 0, 0.9], (2, 2)),
            "LABELS": text(["Foot Off", "Foot Strike"]),
            "CONTEXTS": text(["Left", "Right"]),
        }
    }
    file = C3d(points=1000 * points, labels=list(names), further=further, first=81)
    bundle = validated(file, tmp_path, ValidateConfig())
    assert bundle.meta["start_time_s"] == pytest.approx(0.8)
    assert bundle.meta["recorded_events"] == [
        {"time_s": 0.9, "label": "Foot Strike", "side": "right"},
        {"time_s": 1.5, "label": "Foot Off", "side": "left"},
    ]


def test_plates_of_ten_people_agree_with_the_forces_that_opensim_read(shared: Any) -> None:
    """To 1 % of body weight and 5 mm; the published forces of those who walk backwards along x are turned by half a turn."""
    trials = sorted(Path(shared("motion/schreiber2019")).glob("*/*_C?_*.c3d"))
    assert len({path.parent for path in trials}) == 10 and len(trials) == 20
    for path in trials:
        devices = in_ground(read_trial(path, ValidateConfig(), Given()).devices, "z")
        time_s, names, values, _ = read_storage(path.with_name(f"{path.stem}_grf.mot"))
        half_turn = np.array([-1.0, 1.0, -1.0])
        assert devices.person.mass_kg is not None
        weight = 9.81 * devices.person.mass_kg
        errors = [
            [
                _largest(plate, number, devices.rate_hz, time_s, names, values, turn, weight)
                for number, plate in enumerate(devices.plates, 1)
            ]
            for turn in (np.ones(3), half_turn)
        ]
        force, centre = np.min(np.max(errors, axis=1), axis=0)
        assert force < 0.001 * weight and centre < 0.0005, path


def _largest(
    plate: PlateLoad,
    number: int,
    rate_hz: float,
    time_s: np.ndarray,
    names: list[str],
    values: np.ndarray,
    turn: np.ndarray,
    weight: float,
) -> tuple[float, float]:
    """Largest difference of force [N] and centre of pressure [m] from published ones under a tenth of body weight."""
    at = np.arange(len(plate.force)) / rate_hz
    force, centre = (
        np.stack(
            [np.interp(at, time_s, values[:, names.index(f"ground_force_{number}_{part}{axis}")]) for axis in "xyz"],
            axis=1,
        )
        for part in "vp"
    )
    loaded = force[:, 1] > 0.1 * weight
    assert loaded.sum() > 300
    return (
        float(np.abs(turn * plate.force - force)[loaded].max()),
        float(np.abs(turn * plate.centre - centre)[loaded].max()),
    )
