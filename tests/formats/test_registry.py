"""A file is read by what it holds: whatever its name, and whether or not the table says what it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.header import motion_header
from mint.formats.kinds import KINDS, TITLES
from mint.formats.registry import FORMATS, MarkerFormat, format_of, recognized
from mint.formats.static import static_trial
from mint.plan.build import build_plan
from mint.plan.scan import HeaderCache
from mint.plan.sequences import read_sequences
from tests.body import synthetic
from tests.checkout import ROOT
from tests.formats.mutations import SOURCES, good

CONFIG = ValidateConfig()
HEAD = "sequence_id\tsource\tpath\tdataset\tsubject\tmarker_set\n"


def named(folder: Path, source: str, name: str) -> Path:
    """A good file of a format under any name."""
    for seed in range(len(SOURCES)):
        path, found = good(seed, folder)
        if found == source:
            return path.rename(folder / name)
    raise AssertionError(f"no good file of {source}")


def made(folder: Path, *rows: tuple[str, str, str]) -> tuple[dict, HeaderCache]:
    """Plan of rows (source, path, marker set), each of a person of its own."""
    lines = [f"s{i}\t{source}\t{path}\tD\tp{i}\t{markers}\n" for i, (source, path, markers) in enumerate(rows)]
    (folder / "s.tsv").write_text(HEAD + "".join(lines))
    cache = HeaderCache(folder / "cache.json")
    return build_plan(read_sequences(folder / "s.tsv"), cache, root=folder)["sequences"], cache


def test_every_known_name_has_an_entry_of_its_kind() -> None:
    assert {name: entry.kind for name, entry in FORMATS.items()} == KINDS and TITLES.keys() == KINDS.keys()


@pytest.mark.parametrize("source", FORMATS)
def test_the_page_of_a_format_has_a_row_that_is_read(source: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "motion" / f"{source}.md").read_text(encoding="utf-8")
    table = next(text for text in re.findall(r"```text\n(.*?)```", page, re.DOTALL) if text.startswith("sequence_id"))
    (tmp_path / "s.tsv").write_text(table, encoding="utf-8")
    rows = read_sequences(tmp_path / "s.tsv")
    assert rows and all(row.problem is None and row.path for row in rows)
    assert f"({source}.md)" in (ROOT / "docs" / "motion" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("source", FORMATS)
def test_a_file_is_told_by_its_content_under_any_name(source: str, tmp_path: Path) -> None:
    path, models = named(tmp_path, source, "motion.txt"), synthetic.write_models(tmp_path / "models")
    assert recognized(path) is FORMATS[source]
    bundle = run(path, None, tmp_path / "v.npz", CONFIG, model_dir=models, height_m=1.6)
    assert bundle.ok and (bundle.meta["source"], bundle.meta["kind"]) == (source, FORMATS[source].kind)
    assert motion_header(path, None, CONFIG) == motion_header(path, source, CONFIG)


@pytest.mark.parametrize("source", FORMATS)
def test_a_stated_format_that_the_content_contradicts_is_refused_with_both(source: str, tmp_path: Path) -> None:
    path = named(tmp_path, source, "motion.dat")
    for stated in FORMATS.keys() - {source}:
        status = run(path, stated, tmp_path / "v.npz", CONFIG).status
        assert status.reason is Reason.CONTRADICTION
        assert f"source is {stated}, but the content is {source}" in status.detail and source in status.remedy
        with pytest.raises(StageError, match=f"source is {stated}"):
            motion_header(path, stated, CONFIG)


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", bytes(5000), b"GIF89a" + bytes(100), "Zeit\tx\ty\n1\t2\t3\n".encode("utf-16")]
)
def test_a_file_of_no_known_format_is_one_message_that_names_the_known_ones(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.trc").write_bytes(content)
    status = run(tmp_path / "a.trc", None, tmp_path / "v.npz", CONFIG).status
    assert status.reason is Reason.FILE_CORRUPT and "no known format" in status.detail
    assert all(name in status.detail and entry.title in status.detail for name, entry in FORMATS.items())


def test_an_unknown_format_in_the_table_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"no known format; known are"):
        format_of(tmp_path / "a", "xyz")
    record = made(tmp_path, ("xyz", "a", ""))[0]["s0"]
    assert record["problem"]["reason"] == "table" and all(name in record["problem"]["detail"] for name in FORMATS)


def test_an_empty_source_plans_the_same_as_the_right_one(tmp_path: Path) -> None:
    named(tmp_path, "amass", "a.bin"), named(tmp_path, "trc", "b.bin")
    filled = made(tmp_path, ("amass", "a.bin", ""), ("trc", "b.bin", "opencap_vicon"))[0]
    empty = made(tmp_path, ("", "a.bin", ""), ("", "b.bin", "opencap_vicon"))[0]
    assert json.dumps(filled) == json.dumps(empty)
    assert [empty[name]["kind"] for name in ("s0", "s1")] == ["poses", "markers"]
    assert [empty[name]["problem"] for name in ("s0", "s1")] == [None, None]


def test_a_table_without_the_column_source_is_read(tmp_path: Path) -> None:
    named(tmp_path, "amass", "a.bin")
    (tmp_path / "s.tsv").write_text("sequence_id\tpath\tdataset\tsubject\na\ta.bin\tD\tp\n")
    record = build_plan(read_sequences(tmp_path / "s.tsv"), HeaderCache(tmp_path / "c.json"), root=tmp_path)[
        "sequences"
    ]["a"]
    assert (record["source"], record["problem"]) == ("amass", None)


def test_the_content_is_looked_at_once_and_again_when_the_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(tmp_path, "amass", "a.bin")
    first, cache = made(tmp_path, ("", "a.bin", ""))
    cache.save()
    looked: list[Path] = []
    monkeypatch.setattr("mint.plan.scan.format_of", lambda path: looked.append(path) or format_of(path))
    again, cache = made(tmp_path, ("", "a.bin", ""))
    assert again == first and not looked and not cache.changed
    named(tmp_path, "trc", "a.bin")
    assert made(tmp_path, ("", "a.bin", "opencap_vicon"))[0]["s0"]["source"] == "trc" and looked


def test_a_row_whose_format_cannot_be_told_costs_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(np.random.default_rng(1).bytes(3000))
    named(tmp_path, "amass", "a.bin")
    records = made(tmp_path, ("", "noise", ""), ("", "missing", ""), ("", "a.bin", ""))[0]
    assert [records[f"s{i}"]["problem"] and records[f"s{i}"]["problem"]["reason"] for i in range(3)] == [
        "file_corrupt",
        "file_missing",
        None,
    ]


@pytest.mark.parametrize("source", [name for name, entry in FORMATS.items() if isinstance(entry, MarkerFormat)])
def test_a_static_trial_is_read_in_any_format_of_markers(source: str, tmp_path: Path) -> None:
    path = named(tmp_path, source, "static.any")
    table = static_trial(path)
    assert table.positions.shape[0] > 0 and "C7" in table.names


def test_a_static_trial_of_body_poses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="must hold markers"):
        static_trial(named(tmp_path, "amass", "static.trc"))
