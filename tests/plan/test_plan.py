"""The plan is made from headers alone, once per file, and a bad file costs nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mint.plan.build import build_plan
from mint.plan.scan import Header, HeaderCache, read_header
from mint.plan.sequences import read_adjustments, read_sequences

HEAD = "sequence_id\tsource\tpath\tdataset\tsubject\n"


def write_amass(path: Path, frames: int, rate: float, key: str = "mocap_framerate") -> None:
    np.savez(path, poses=np.zeros((frames, 156)), trans=np.zeros((frames, 3)), **{key: np.array(rate)})


@pytest.mark.parametrize("key", ["mocap_framerate", "mocap_frame_rate"])
def test_header_gives_frames_and_rate_for_both_spellings(tmp_path: Path, key: str) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0, key)
    header = read_header(tmp_path / "a.npz", "amass")
    assert (header.frames, header.rate_hz, header.problem) == (241, 120.0, "")


def test_a_truncated_file_is_a_problem_not_an_exception(tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0)
    data = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(data[: len(data) // 2])
    assert read_header(tmp_path / "a.npz", "amass").problem


def test_the_cache_reads_a_file_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0)
    cache = HeaderCache(tmp_path / "cache.json")
    cache.header(tmp_path / "a.npz", "amass")
    cache.save()
    calls = []
    monkeypatch.setattr("mint.plan.scan.read_header", lambda *a: calls.append(a) or read_header(*a))
    again = HeaderCache(tmp_path / "cache.json")
    assert again.header(tmp_path / "a.npz", "amass").frames == 241
    assert calls == []
    write_amass(tmp_path / "a.npz", 300, 120.0)
    assert again.header(tmp_path / "a.npz", "amass").frames == 300
    assert len(calls) == 1


def test_the_cache_does_not_remember_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_amass(tmp_path / "a.npz", 241, 120.0)
    cache = HeaderCache(tmp_path / "cache.json")
    monkeypatch.setattr("mint.plan.scan.read_header", lambda *_: Header(0, 0.0, "not understood"))
    assert cache.header(tmp_path / "a.npz", "amass").problem
    cache.save()
    monkeypatch.undo()
    assert HeaderCache(tmp_path / "cache.json").header(tmp_path / "a.npz", "amass").frames == 241


def test_the_header_of_a_trc_may_be_padded_with_blanks_and_tabs(tmp_path: Path) -> None:
    keys = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits"
    (tmp_path / "a.trc").write_text(f"PathFileType\t4\n{keys}\n  100.0\t\t  100.0\t\t    238\t\t     41\t\t mm\n")
    header = read_header(tmp_path / "a.trc", "trc")
    assert (header.frames, header.rate_hz, header.problem) == (238, 100.0, "")


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


def test_frame_rate_override_changes_the_plan(tmp_path: Path) -> None:
    write_amass(tmp_path / "a.npz", 241, 60.0)
    (tmp_path / "s.tsv").write_text(HEAD.strip() + "\tframe_rate_override\na\tamass\ta.npz\tD\ts\t120\n")
    plan = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)
    assert plan["sequences"]["a"]["last_frame"] == 100


def test_adjustments_are_grouped_by_subject_without_their_notes(tmp_path: Path) -> None:
    (tmp_path / "m.tsv").write_text("subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\nD-s\tC7\t1\t0\t-2.5\twhy\n")
    assert read_adjustments(tmp_path / "m.tsv") == {"D-s": [{"marker": "C7", "dx_mm": 1.0, "dy_mm": 0.0, "dz_mm": -2.5}]}
    (tmp_path / "m.tsv").write_text("subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\nD-s\tC7\t1cm\t0\t0\t\n")
    with pytest.raises(ValueError, match="line 2, column dx_mm"):
        read_adjustments(tmp_path / "m.tsv")
