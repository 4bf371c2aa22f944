"""Figures of the dataset in the page: each with its caption, drawn by the browser, and a sentence where one is missing."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from mint.config.figures import FIGURES, FiguresConfig
from mint.config.report import ReportConfig
from mint.dataset.comparison import EMG, FORCES, MOMENTS
from mint.dataset.sequences import SEQUENCES
from mint.figures import build as figures_build
from mint.report import build
from tests.figures.factory import Dataset
from tests.report.browser import Page, binary, browser
from tests.report.conftest import embedded

needs_browser = pytest.mark.skipif(binary() is None, reason="no Chromium on this machine")
# The synthetic sequences have neither labels nor recordings named after an example.
CONFIG = FiguresConfig(examples=("whole",))


@pytest.fixture(scope="module")
def figured(page: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    results = Path(shutil.copytree(page.project.results, tmp_path_factory.mktemp("figured") / "results"))
    measured = Dataset(results)
    measured.compare(SEQUENCES.read(measured.folder)["sequence_id"].iloc[0], 0.05, 20.0, 0.6, 15.0)
    for schema, rows in ((FORCES, measured.forces), (EMG, measured.emg), (MOMENTS, measured.moments)):
        schema.write(rows, measured.folder)
    figures_build.run(results, CONFIG)
    path = build.run(page.project.plan, results, results / "report" / "index.html", ReportConfig())
    return SimpleNamespace(results=results, path=path, text=path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tab(figured: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as found:
        found.open(figured.path.as_uri())
        yield found


def section(text: str) -> str:
    found = re.search(r'<section id="figures">.*?</section>', text, re.S)
    assert found
    return html.unescape(found[0])


def test_every_figure_is_in_the_page_with_title_and_caption(figured: SimpleNamespace) -> None:
    shown = section(figured.text)
    entries = figures_build.read(figured.results)
    assert [entry["name"] for entry in entries] == list(FIGURES)
    for entry in entries:
        assert f"<h3>{entry['title']}</h3>" in shown
        assert (entry["caption"] or entry["why"]) in shown and (entry["caption"] or entry["why"]), entry["name"]
    assert [entry["name"] for entry in entries if not entry["figure"]] == ["prevalence"], "there are no labels"


def test_page_draws_what_was_made_and_nothing_else(figured: SimpleNamespace) -> None:
    drawn = embedded(figured.text)["figures-data"]
    assert sorted(drawn) == sorted(set(FIGURES) - {"prevalence"})
    for name, figure in drawn.items():
        assert figure == json.loads((figured.results / "figures" / f"{name}.json").read_text())["figure"]


def test_page_without_figures_says_so_for_each(page: SimpleNamespace) -> None:
    shown = section(page.text)
    assert all(f"{name}.json was not made" in shown for name in FIGURES)
    assert page.data["figures-data"] == {}


def test_names_in_figures_cannot_leave_their_place(
    figured: SimpleNamespace, page: SimpleNamespace, tmp_path: Path
) -> None:
    results = Path(shutil.copytree(figured.results, tmp_path / "results"))
    path = results / "figures" / "subjects.json"
    entry = json.loads(path.read_text())
    entry["caption"] = entry["figure"]["data"][-1]["name"] = "</script><script>alert(1)</script>"
    path.write_text(json.dumps(entry))
    text = build.run(page.project.plan, results, tmp_path / "index.html", ReportConfig()).read_text()
    assert "<script>alert" not in text
    assert embedded(text)["figures-data"]["subjects"]["data"][-1]["name"] == "</script><script>alert(1)</script>"


@needs_browser
def test_browser_draws_every_figure_without_complaint_or_request(figured: SimpleNamespace, tab: Page) -> None:
    for name in set(FIGURES) - {"prevalence"}:
        place = f"document.getElementById('figure-{name}')"
        assert tab.value(f"{place}.querySelectorAll('.trace, .hm, .barlayer .point').length") > 0, name
        assert tab.value(f"{place}.offsetHeight === {place}.layout.height && {place}.offsetWidth > 600"), name
    assert tab.complaints() == []
    assert {address for address in tab.requests() if not address.startswith(("data:", "blob:"))} == {
        figured.path.as_uri()
    }


@needs_browser
def test_histograms_change_to_seconds_at_a_click(tab: Page) -> None:
    heights = "document.getElementById('figure-subjects').data.findIndex(trace => trace.type === 'bar')"
    shown = f"JSON.stringify(document.getElementById('figure-subjects').data[{heights}].y)"
    before = tab.value(shown)
    tab.value(
        "document.querySelectorAll('#figure-subjects .updatemenu-button')[1].dispatchEvent(new MouseEvent('click'))"
    )
    tab.until(f"{shown} !== '{before}'")
    assert tab.value("document.getElementById('figure-subjects').layout.yaxis.title.text") == "time [s]"
    assert tab.complaints() == []


@needs_browser
def test_figure_can_be_kept_as_vector_graphics(tab: Page) -> None:
    tab.value(
        "(() => { window.kept = ''; Plotly.toImage(document.getElementById('figure-run_times'), { format: 'svg' })"
        ".then(address => { window.kept = address; }); })()"
    )
    tab.until("window.kept")
    kept = unquote(tab.value("window.kept"))
    assert kept.startswith("data:image/svg+xml,<svg") and "wall time [s]" in kept
    assert tab.value("document.getElementById('figure-run_times')._context.toImageButtonOptions.format") == "svg"
