"""The page in a real browser: it runs without complaint or request, frames advance, keys work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.report.browser import Page, binary, browser

pytestmark = pytest.mark.skipif(binary() is None, reason="no Chromium on this machine")

NOW = "Number(document.getElementById('timeline').getAttribute('aria-valuenow'))"
INK = "document.getElementById('figure').toDataURL()"


@pytest.fixture(scope="module")
def tab(page: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as found:
        found.open(page.html.as_uri())
        yield found


def test_page_opens_without_complaint_and_without_any_request(page: SimpleNamespace, tab: Page) -> None:
    assert tab.complaints() == []
    assert {address for address in tab.requests() if not address.startswith(("data:", "blob:"))} == {page.html.as_uri()}


def test_every_chart_has_drawn_something(tab: Page) -> None:
    for name in ("coverage", "muscle", "grf", "load", "moment", "marker", "markers", "tracking", "measure", "stage"):
        assert tab.value(f"document.querySelectorAll('#{name}-plot .main-svg .trace').length") > 0, name


def test_frames_advance_while_playing_and_space_pauses(tab: Page) -> None:
    tab.value("document.activeElement.blur()")
    tab.press("Home")
    first, before = tab.value(NOW), tab.value(INK)
    tab.press(" ")
    tab.until(f"{NOW} > {first} + 10")
    assert tab.value(INK) != before, "the figure moves"
    tab.press(" ")
    held = tab.value(NOW)
    time.sleep(0.3)
    assert tab.value(NOW) == held and tab.value("document.getElementById('play').textContent") == "Play"


def test_arrow_keys_step_frames_and_home_and_end_go_to_the_ends(tab: Page) -> None:
    tab.press("Home")
    assert tab.value(NOW) == 7
    tab.press("ArrowRight")
    assert tab.value(NOW) == 8
    tab.press("ArrowRight", shift=True)
    assert tab.value(NOW) == 18
    tab.press("ArrowLeft")
    assert tab.value(NOW) == 17
    tab.press("End")
    assert tab.value(NOW) == 356


def test_gap_names_its_reason(tab: Page) -> None:
    tab.value("setFrame(100)")
    assert "pelvis residual" in tab.value("document.getElementById('caption').textContent")
    tab.value("setFrame(160)")
    assert tab.value("document.getElementById('caption').textContent") == ""


def test_decoded_force_is_body_weight_over_both_feet(tab: Page) -> None:
    total = tab.value(
        "(() => { const s = player.sequence, { row } = rowAt(s, 60); return vector(s.force, row, 0)[1] + vector(s.force, row, 1)[1]; })()"
    )
    assert total == pytest.approx(70 * 9.80665, rel=1e-3)


def test_choosing_another_sequence_redraws_it(tab: Page) -> None:
    tab.value(
        "(() => { const c = document.getElementById('choose'); c.value = '1'; c.dispatchEvent(new Event('change')); })()"
    )
    assert tab.value("player.sequence.id") == "whole"
    assert tab.value("document.getElementById('timeline').getAttribute('aria-valuemax')") == "292"
    assert tab.complaints() == []


def test_dragging_turns_the_view(tab: Page, tmp_path: Path) -> None:
    tab.value("document.getElementById('figure').scrollIntoView()")
    before = tab.value("camera.azimuth")
    box = tab.value(
        "(() => { const b = document.getElementById('figure').getBoundingClientRect(); return [b.left + 300, b.top + 200]; })()"
    )
    for kind, dx in (("mousePressed", 0), ("mouseMoved", 60), ("mouseReleased", 60)):
        tab.call("Input.dispatchMouseEvent", type=kind, x=box[0] + dx, y=box[1], button="left", buttons=1, clickCount=1)
    assert abs(tab.value("camera.azimuth") - before) == pytest.approx(0.48, abs=0.01)
    tab.picture(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 20_000
