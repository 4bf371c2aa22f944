"""C3D files of every storage, and odd ones: the markers that were written come back, or one clear message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.formats.c3d import read_static
from mint.formats.c3d_header import read_c3d_header
from mint.formats.header import motion_header, stated_rate
from mint.formats.static import static_trial
from mint.formats.trials import Given
from tests.formats.c3d_files import DEC, INTEL, MIPS, C3d, integers, reals, text
from tests.formats.mutations import walking

CONFIG = ValidateConfig()


def trial(**changes: Any) -> C3d:
    """A walk of 120 frames and 14 markers in millimetres."""
    names, points, _ = walking(0)
    return C3d(**{"points": points * 1000, "labels": list(names), **changes})


def validated(file: C3d, folder: Path, **given: Any) -> Bundle:
    return run(file.write(folder / "a.c3d"), "c3d", folder / "v.npz", CONFIG, **given)


def refused(file: C3d, folder: Path, reason: Reason, **given: Any) -> str:
    """The words of validation, which are those of planning where that sees it."""
    status = validated(file, folder, **given).status
    assert status.reason is reason, status.message
    try:
        motion_header(folder / "a.c3d", "c3d", CONFIG, given.get("frame_rate_override"))
    except StageError as error:
        assert error.detail == status.detail
    return status.detail


def renamed(names: Any) -> C3d:
    """The walk with other labels for its markers; those beyond the 14 are added."""
    points = trial().points
    return trial(
        points=points[:, np.arange(len(names)) % 14] + 5 * (np.arange(len(names)) // 14)[:, None], labels=list(names)
    )


@pytest.mark.parametrize("processor", [INTEL, DEC])
@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize(("unit", "length_m"), [("mm", 1e-3), ("m", 1.0), ("cm", 1e-2), ("Millimeters", 1e-3)])
def test_markers_come_back_in_metres_however_they_are_stored(
    processor: int, real: bool, unit: str, length_m: float, tmp_path: Path
) -> None:
    _, points, _ = walking(0)
    scale = 1e-4 / length_m
    bundle = validated(
        trial(points=points / length_m, unit=unit, processor=processor, real=real, scale=scale), tmp_path
    )
    assert bundle.ok, bundle.status.message
    np.testing.assert_allclose(bundle["markers"], points, atol=6e-5 if not real else 1e-6)
    assert (bundle.meta["frame_rate_hz"], bundle.meta["kind"], bundle.meta["source"]) == (100.0, "markers", "c3d")


def test_header_reader_and_ezc3d_agree_on_every_parameter(shared: Any) -> None:
    for path in (shared("motion/cmu_02_05.c3d"), shared("motion/schreiber2019/2014001/2014001_C4_05.c3d")):
        theirs = ezc3d.c3d(str(path))["parameters"]
        ours = read_c3d_header(Path(path)).parameters.found
        for (group, name), parameter in ours.items():
            value = theirs[group][name]["value"]
            if not parameter.values:
                assert np.size(value) == 0 or not any(value), (group, name)
            elif isinstance(parameter.values[0], str):
                assert [text.strip() for text in value] == [str(each) for each in parameter.values], (group, name)
            else:
                np.testing.assert_allclose(
                    np.asarray(value, dtype=float).ravel(order="F"), parameter.values, err_msg=name
                )


@pytest.mark.parametrize("real", [True, False])
def test_negative_residuals_and_zeros_are_lost_markers(real: bool, tmp_path: Path) -> None:
    file = trial(real=real)
    residuals = np.zeros(file.points.shape[:2])
    residuals[50:100, 2] = -1
    file.points[50:100, 3] = 0
    file.residuals = residuals
    markers = validated(file, tmp_path)["markers"]
    lost = ~np.isfinite(markers).all(axis=2)
    assert lost[50:100, [2, 3]].all() and lost.sum() == 100


def test_fields_of_the_trial_written_as_single_numbers_count(tmp_path: Path) -> None:
    field = {"ACTUAL_START_FIELD": reals([1.0]), "ACTUAL_END_FIELD": reals([120.0])}
    assert motion_header(trial(further={"TRIAL": field}).write(tmp_path / "a.c3d"), "c3d", CONFIG).frames == 120


def test_prefix_of_the_only_subject_is_left_out(tmp_path: Path) -> None:
    names = trial().labels
    bundle = validated(renamed([f"Bob:{name}" for name in names]), tmp_path)
    assert bundle.names("marker_names") == names and not bundle.status.warnings
    file = renamed([f"Bob_{name}" for name in names])
    file.further = {"SUBJECTS": {"USED": integers(1), "LABEL_PREFIXES": text(["Bob_"])}}
    assert validated(file, tmp_path).names("marker_names") == names


def test_of_several_subjects_the_row_chooses_and_else_they_are_named(tmp_path: Path) -> None:
    names = trial().labels
    file = renamed([f"Ann:{name}" for name in names] + [f"Bob:{name}" for name in names])
    detail = refused(file, tmp_path, Reason.FIELD_VALUE, subject="S1")
    assert "markers of 2 people, Ann, Bob" in detail and "S1" in detail
    bundle = validated(file, tmp_path, subject="bob")
    assert bundle.names("marker_names") == names and bundle.meta["subject"] == "bob"
    np.testing.assert_allclose(bundle["markers"][:, 0], file.points[:, 14] / 1000, atol=1e-6)


def test_points_without_a_name_and_results_of_models_are_left_out_and_counted(tmp_path: Path) -> None:
    names = trial().labels
    file = renamed([*names, "*12", "U_1", "uname*3", "", "LHipAngles", "PELO"])
    file.further = {"POINT": {"MODELED_MARKERS": text(["PELO"])}}
    bundle = validated(file, tmp_path)
    assert bundle.names("marker_names") == names
    assert any("4 of 20 points have no label" in text for text in bundle.status.warnings)
    assert any("2 of 20 points are results of a model" in text for text in bundle.status.warnings)


def test_a_name_twice_is_refused_unless_one_is_never_seen(tmp_path: Path) -> None:
    file = renamed([*trial().labels, "C7"])
    assert "twice: C7" in refused(file, tmp_path, Reason.FIELD_VALUE)
    file.points[:, -1] = np.nan
    assert validated(file, tmp_path).ok


def test_more_labels_than_one_parameter_holds_are_read(tmp_path: Path) -> None:
    file = renamed([*trial().labels, *(f"M{i}" for i in range(300))])
    assert validated(file, tmp_path).names("marker_names")[-1] == "M299"


@pytest.mark.parametrize(("frames", "first"), [(70_000, 1), (200, 65_500), (200, 900)])
def test_frames_beyond_16_bits_and_trials_cut_out_are_counted(frames: int, first: int, tmp_path: Path) -> None:
    points = (
        np.resize(trial().points[:, :3], (frames, 3, 3))
        if frames > 1000
        else np.resize(trial().points, (frames, 14, 3))
    )
    file = trial(points=points, labels=trial().labels[: points.shape[1]], first=first)
    header = motion_header(file.write(tmp_path / "a.c3d"), "c3d", CONFIG)
    assert (header.frames, header.warnings) == (frames, ())
    if frames < 1000:
        assert validated(file, tmp_path).meta["start_time_s"] == pytest.approx((first - 1) / 100)


@pytest.mark.parametrize(
    ("file", "reason", "words"),
    [
        (trial(header={"last": 119}), None, "header counts 119 frames"),
        (trial(header={"rate": 120.0}), Reason.FRAME_RATE, "POINT:RATE is 100 Hz, but the header is 120 Hz"),
        (trial(header={"rate": 101.0}), None, "POINT:RATE counts"),
        (
            trial(analog=np.zeros((2, 1200)), samples=10, further={"ANALOG": {"RATE": reals([2000.0])}}),
            Reason.FRAME_RATE,
            "ANALOG:RATE over 10 samples per frame is 200 Hz",
        ),
        (trial(header={"points": 13}), Reason.FIELD_VALUE, "POINT:USED is 14"),
        (trial(header={"scale": 0.1}), Reason.FIELD_VALUE, "POINT:SCALE is -0.1"),
        (trial(real=False, header={"scale": 0.2}), Reason.FIELD_VALUE, "POINT:SCALE is 0.1, in the header 0.2"),
        (trial(header={"start": 9}), Reason.FIELD_VALUE, "POINT:DATA_START"),
        (trial(header={"start": 1}), Reason.FILE_CORRUPT, "its data begin with block 1"),
        (trial(rate_hz=0.0), Reason.FRAME_RATE, "POINT:RATE is 0 Hz"),
        (trial(unit="furlong"), Reason.FIELD_VALUE, "POINT:UNITS is 'furlong'"),
        (trial(unit="m"), Reason.FIELD_VALUE, "POINT:UNITS cannot be right"),
        (trial(unit=""), None, "millimetres are assumed"),
        (trial(processor=99), Reason.FILE_CORRUPT, "processor 99"),
        (trial(processor=MIPS), Reason.FILE_CORRUPT, "a MIPS processor"),
        (trial(points=np.zeros((120, 0, 3)), labels=[]), Reason.MARKER_MISSING, "number of points is 0"),
        (renamed([""] * 14), Reason.MARKER_MISSING, "none of its 14 points"),
        (trial(points=np.full((120, 14, 3), np.nan)), Reason.NOT_FINITE, "no marker"),
        (trial(points=trial().points[:20]), Reason.TOO_SHORT, "less than 0.6 s"),
    ],
)
def test_what_is_odd_is_one_message(file: C3d, reason: Reason | None, words: str, tmp_path: Path) -> None:
    if reason is not None:
        assert words in refused(file, tmp_path, reason)
        return
    bundle = validated(file, tmp_path)
    assert bundle.ok and any(words in text for text in bundle.status.warnings), bundle.status.message
    np.testing.assert_allclose(bundle["markers"], file.points / 1000, atol=1e-6)


def test_a_rate_of_the_table_decides_between_clocks(tmp_path: Path) -> None:
    bundle = validated(trial(header={"rate": 120.0}), tmp_path, frame_rate_override=120.0)
    assert bundle.ok and bundle.meta["frame_rate_hz"] == 120 and bundle.meta["stated_rate_hz"] == 100
    assert any("the override counts" in text for text in bundle.status.warnings)
    assert stated_rate(tmp_path / "a.c3d", "c3d") == 100


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.9, 0.999])
def test_a_truncated_file_is_refused(share: float, tmp_path: Path) -> None:
    content = trial().content()
    (tmp_path / "a.c3d").write_bytes(content[: int(share * len(content))])
    status = run(tmp_path / "a.c3d", "c3d", tmp_path / "v.npz", CONFIG).status
    assert status.reason is Reason.FILE_CORRUPT and status.remedy


def test_a_static_trial_may_be_a_single_frame_without_a_rate(tmp_path: Path) -> None:
    file = trial(points=trial().points[:1], rate_hz=0.0)
    table = static_trial(file.write(tmp_path / "static"))
    assert table.positions.shape == (1, 14, 3) and table.rate_hz > 0
    np.testing.assert_allclose(table.positions, file.points / 1000, atol=1e-6)
    two = renamed([f"{who}:{name}" for who in ("Ann", "Bob") for name in file.labels])
    assert len(static_trial(two.write(tmp_path / "two"), "Ann").names) == 14


def test_a_crash_of_the_library_is_a_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.formats.c3d_data._MEMORY_MB", 60)
    status = validated(trial(), tmp_path).status
    assert status.reason is Reason.FILE_CORRUPT and "cannot be read by ezc3d" in status.detail


def test_cmu_walk_is_read_with_its_prefix_left_out(shared: Any) -> None:
    read = read_static(Path(shared("motion/cmu_02_05.c3d")), Given())
    assert (
        len(read.table.names) == 41 and "LFHD" in read.table.names and not any(":" in name for name in read.table.names)
    )
    assert read.table.positions.shape == (1854, 41, 3) and read.table.rate_hz == 120
