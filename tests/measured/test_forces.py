"""Measured forces in the frame and on the clock of the simulation; those that are not of the motion are left out and told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.body.validate import run as validate
from mint.config.measured import MeasuredConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, write_storage, write_trc
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import turn_to_ground
from mint.measured.force_checks import foot_distance_m
from mint.measured.forces import Forces
from mint.measured.stage import run
from tests.measured import people
from tests.measured.people import FOOT, body, load, times, validated, written

CONFIG = MeasuredConfig()


def measured(
    folder: Path,
    forces: Path | None = None,
    motion: Bundle | None = None,
    its_body: Bundle | None = None,
    **values: object,
) -> Bundle:
    (motion or validated()).write(folder / "validated.npz")
    (its_body or body()).write(folder / "body.npz")
    bundle = run(
        folder / "validated.npz", folder / "body.npz", folder / "measured.npz", CONFIG, forces_path=forces, **values
    )
    assert bundle.ok, bundle.status.message
    return Bundle.read(folder / "measured.npz")


def close_to_truth(bundle: Bundle, shift_s: float = 0.0) -> None:
    force, centre, moment = load()
    loaded = force[:, 1] > 20
    assert bundle.names("plate_names") == ["1"] and bundle["plate_corners_m"].shape == (1, 4, 3)
    np.testing.assert_allclose(bundle["force_time_s"], times() + shift_s, atol=1e-9)
    np.testing.assert_allclose(bundle["plate_force_N"][0], force, atol=1e-6)
    np.testing.assert_allclose(bundle["plate_centre_m"][0][loaded], (centre - [0, 0.02, 0])[loaded], atol=1e-7)
    assert np.isnan(bundle["plate_centre_m"][0][~loaded]).all()
    np.testing.assert_allclose(bundle["plate_free_moment_Nm"][0][loaded], moment[loaded], atol=1e-6)


def test_the_centre_of_pressure_lies_under_the_foot_with_the_floor_at_zero(tmp_path: Path) -> None:
    bundle = measured(tmp_path, written(tmp_path / "f.mot", *load()))
    close_to_truth(bundle)
    centre = bundle["plate_centre_m"][0]
    loaded = np.isfinite(centre[:, 0])
    np.testing.assert_allclose(centre[loaded, 1], 0.0, atol=1e-7)
    assert FOOT[0, 0] < centre[loaded, 0].min() and centre[loaded, 0].max() < FOOT[1, 0]
    assert bundle.meta["forces_from"].endswith("f.mot") and bundle.meta["notes"] == []


@pytest.mark.parametrize("separator", ["\t", ",", ";", " "])
def test_a_csv_gives_the_same(tmp_path: Path, separator: str) -> None:
    names = ["time", *(f"{column.format('1')}{axis}" for column in people.OPENSIM for axis in "xyz")]
    rows = np.concatenate([times()[:, None], *load()], axis=1)
    lines = [separator.join(names), *(separator.join(f"{value:.12g}" for value in row) for row in rows)]
    (tmp_path / "f.csv").write_text("\r\n".join(lines) + "\r\n")
    close_to_truth(measured(tmp_path, tmp_path / "f.csv"))


@pytest.mark.parametrize("up", ["z", "x", "-z", "-x"])
def test_axes_of_the_motion_file_are_turned_like_it(tmp_path: Path, up: str) -> None:
    turn = turn_to_ground(up)  # type: ignore[arg-type]
    forces = written(tmp_path / "f.mot", *(part @ turn for part in load()))
    bundle = measured(tmp_path, forces, validated(up_axis=up))
    close_to_truth(bundle)
    assert "turned like it" in " ".join(bundle.status.warnings)
    close_to_truth(measured(tmp_path, written(tmp_path / "opensim.mot", *load()), validated(up_axis=up)))


def test_forces_on_the_plate_become_those_on_the_person(tmp_path: Path) -> None:
    force, centre, moment = load()
    bundle = measured(tmp_path, written(tmp_path / "f.mot", -force, centre, -moment))
    close_to_truth(bundle)
    assert "on the plates" in bundle.meta["notes"][0]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_forces_that_were_turned_about_the_vertical_are_turned_back(tmp_path: Path, degrees: int) -> None:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    away = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    bundle = measured(tmp_path, written(tmp_path / "f.mot", *(part @ away.T for part in load())))
    force, centre, _ = load()
    np.testing.assert_allclose(bundle["plate_force_N"][0], force, atol=1e-6)
    loaded = force[:, 1] > 20
    np.testing.assert_allclose(bundle["plate_centre_m"][0][loaded], (centre - [0, 0.02, 0])[loaded], atol=1e-7)
    assert f"turned by {360 - degrees} degrees" in bundle.meta["notes"][0]


def test_moments_about_another_point_of_the_surface_make_the_same_load(tmp_path: Path) -> None:
    force, centre, moment = load()
    beside = np.array([0.13, 0.0, -0.21])
    about = moment + np.cross(-beside, force)  # the force is stated at centre + beside
    close_to_truth(measured(tmp_path, written(tmp_path / "f.mot", force, centre + beside, about)))


@pytest.mark.parametrize(("start_s", "offset_s"), [(0.0, 0.0), (3.2, 0.0), (3.2, 0.05), (0.0, -0.05)])
def test_times_count_from_the_first_frame_of_the_motion(tmp_path: Path, start_s: float, offset_s: float) -> None:
    forces = written(tmp_path / "f.mot", *load(), start_s=start_s)
    close_to_truth(measured(tmp_path, forces, validated(start_s), forces_offset_s=offset_s), shift_s=offset_s)


def of_motion() -> Bundle:
    """A motion that holds the plate itself, as the C3D reader leaves it: forces on the person, y up."""
    force, centre, moment = load()
    corners = np.array([[0.8, 0.02, 0.0], [1.4, 0.02, 0.0], [1.4, 0.02, 0.4], [0.8, 0.02, 0.4]])
    loaded = (force[:, 1] > 20)[:, None]
    motion = validated(
        plate_force_N=force[None],
        plate_centre_m=np.where(loaded, centre, np.nan)[None],
        plate_free_moment_Nm=np.where(loaded, moment, 0)[None],
        plate_corners_m=corners[None],
    )
    motion.meta["analog_rate_hz"] = people.FORCE_HZ
    return motion


def test_plates_of_the_motion_file_count_where_the_table_names_none(tmp_path: Path) -> None:
    bundle = measured(tmp_path, None, of_motion(), forces_offset_s=0.01)
    close_to_truth(bundle, shift_s=0.01)
    np.testing.assert_allclose(bundle["plate_corners_m"][0, :, 1], 0.0, atol=1e-9)
    assert bundle.meta["forces_from"] == "walk.trc"


def test_the_table_wins_over_the_plates_of_the_motion_file(tmp_path: Path) -> None:
    force, centre, moment = load()
    bundle = measured(tmp_path, written(tmp_path / "f.mot", 1.5 * force, centre, moment), of_motion())
    np.testing.assert_allclose(bundle["plate_force_N"][0], 1.5 * force, atol=1e-6)


def test_poses_are_compared_with_the_pelvis(tmp_path: Path) -> None:
    trans = np.tile([1.0, -0.26, 0.9], (101, 1))  # z up
    motion = Bundle.of(
        "validate",
        {"trans": trans, "poses": np.zeros((101, 156))},
        {"kind": "poses", "frame_rate_hz": 50.0, "up_axis": "z"},
    )
    close_to_truth(measured(tmp_path, written(tmp_path / "f.mot", *load()), motion))
    motion.arrays["trans"] = trans + np.array([3.0, 0, 0])
    assert "m from the pelvis, level" in refused(tmp_path, written(tmp_path / "f.mot", *load()), motion)


def refused(
    folder: Path, forces: Path | None, motion: Bundle | None = None, its_body: Bundle | None = None, **values: object
) -> str:
    """Why forces are left out; the sequence goes on."""
    bundle = measured(folder, forces, motion, its_body, **values)
    assert bundle["plate_force_N"].shape == (0, 0, 3) and bundle["plate_centre_m"].shape == (0, 0, 3)
    assert bundle["force_time_s"].shape == (0,) and bundle.meta["forces_from"] == ""
    assert list(bundle.status.warnings) == bundle.meta["notes"] and len(bundle.meta["notes"]) == 1
    return bundle.meta["notes"][0]


# What is done to force [N], centre [m] and moment, and what the note says.
WRONG: dict[str, tuple[Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, ...]], str]] = {
    "kN": (lambda f, c, m: (f / 1000, c, m), "a person is felt from 20 N"),
    "body weights": (lambda f, c, m: (f / people.WEIGHT_N * 100, c, m), "0.16 body weights of 70 kg"),
    "mN": (lambda f, c, m: (1000 * f, c, m), "1.1e+03 body weights"),
    "mm": (lambda f, c, m: (f, 1000 * c, m), "m from the nearest marker"),
    "elsewhere": (lambda f, c, m: (f, c + np.array([0.0, 0, 0.7]), m), "lies 0.6"),
    "third axis": (lambda f, c, m: tuple(part[:, [1, 0, 2]] for part in (f, c, m)), "mostly along x"),
    "nothing": (lambda f, c, m: (0 * f, c, m), "no force exceeds 0"),
    "empty": (lambda f, c, m: (np.where(times()[:, None] > 1, np.nan, f), c, m), "500 of 1001 rows lack a force"),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG)
def test_forces_that_are_not_of_this_person_are_left_out_and_told(
    tmp_path: Path, change: Callable[..., tuple[np.ndarray, ...]], said: str
) -> None:
    note = refused(tmp_path, written(tmp_path / "f.mot", *change(*load())))
    assert said in note and "f.mot" in note and note.endswith(")")


def test_plates_of_the_motion_file_are_asked_as_well(tmp_path: Path) -> None:
    motion = of_motion()
    motion.arrays["plate_force_N"] = motion["plate_force_N"] / 1000
    assert "body weights" in refused(tmp_path, None, motion)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no names of columns"),
        (b"\x00\x01\xff" * 50, "UTF-8"),
        (b"time\tknee_angle\n0\t1\n", "0"),
        (b"a\tb\n1\t2\n", "names no column time"),
        (b"time,ground_force_vx\n" + b"0,1\n" * 3, "rows"),
        (b"time\tground_force_vx\n0\t1\n0.1\n", "line 3 has 1 cells"),
        (b"time\tground_force_vx\n0\t1,5\n", "no finite number"),
        (b"time\tground_force_vx\n0\tinf\n", "no finite number"),
        (b"time\tground_force_vx\n0\t1_0\n", "no finite number"),
        (b"time\tx\n" + b"".join(b"%d\t1\n" % i for i in (0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12)), "from 6 to 9 s"),
        (b"time\tx\n" + b"".join(b"%d\t1\n" % -i for i in range(20)), "from 0 to -1 s"),
        (b"time\tx\n" + b"".join(b"%d\t1\n" % (500 * i) for i in range(20)), "limit 3600 s"),
        (b"time\tx\n" + b"".join(b"%f\t1\n" % (i / 100) for i in range(20)), "columns are x"),
    ],
)
def test_a_broken_file_costs_only_itself(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "f.mot").write_bytes(content)
    assert said in refused(tmp_path, tmp_path / "f.mot")


def test_a_file_that_is_gone_or_no_file_costs_only_itself(tmp_path: Path) -> None:
    assert "gone.mot is no file" in refused(tmp_path, None, forces_missing="gone.mot")
    assert "does not exist" in refused(tmp_path, tmp_path / "removed_since.mot")
    assert "a folder" in refused(tmp_path, tmp_path)


def test_an_unloaded_plate_and_one_without_numbers_do_not_disturb_the_other(tmp_path: Path) -> None:
    force, centre, moment = load()
    names = [f"{column.format(plate)}{axis}" for plate in "123" for column in people.OPENSIM for axis in "xyz"]
    zero, lost = np.zeros_like(force), np.full_like(force, np.nan)
    write_storage(
        tmp_path / "f.mot",
        times(),
        names,
        np.concatenate([force, centre, moment, zero, zero, zero, lost, zero, zero], axis=1),
    )
    bundle = measured(tmp_path, tmp_path / "f.mot")
    assert bundle.names("plate_names") == ["1", "2"] and "plate 3 is left out" in bundle.meta["notes"][0]
    np.testing.assert_allclose(bundle["plate_force_N"][0], force, atol=1e-6)
    assert np.isnan(bundle["plate_centre_m"][1]).all()


def test_a_sequence_that_failed_before_passes_that_on(tmp_path: Path) -> None:
    Bundle(StageError(Reason.FILE_CORRUPT, "walk.trc").as_status("validate")).write(tmp_path / "validated.npz")
    body().write(tmp_path / "body.npz")
    bundle = run(tmp_path / "validated.npz", tmp_path / "body.npz", tmp_path / "m.npz", CONFIG)
    assert bundle.status.stage == "validate" and Bundle.read(tmp_path / "m.npz").status == bundle.status


def test_a_trc_and_its_forces_meet_after_validation(tmp_path: Path) -> None:
    """Through the reader of markers: a file that begins at 2 s, in axes of its own."""
    turn = turn_to_ground("z")
    time = 2.0 + np.arange(101) / people.RATE_HZ
    names = [*people.NAMES, "C7"]
    points = np.vstack([FOOT + np.array([0, 0.02, 0]), [1.0, 1.5, 0.1]]) @ turn
    write_trc(tmp_path / "walk.trc", MarkerTable(names, np.tile(points, (101, 1, 1)), time, people.RATE_HZ), 101)
    motion = validate(tmp_path / "walk.trc", None, tmp_path / "validated.npz", ValidateConfig(trc_up_axis="z"))
    assert motion.ok, motion.status.message
    close_to_truth(
        measured(tmp_path, written(tmp_path / "f.mot", *(part @ turn for part in load()), start_s=2.0), motion)
    )


MEASURED = [
    ("schreiber2019/2014004/2014004_C4_02", ".c3d", "_grf.mot"),
    ("schreiber2019/2014030/2014030_C5_02", ".c3d", "_grf.mot"),
    ("opencap_subject4/walking1", ".trc", "_grf.mot"),
    ("hamner2013/subject01/Run_4", ".trc", "_grf.mot"),
]


@pytest.mark.parametrize(("stem", "motion", "forces"), MEASURED)
def test_feet_of_measured_people_stand_on_their_centre_of_pressure(
    tmp_path: Path, shared: Callable[[str], Path], stem: str, motion: str, forces: str
) -> None:
    """At most 0.1 m from the nearest marker of the foot, sample by sample the median, whichever file holds the plates; a C3D file
    and the .mot that others made of it agree to rounding. The file of 2014004 is turned by half a turn, its markers are not."""
    source = shared(f"motion/{stem}{motion}")
    valid = validate(source, None, tmp_path / "v.npz", ValidateConfig())
    assert valid.ok, valid.status.message
    mass = valid.meta["person"].get("mass_kg") or people.MASS_KG
    of_file = measured(tmp_path, shared(f"motion/{stem}{forces}"), valid, body(ground_m=0.0, mass_kg=mass))
    found = [of_file]
    if motion == ".c3d":
        found.append(measured(tmp_path, None, valid, body(ground_m=0.0, mass_kg=mass)))
        time = of_file["force_time_s"]
        for plate in range(2):
            for name, tolerance in (("plate_force_N", 1.0), ("plate_centre_m", 1e-3)):
                loaded = of_file["plate_force_N"][plate, :, 1] > 200
                ours = np.stack(
                    [
                        np.interp(time, found[1]["force_time_s"], np.nan_to_num(found[1][name][plate, :, i]))
                        for i in range(3)
                    ],
                    axis=1,
                )
                assert loaded.sum() > 100
                np.testing.assert_allclose(
                    np.median(np.abs(ours - of_file[name][plate])[loaded], axis=0), 0, atol=tolerance
                )
    for bundle in found:
        loads = Forces(
            bundle.names("plate_names"), *(bundle[name] for name in ("force_time_s", "plate_force_N", "plate_centre_m"))
        )
        assert foot_distance_m(loads, valid["markers"], valid.meta["frame_rate_hz"]) < 0.1
