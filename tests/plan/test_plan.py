"""The plan is made from headers alone, once per file, and a bad file costs nobody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.config.validate import ValidateConfig
from mint.core.chunks import windows
from mint.core.motionfiles import MarkerTable
from mint.core.motionfiles import write_trc as write_markers
from mint.core.status import Reason, StageError
from mint.dataset.doubts import doubts
from mint.formats.header import motion_header
from mint.plan import scan
from mint.plan.build import build_plan
from mint.plan.scan import HeaderCache
from mint.plan.sequences import read_adjustments, read_sequences

HEAD = "sequence_id\tsource\tpath\tdataset\tsubject\n"


def write_amass(path: Path, frames: int, rate: float, key: str = "mocap_framerate") -> None:
    np.savez(
        path, poses=np.zeros((frames, 156)), trans=np.zeros((frames, 3)), betas=np.zeros(16), **{key: np.array(rate)}
    )


@pytest.mark.parametrize("key", ["mocap_framerate", "mocap_frame_rate"])
def test_header_gives_frames_and_rate_for_both_spellings(tmp_path: Path, key: str) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0, key)
    header = motion_header(tmp_path / "a.npz", "amass", ValidateConfig())
    assert (header.frames, header.rate_hz, header.warnings) == (241, 120.0, ())


def test_a_truncated_file_is_the_problem_of_its_own_sequence(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_amass(tmp_path / f"{name}.npz", 241, 120.0)
    data = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(data[: len(data) // 2])
    (tmp_path / "s.tsv").write_text(HEAD + "a\tamass\ta.npz\tD\ts\nb\tamass\tb.npz\tD\ts\n")
    plan = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)
    problem = plan["sequences"]["a"]["problem"]
    assert (problem["reason"], problem["stage"]) == ("file_corrupt", "plan") and "a.npz" in problem["detail"]
    assert plan["sequences"]["a"]["windows"] == [] and len(plan["sequences"]["b"]["windows"]) == 2


def test_the_cache_reads_a_file_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0)
    cache = HeaderCache(tmp_path / "cache.json")
    cache.header(tmp_path / "a.npz", "amass")
    cache.save()
    calls = []
    monkeypatch.setattr("mint.plan.scan.motion_header", lambda *a: calls.append(a) or motion_header(*a))
    again = HeaderCache(tmp_path / "cache.json")
    assert again.header(tmp_path / "a.npz", "amass").frames == 241
    assert calls == []
    write_amass(tmp_path / "a.npz", 300, 120.0)
    assert again.header(tmp_path / "a.npz", "amass").frames == 300
    assert len(calls) == 1


def test_the_cache_does_not_remember_a_problem(tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 241, 12000.0)
    cache = HeaderCache(tmp_path / "cache.json")
    with pytest.raises(StageError, match="12000 Hz"):
        cache.header(tmp_path / "a.npz", "amass")
    assert cache.header(tmp_path / "a.npz", "amass", 120.0).frames == 241
    cache.save()
    again = HeaderCache(tmp_path / "cache.json")
    with pytest.raises(StageError, match="12000 Hz"):
        again.header(tmp_path / "a.npz", "amass")


def test_other_limits_are_not_answered_from_the_cache(tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0)
    cache = HeaderCache(tmp_path / "cache.json")
    cache.header(tmp_path / "a.npz", "amass")
    cache.save()
    for limits in (ValidateConfig(max_duration_s=1.0), ValidateConfig(max_frame_rate_hz=100.0)):
        with pytest.raises(StageError):
            HeaderCache(tmp_path / "cache.json", limits).header(tmp_path / "a.npz", "amass")


DAMAGED_CACHES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"1" * 10_000,
    b'{"PATH": null}',
    b'{"PATH": {"stamp": STAMP}}',
    b'{"PATH": {"stamp": STAMP, "frames": "many"}}',
    b'{"PATH": {"stamp": STAMP, "frames": 1e12, "rate_hz": 120, "warnings": []}}',
    b'{"PATH": {"stamp": STAMP, "frames": 2147483647, "rate_hz": 120, "warnings": []}}',
    b'{"PATH": {"stamp": STAMP, "frames": 241, "rate_hz": NaN, "warnings": []}}',
    b'{"PATH": {"stamp": STAMP, "frames": 241, "rate_hz": 1e-9, "warnings": []}}',
    b'{"PATH": {"stamp": STAMP, "frames": 241, "rate_hz": 120, "warnings": [7]}}',
]


@pytest.mark.parametrize("content", DAMAGED_CACHES)
def test_a_damaged_cache_is_an_empty_one(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_amass(path, 241, 120.0)
    cache = HeaderCache(tmp_path / "cache.json")
    good = cache.header(path, "amass")
    stamp = json.dumps(cache.entries[str(path)]["stamp"]).encode()
    cache.path.write_bytes(content.replace(b"PATH", str(path).encode()).replace(b"STAMP", stamp))
    again = HeaderCache(cache.path)
    assert again.header(path, "amass") == good
    again.save()
    assert json.loads(cache.path.read_text())[str(path)]["frames"] == 241


ABSURD = {
    "rate of one frame in two minutes": 1 / 120,
    "rate that is no rate": 1e-9,
    "infinite rate": np.inf,
    "no number": np.nan,
    "negative": -120.0,
    "zero": 0.0,
}


@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_rate_plans_nothing(name: str, tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 241, ABSURD[name])
    (tmp_path / "s.tsv").write_text(HEAD + "a\tamass\ta.npz\tD\ts\n")
    record = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)[
        "sequences"
    ]["a"]
    assert record["windows"] == [] and record["problem"]["reason"] == "frame_rate"
    assert "a.npz" in record["problem"]["detail"]
    assert "mocap_framerate" in record["problem"]["detail"] and record["problem"]["remedy"]


@pytest.mark.parametrize(
    "rate", [np.array([120.0]), np.array([[120]]), np.array(120), np.array("120"), np.array(b"120.0"), np.float32(120)]
)
def test_a_rate_is_a_rate_however_it_is_stored(rate: np.ndarray, tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        poses=np.zeros((241, 156)),
        trans=np.zeros((241, 3)),
        betas=np.zeros(16),
        mocap_framerate=rate,
    )
    assert HeaderCache(tmp_path / "c.json").header(tmp_path / "a.npz", "amass").rate_hz == 120.0


def write_trc(path: Path, frames: str, rows: int, rate_of_time: float = 100.0) -> None:
    """A trial whose header claims some number of frames at 100 Hz, above as many rows as there are."""
    keys = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits"
    table = "".join(f"{i}\t{i / rate_of_time}\t1\t1\t1\n" for i in range(rows))
    path.write_text(f"PathFileType\t4\n{keys}\n100\t100\t{frames}\t1\tm\nFrame#\tTime\tA\n\t\tX1\tY1\tZ1\n\n{table}")


@pytest.mark.parametrize("frames", ["2147483647", "-1", "1000000000", "1e300", "", "many"])
def test_an_absurd_number_of_frames_plans_nothing(frames: str, tmp_path: Path) -> None:
    write_trc(tmp_path / "a.trc", frames, 200)
    with pytest.raises(StageError, match="NumFrames") as error:
        HeaderCache(tmp_path / "c.json").header(tmp_path / "a.trc", "trc")
    assert error.value.reason is Reason.FIELD_VALUE and "a.trc" in error.value.detail


@pytest.mark.parametrize(
    ("frames", "rows", "reason"),
    [
        ("2147483647", 200, Reason.FIELD_VALUE),
        ("2147483647", 1, Reason.FIELD_VALUE),
        ("99000000", 1, Reason.TOO_LONG),
        ("99000000", 0, Reason.TOO_LONG),
    ],
)
def test_an_absurd_number_of_frames_plans_nothing_however_few_rows_there_are(
    frames: str, rows: int, reason: Reason, tmp_path: Path
) -> None:
    write_trc(tmp_path / "a.trc", frames, rows)
    with pytest.raises(StageError, match=frames) as error:
        HeaderCache(tmp_path / "c.json").header(tmp_path / "a.trc", "trc")
    assert error.value.reason is reason and "a.trc" in error.value.detail


@pytest.mark.parametrize("source", ["amass", "trc"])
def test_a_file_whose_clocks_differ_makes_others_with_its_stated_rate_doubtful(source: str, tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        poses=np.zeros((241, 156)),
        trans=np.zeros((241, 3)),
        betas=np.zeros(16),
        mocap_framerate=np.array(120.0),
        mocap_time_length=np.array(4.0),
    )
    write_trc(tmp_path / "a.trc", "241", 241, rate_of_time=50.0)
    path, stated = {"amass": ("a.npz\tD\ts\t", 120.0), "trc": ("a.trc\tD\ts\topencap_vicon", 100.0)}[source]
    (tmp_path / "s.tsv").write_text(f"{HEAD.strip()}\tmarker_set\na\t{source}\t{path}\n")
    record = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)[
        "sequences"
    ]["a"]
    assert record["problem"]["reason"] == "frame_rate" and record["rate_hz"] == stated
    row = {"sequence_id": "a", "reason": "frame_rate", "detail": record["problem"]["detail"]}
    assert list(doubts({"a": record, "b": {**record, "problem": None}}, [row])) == ["b"]


def test_plan_counts_windows_and_marks_missing_files(tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 1 + 120 * 4, 120.0)
    (tmp_path / "s.tsv").write_text(HEAD + "a\tamass\ta.npz\tD\ts\nb\tamass\tnone.npz\tD\ts\n")
    plan = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)
    assert plan["sequences"]["a"]["last_frame"] == 200
    assert [w["stop"] for w in plan["sequences"]["a"]["windows"]] == [84, 154, 200]
    assert plan["sequences"]["b"]["problem"]["reason"] == "file_missing"
    assert "none.npz" in plan["sequences"]["b"]["problem"]["detail"]
    assert plan["subjects"]["D-s"]["shape_from"] == ["a"]
    json.dumps(plan)


def trial(path: Path, seen: list[tuple[int, int]], rate: float = 100.0) -> None:
    """A trial of 401 frames, each of whose markers is seen from one frame to another, both included."""
    positions = np.random.default_rng(0).normal(size=(401, len(seen), 3))
    for marker, (first, last) in enumerate(seen):
        positions[:first, marker] = positions[last + 1 :, marker] = np.nan
    names = [f"M{i}" for i in range(len(seen))]
    write_markers(path, MarkerTable(names, positions, np.arange(401) / rate, rate))


def planned(folder: Path, cache: HeaderCache, cells: str = "") -> dict[str, Any]:
    (folder / "s.tsv").write_text(f"{HEAD.strip()}\tframe_rate_override\na\ttrc\ta.trc\tD\ts\t{cells}\n")
    record: dict[str, Any] = build_plan(read_sequences(folder / "s.tsv"), cache, root=folder, in_view_share=0.4)[
        "sequences"
    ]["a"]
    return record


def test_a_trial_is_planned_from_where_the_person_comes_into_view_to_where_it_leaves(tmp_path: Path) -> None:
    # Of five markers two are 40 %: from frame 31 on, and up to frame 352. One more is never seen.
    trial(tmp_path / "a.trc", [(0, 400), (31, 352), (60, 300), (90, 352), (90, 280), (401, 400)])
    record = planned(tmp_path, HeaderCache(tmp_path / "c.json"))
    assert record["problem"] is None and record["last_frame"] == 200
    assert [(w["start"], w["stop"]) for w in record["windows"]] == [(16, 100), (86, 170), (92, 176)]
    slower = planned(tmp_path, HeaderCache(tmp_path / "c.json"), "75")
    assert [(w["start"], w["stop"]) for w in slower["windows"]] == [(21, 105), (91, 175), (150, 234)]


def test_columns_of_stray_reflections_shorten_no_trial(tmp_path: Path) -> None:
    strays = [(5 * i, 5 * i + 30) for i in range(74)]
    trial(tmp_path / "a.trc", [(0, 400)] * 10 + [(0, 3)] * 80 + strays)
    assert len(planned(tmp_path, HeaderCache(tmp_path / "c.json"))["windows"]) == len(windows(200))


def test_a_gap_between_both_ends_is_left_to_the_chunks(tmp_path: Path) -> None:
    trial(tmp_path / "a.trc", [(0, 100), (300, 400)])
    assert len(planned(tmp_path, HeaderCache(tmp_path / "c.json"))["windows"]) == len(windows(200))


def test_a_person_in_view_for_a_moment_is_too_short(tmp_path: Path) -> None:
    trial(tmp_path / "a.trc", [(0, 400), (100, 155), (100, 155), (120, 140), (120, 140)])
    record = planned(tmp_path, HeaderCache(tmp_path / "c.json"))
    assert record["problem"]["reason"] == "too_short" and not record["windows"]
    assert "from 1.0 to 1.54 s" in record["problem"]["detail"] and record["problem"]["remedy"]


def test_what_is_in_view_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial(tmp_path / "a.trc", [(0, 400), (31, 352), (60, 300)])
    cache = HeaderCache(tmp_path / "c.json")
    first = planned(tmp_path, cache)
    cache.save()
    monkeypatch.setattr(scan, "in_view", lambda *_: pytest.fail("read again"))
    assert planned(tmp_path, HeaderCache(tmp_path / "c.json")) == first
    monkeypatch.setattr(scan, "in_view", lambda *_: (100, 300))
    other = build_plan(
        read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path, in_view_share=0.9
    )
    assert other["sequences"]["a"]["windows"][0]["start"] == 50, "another share is another question"


def test_frame_rate_override_changes_the_plan(tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 241, 60.0)
    (tmp_path / "s.tsv").write_text(HEAD.strip() + "\tframe_rate_override\na\tamass\ta.npz\tD\ts\t120\n")
    plan = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)
    assert plan["sequences"]["a"]["last_frame"] == 100


def test_adjustments_are_grouped_by_subject_without_their_notes(tmp_path: Path) -> None:
    (tmp_path / "m.tsv").write_text("subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\nD-s\tC7\t1\t0\t-2.5\twhy\n")
    assert read_adjustments(tmp_path / "m.tsv") == {
        "D-s": [{"marker": "C7", "dx_mm": 1.0, "dy_mm": 0.0, "dz_mm": -2.5}]
    }
    (tmp_path / "m.tsv").write_text("subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\nD-s\tC7\t1cm\t0\t0\t\n")
    with pytest.raises(ValueError, match="line 2, column dx_mm"):
        read_adjustments(tmp_path / "m.tsv")
