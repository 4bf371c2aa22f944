"""From a value of a muscle to where it came from: what the page carries, and a person's way through it in a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from mint.batch.made import trace_path
from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.report import build
from mint.report.lineage import lineage_payload
from tests.provenance.traced import MODEL, add_subject, trace
from tests.report.browser import Page, binary, browser
from tests.report.conftest import embedded

MOTION = "inputs/amass/KIT/s1/whole_poses.npz"
needs_browser = pytest.mark.skipif(binary() is None, reason="no Chromium on this machine")


@pytest.fixture
def results(page: SimpleNamespace, tmp_path: Path) -> Path:
    return Path(shutil.copytree(page.project.results, tmp_path / "results"))


def test_page_carries_the_ancestry_of_the_shown_sequences_only(page: SimpleNamespace) -> None:
    data = page.data["lineage-data"]
    paths = [node["path"] for node in data["nodes"]]
    assert len(data["roots"]) == 2 and MOTION in paths and not [path for path in paths if "/lost/" in path]
    assert [data["nodes"][root]["kind"] for root in data["roots"]] == ["dataset", "dataset"]
    assert paths.count(MODEL) == 1 and len(paths) == len(set(paths))


def test_shared_facts_are_carried_once(page: SimpleNamespace) -> None:
    data = page.data["lineage-data"]
    texts = [json.dumps(value, sort_keys=True) for value in data["values"]]
    assert len(texts) == len(set(texts)) and sum("snakemake" in text for text in texts) == 1
    made = next(node["made"] for node in data["nodes"] if node["path"].endswith("trunk.npz"))
    facts = dict(zip(data["facts"], made, strict=True))
    assert data["values"][facts["host"]] == "node7" and facts["attempt"] == 1
    assert len(json.dumps(data)) / len(data["nodes"]) < 900


def test_links_are_indices_of_what_was_used(page: SimpleNamespace) -> None:
    data = page.data["lineage-data"]
    nodes = {node["path"]: node for node in data["nodes"]}
    inputs = nodes["sequences/whole/chunks/001/trajectory.npz"]["inputs"]
    assert {(data["values"][argument], data["nodes"][at]["path"]) for argument, at in inputs} == {
        ("leg_model_path", "subjects/KIT-whole/leg_model.json"),
        ("muscle_paths_path", "subjects/KIT-whole/muscle_paths.npz"),
        ("ik_path", "sequences/whole/chunks/001/ik.npz"),
        ("support_path", "sequences/whole/chunks/001/support.npz"),
    }


def test_broken_link_carries_both_digests(results: Path) -> None:
    before = lineage_payload(results, ["whole"])
    (results / "subjects/KIT-whole/leg.osim").write_text("another")
    data = lineage_payload(results, ["whole"])
    (now,) = (node["digest"] for node in data["nodes"] if node["path"].endswith("leg.osim"))
    (used,) = {link[2] for node in data["nodes"] for link in node.get("inputs", []) if len(link) == 3}
    assert used in {node.get("digest") for node in before["nodes"]} and used != now


def test_numbers_that_json_has_not_become_text(results: Path, page: SimpleNamespace) -> None:
    trace(results, "ik", "sequences/whole/chunks/000/ik.npz", {}, config={"limit": float("inf")}, wall_s=float("nan"))
    text = build.run(page.project.plan, results, results / "index.html", ReportConfig()).read_text(encoding="utf-8")
    assert {"limit": "inf"} in embedded(text)["lineage-data"]["values"]


def test_page_is_written_without_any_trace(results: Path, page: SimpleNamespace) -> None:
    for path in results.rglob("*.made.json"):
        path.unlink()
    shutil.rmtree(results / "dataset")
    data = lineage_payload(results, ["whole", "holes"])
    assert [(node["path"], node["kind"]) for node in data["nodes"]] == [
        ("sequences/whole/sequence.npz", "unknown"),
        ("sequences/holes/sequence.npz", "unknown"),
    ]
    assert build.run(page.project.plan, results, results / "index.html", ReportConfig()).exists()


class Person:
    """Clicks with the mouse, and counts."""

    def __init__(self, tab: Page) -> None:
        self.tab, self.clicks = tab, 0

    def click(self, x: float, y: float) -> None:
        self.clicks += 1
        self.tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            self.tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def click_on(self, expression: str) -> None:
        box = f"(() => {{ const e = {expression}; e.scrollIntoView({{ block: 'center' }}); const b = e.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; }})()"
        self.click(*self.tab.value(box))

    def text(self, name: str) -> str:
        return str(self.tab.value(f"document.getElementById('{name}').textContent"))


def box(label: str, sub: str = "") -> str:
    return f"[...document.querySelectorAll('#lineage-graph .box')].find(g => g.getAttribute('aria-label').startsWith('{label} {sub}'.trim()))"


@pytest.fixture(scope="module")
def shown(page: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        tab.open(page.html.as_uri())
        yield tab


@pytest.fixture
def person(shown: Page) -> Person:
    shown.value(
        "(() => { const c = document.getElementById('choose'); c.value = '1'; c.dispatchEvent(new Event('change')); })()"
    )
    return Person(shown)


@needs_browser
def test_three_clicks_lead_from_a_muscle_value_to_adjustments_and_input_file(person: Person, tmp_path: Path) -> None:
    tab = person.tab
    tab.value("document.getElementById('muscle-plot').scrollIntoView({ block: 'center' })")
    at = tab.value("""(() => { const p = document.getElementById('muscle-plot'), l = p._fullLayout, b = p.getBoundingClientRect(), t = p._fullData[0];
      const i = t.x.findIndex(x => Math.abs(x - 2.4) < 1e-6), y = l[t.yaxis.replace('y', 'yaxis')];
      return [b.left + l._size.l + l.xaxis.d2p(t.x[i]), b.top + y._offset + y.d2p(t.y[i]), t.y[i]]; })()""")
    person.click(at[0], at[1])
    tab.until("document.getElementById('picked').textContent.includes('at 2.40 s')")
    assert person.text("picked").startswith("LU_") and f"{at[2]:.3g}"[:4] in person.text("picked")
    person.click_on("document.querySelector('.whence[data-stage=trajectory]')")
    assert tab.value("document.getElementById('lineage-chunk').value") == "1"
    assert tab.value(f"{box('trajectory', 'chunk 1')}.getAttribute('aria-pressed')") == "true"
    assert MOTION in person.text("lineage-summary") and "C7" in person.text("lineage-summary"), (
        "said without another click"
    )
    tab.picture(tmp_path / "chunk.png")
    person.click_on(box("scale"))
    facts = person.text("lineage-facts")
    assert "Marker adjustments in force" in facts and "C7" in facts and "dx_mm" in facts
    assert person.clicks == 3 and tab.complaints() == []


@needs_browser
def test_two_clicks_lead_from_the_value_shown_to_the_motion_file(person: Person, page: SimpleNamespace) -> None:
    person.click_on("document.querySelector('.whence[data-stage=trajectory]')")
    person.click_on(box("motion file"))
    digest = next(node["digest"] for node in page.data["lineage-data"]["nodes"] if node["path"] == MOTION)
    assert MOTION in person.text("lineage-facts") and digest in person.text("lineage-facts")
    assert person.clicks == 2 and person.tab.complaints() == []


@needs_browser
def test_whole_ancestry_is_drawn_and_every_box_has_facts(person: Person) -> None:
    tab = person.tab
    labels = tab.value("[...document.querySelectorAll('#lineage-graph .box')].map(g => g.getAttribute('aria-label'))")
    for stage in ("markers", "ik", "support", "trajectory", "verify", "trunk"):
        assert [label for label in labels if label.startswith(stage)] == [
            f"{stage} chunk {c} accepted" for c in range(5)
        ]
    for label in (
        "motion file",
        "validated",
        "body",
        "scale",
        "muscle paths",
        "adjustments",
        "model file",
        "sequence",
        "dataset files",
    ):
        assert sum(name.startswith(label) for name in labels) == 1, label
    empty = tab.value(
        "[...document.querySelectorAll('#lineage-graph .box')].filter(g => { chooseBox(g.box); return document.getElementById('lineage-facts').textContent.length < 80; }).length"
    )
    assert empty == 0
    person.click_on(box("ik", "chunk 2"))
    facts = person.text("lineage-facts")
    for text in (
        "sequences/whole/chunks/002/ik.npz",
        "node7",
        "4711",
        "abc123",
        "snakemake",
        "9.27.1",
        "subjects/KIT-whole/scaled.osim",
        '"window"',
    ):
        assert text in facts, text
    boxes = tab.value(
        "[...document.querySelectorAll('#lineage-graph .box')].map(g => { const r = g.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; })"
    )
    overlaps = [
        (a, b)
        for i, a in enumerate(boxes)
        for b in boxes[:i]
        if a[0] < b[2] - 1 and b[0] < a[2] - 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1
    ]
    assert not overlaps and tab.complaints() == []


@needs_browser
def test_value_near_a_seam_names_both_chunks(person: Person) -> None:
    person.tab.value("setFrame(79)")
    person.click_on("document.querySelector('.whence[data-stage=trunk]')")
    assert "blended with chunk 0" in person.text("lineage-summary")
    labels = person.tab.value(
        "[...document.querySelectorAll('#lineage-graph .box')].map(g => g.getAttribute('aria-label')).filter(t => t.startsWith('trunk'))"
    )
    assert labels == ["trunk chunk 0 accepted", "trunk chunk 1 accepted"]


@needs_browser
def test_boxes_are_reached_and_pressed_with_the_keyboard(person: Person) -> None:
    tab = person.tab
    tab.value(f"{box('adjustments')}.focus()")
    tab.press(" ")
    assert "Marker adjustments in force" in person.text("lineage-facts")
    assert tab.value("document.getElementById('play').textContent") == "Play", "the space bar did not start the motion"


@needs_browser
def test_broken_links_and_missing_traces_are_marked(results: Path, page: SimpleNamespace, tmp_path: Path) -> None:
    add_subject(results, "KIT-whole", ["sequences/whole/body.npz"])
    Bundle.of("ik", {"q": [1.0]}).write(results / "sequences/whole/chunks/000/ik.npz")
    trace(results, "ik", "sequences/whole/chunks/000/ik.npz", {})
    trace_path(results / "sequences/whole/chunks/001/verify.npz").unlink()
    html = build.run(page.project.plan, results, results / "index.html", ReportConfig())
    with browser(tmp_path / "profile") as tab:
        tab.open(html.as_uri())
        tab.value("choose(1)")
        person = Person(tab)
        summary = person.text("lineage-summary")
        assert (
            "Broken links" in summary and "ik to support of chunk 0" in summary and "1 result has no trace" in summary
        )
        assert tab.value("document.querySelectorAll('#lineage-graph .link.stale').length") == 5
        person.click_on(box("verify", "chunk 1"))
        assert "nothing is known of how it was made" in person.text("lineage-facts")
        person.click_on(box("support", "chunk 0"))
        assert "broken: used as" in person.text("lineage-facts")
        assert tab.complaints() == []
