"""Planted faults are shown in the page: by kind, at their chunk, beyond their limit, and with their sequence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mint.config.quality import QualityConfig
from mint.config.report import ReportConfig
from mint.dataset.quality_limits import KINDS, MISSING, limits_of
from mint.report import build
from mint.report.quantise import unpacked
from tests.dataset.planted import EXPECTED, chunk_of
from tests.report.browser import Page, binary, browser
from tests.report.conftest import embedded
from tests.sequence.factory import Project


@pytest.fixture(scope="module")
def shown(planted_faults: Project, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    html = tmp_path_factory.mktemp("quality") / "index.html"
    build.run(planted_faults.plan, planted_faults.results, html, ReportConfig(max_sequences=1))
    text = html.read_text(encoding="utf-8")
    section = re.search(r'<section id="quality">.*?</section>', text, re.S)
    return SimpleNamespace(html=html, text=text, section=section.group(0), data=embedded(text)["payload"])


def planted_with(kind: str) -> list[str]:
    return [name for name in sorted(EXPECTED) if kind in EXPECTED[name]]


@pytest.mark.parametrize("kind", KINDS)
def test_table_of_faults_counts_the_planted_chunks_and_shows_one(shown: SimpleNamespace, kind: str) -> None:
    row = re.search(rf'<tr id="fault-{kind}">(.*?)</tr>', shown.section, re.S).group(1)
    cells = [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
    names = planted_with(kind)
    assert cells[0] == kind.replace("_", " ") and int(cells[1]) == len(names)
    assert int(cells[2]) == sum(MISSING not in EXPECTED[name] for name in names)
    assert float(cells[3]) == pytest.approx(1.4 * len(names))
    assert any(cells[5].startswith(f"{name} {chunk_of(name)}: ") for name in names)
    for limit in limits_of(QualityConfig()):
        assert (f"{limit.value:g}" in cells[4] and limit.measure in cells[6]) or limit.kind != kind


def test_faults_stand_at_their_chunks_with_their_numbers_and_limits(shown: SimpleNamespace) -> None:
    quality = shown.data["quality"]
    found = {name: {} for name in EXPECTED}
    for name, chunk, faults in zip(quality["sequence"], quality["chunk"], quality["faults"], strict=True):
        found[name][chunk] = faults
    assert found == {
        name: {chunk: EXPECTED[name] if chunk == chunk_of(name) else [] for chunk in range(3)} for name in EXPECTED
    }
    jump = quality["measures"]["marker_jump_mm"]
    values, at = unpacked(jump["values"]), jump["limits"][0]["at"]
    beyond = {quality["sequence"][i] for i in np.flatnonzero(values > at)}
    assert beyond == {"marker_jump", "pose_jump"} and at == QualityConfig().marker_jump_mm and jump["unit"] == "mm"
    assert {limit["at"] for limit in quality["measures"]["pelvis_correction_mm"]["limits"]} == {-30.0, 30.0}


def test_ledger_marks_chunks_with_faults(shown: SimpleNamespace) -> None:
    ledger = re.search(r'<section id="ledger">.*?</section>', shown.text, re.S).group(0)
    row = re.search(r"<tr><td>slip</td><td class=\"n\">1</td>.*?</tr>", ledger, re.S).group(0)
    assert "foot slip" in row


def test_sequences_are_listed_with_their_faults_and_what_is_missing(shown: SimpleNamespace) -> None:
    rows = {row["sequence"]: row for row in shown.data["quality_sequences"]}
    assert {name: row["faults"] for name, row in rows.items()} == EXPECTED
    assert rows["missing"]["missing"] == ["1.54-2.94"] and rows["missing"]["lost"] == "1 pending"
    assert rows["slip"]["faulty"] == 1 and rows["clean"]["faulty"] == 0 and rows["clean"]["marker"] == pytest.approx(12)


def test_page_without_or_with_foreign_tables_has_an_empty_part(planted_faults: Project, tmp_path: Path) -> None:
    results = tmp_path / "results"
    for content in (None, b"no", "ledger"):
        if content is not None:
            (results / "dataset").mkdir(parents=True, exist_ok=True)
            data = (planted_faults.results / "ledger.parquet").read_bytes() if content == "ledger" else content
            (results / "dataset" / "quality_chunks.parquet").write_bytes(data)
            (results / "dataset" / "quality_sequences.parquet").write_bytes(data)
        text = build.run({"sequences": {}}, results, tmp_path / "a.html", ReportConfig()).read_text()
        assert embedded(text)["payload"]["quality"]["measures"] == {} and 'id="faults"' not in text


@pytest.fixture(scope="module")
def tab(shown: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if binary() is None:
        pytest.skip("no Chromium on this machine")
    with browser(tmp_path_factory.mktemp("profile")) as found:
        found.open(shown.html.as_uri())
        yield found


def test_plot_draws_the_limit_and_rings_what_is_beyond(tab: Page) -> None:
    tab.value(
        "(() => { const s = document.getElementById('measure'); s.value = 'marker_jump_mm'; s.dispatchEvent(new Event('change')); })()"
    )
    traces = "document.getElementById('measure-plot').data"
    assert tab.value(f"{traces}.length") == 2 and tab.value(f"{traces}[1].y") == [50, 50]
    widths = tab.value(f"{traces}[0].marker.line.width")
    labels = tab.value(f"{traces}[0].x")
    assert {label for label, width in zip(labels, widths, strict=True) if width} == {"marker_jump 1", "pose_jump 1"}
    assert tab.value(f"{traces}[0].hovertemplate").startswith("%{x}: %{y:.4g} mm")
    assert "marker jump" in tab.value(f"{traces}[0].text[{labels.index('pose_jump 1')}]")
    assert tab.complaints() == []


@pytest.mark.parametrize(
    ("beyond", "others", "drawn"),
    [(3, 1497, (3, 1497)), (40, 33000, (40, 1460)), (20000, 10000, (750, 750)), (20000, 10, (1490, 10))],
)
def test_of_many_chunks_a_part_is_drawn_and_faults_are_not_lost(
    tab: Page, beyond: int, others: int, drawn: tuple[int, int]
) -> None:
    rows = tab.value(f"shownRows([...Array({others}).fill(false), ...Array({beyond}).fill(true)])")
    assert (sum(row >= others for row in rows), sum(row < others for row in rows)) == drawn
    assert rows == sorted(set(rows)), "in the order of the table, none twice"


def test_sequences_are_filtered_by_name_and_by_fault(tab: Page) -> None:
    def listed() -> list[str]:
        return tab.value("[...document.querySelectorAll('#sequence-table tbody tr')].map(r => r.cells[0].textContent)")

    def set_to(name: str, value: str, event: str) -> None:
        tab.value(
            f"(() => {{ const e = document.getElementById('{name}'); e.value = '{value}'; e.dispatchEvent(new Event('{event}')); }})()"
        )

    assert listed() == sorted(EXPECTED)
    set_to("sequence-filter", "JUMP", "input")
    assert listed() == ["error_jump", "marker_jump", "pose_jump"]
    assert tab.value("document.getElementById('sequence-count').textContent") == f"3 of {len(EXPECTED)} sequences"
    set_to("sequence-filter", "", "input")
    set_to("sequence-fault", "floating_body", "change")
    assert listed() == planted_with("floating_body")
    tab.value(
        "[...document.querySelectorAll('#sequence-table thead button')].find(b => b.textContent.startsWith('share')).click()"
    )
    assert listed()[0] == "unseen_support", "least analysed first"
    assert tab.complaints() == []
