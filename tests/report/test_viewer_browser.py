"""The 3-D view in a real browser: what it draws, its keys and switches, and that it draws where OpenSim is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.drawing.places import body_path, drawing_path
from mint.report import build
from tests.drawing.geometry import carried
from tests.drawing.squat import SEQUENCE, SUBJECT, Squat
from tests.report.browser import Page, binary, browser
from tests.report.conftest import embedded

pytestmark = pytest.mark.skipif(binary() is None, reason="no Chromium on this machine")

INK = "document.getElementById('figure').toDataURL()"
FIRST, GAP = 20, 100  # an accepted frame and a discarded one


@pytest.fixture(scope="module")
def open_tab(viewed_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as found:
        found.open(viewed_page.as_uri())
        yield found


@pytest.fixture
def tab(open_tab: Page) -> Page:
    """All layers but the spheres, the first view, an accepted frame, no focus on a control."""
    open_tab.value(
        f"document.activeElement.blur(); play(false); Object.keys(layers).forEach(k => showLayer(k, k !== 'spheres')); "
        f"lookFrom('reset'); setFrame({FIRST}); 1"
    )
    return open_tab


def told(tab: Page) -> dict[str, Any]:
    """What the canvas says that it drew."""
    data = tab.value("({...document.getElementById('figure').dataset})")
    return {key: value if key == "pose" else float(value) for key, value in data.items()}


def opaque(tab: Page) -> int:
    """How many pixels of the figure let nothing through."""
    return int(
        tab.value(
            "(() => { const c = document.getElementById('figure'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; "
            "let count = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 220) count += 1; return count; })()"
        )
    )


def test_page_opens_without_complaint_and_without_any_request(viewed_page: Path, tab: Page) -> None:
    assert tab.complaints() == []
    assert {address for address in tab.requests() if not address.startswith(("data:", "blob:"))} == {
        viewed_page.as_uri()
    }


def test_all_muscles_markers_bones_and_forces_are_drawn(tab: Page) -> None:
    drawn = told(tab)
    assert (drawn["legMuscles"], drawn["trunkMuscles"], drawn["markers"], drawn["forces"]) == (80, 238, 67, 2)
    assert drawn["bones"] > 12 + 20, "the cube's triangles and a stick for every other bone"
    assert drawn["pose"] == "solved" and drawn["frame"] == FIRST


@pytest.mark.parametrize(
    ("key", "layer", "counted"),
    [
        ("b", "bones", "bones"),
        ("l", "legs", "legMuscles"),
        ("t", "trunk", "trunkMuscles"),
        ("m", "markers", "markers"),
        ("f", "forces", "forces"),
    ],
)
def test_a_letter_and_a_checkbox_switch_a_layer(tab: Page, key: str, layer: str, counted: str) -> None:
    before, full = tab.value(INK), told(tab)
    tab.press(key)
    assert told(tab)[counted] == 0 and tab.value(INK) != before
    assert {name for name in full if told(tab)[name] != full[name]} - {"cost"} == {counted}
    box = f"document.querySelector('[data-layer={layer}]')"
    assert tab.value(f"{box}.checked") is False
    tab.value(f"{box}.click()")
    assert told(tab)[counted] == full[counted] and tab.value(INK) == before


def test_contact_spheres_are_drawn_on_demand(tab: Page) -> None:
    before = tab.value(INK)
    tab.press("c")
    assert tab.value(INK) != before
    tab.press("c")
    assert tab.value(INK) == before


def test_digits_look_at_the_body_from_its_own_sides(tab: Page) -> None:
    seen, azimuth = {}, {}
    for key, view in (("1", "front"), ("2", "right"), ("3", "back"), ("4", "left"), ("5", "top")):
        tab.press(key)
        seen[view], azimuth[view] = tab.value(INK), tab.value("camera.azimuth")
    assert len(set(seen.values())) == 5
    turn = {view: (azimuth[view] - azimuth["front"]) % (2 * np.pi) for view in azimuth}
    assert turn["back"] == pytest.approx(np.pi) and (turn["right"] - turn["left"]) % (2 * np.pi) == pytest.approx(np.pi)
    # From the right the body faces to the right of the picture: its front lies on the camera's right.
    ahead = tab.value(
        "(() => { lookFrom('right'); const a = camera.azimuth, h = heading(player.sequence.drawing, 13); "
        "return Math.sin(h) * Math.cos(a) - Math.cos(h) * Math.sin(a); })()"
    )
    assert ahead == pytest.approx(1.0, abs=0.02)
    tab.press("0")
    assert tab.value("camera.distance") == tab.value("HOME.distance")


def test_frames_advance_and_the_picture_with_them_while_playing(tab: Page) -> None:
    before = tab.value(INK)
    tab.press(" ")
    tab.until(f"Number(document.getElementById('figure').dataset.frame) > {FIRST} + 8")
    tab.press(" ")
    held = told(tab)["frame"]
    assert tab.value(INK) != before and held == tab.value(
        "Number(document.getElementById('timeline').getAttribute('aria-valuenow'))"
    )
    tab.press("ArrowRight")
    assert told(tab)["frame"] == held + 1
    tab.press("Home")
    assert told(tab)["frame"] == 7
    tab.press("End")
    assert told(tab)["frame"] == 146 and tab.complaints() == []


def test_a_gap_is_pale_and_shows_the_motion_as_measured_without_forces(tab: Page) -> None:
    assert opaque(tab) > 5000
    tab.value(f"setFrame({GAP})")
    drawn = told(tab)
    assert drawn["pose"] == "measured" and drawn["forces"] == 0 and drawn["legMuscles"] == 80
    assert opaque(tab) == 0
    assert "planted" in tab.value("document.getElementById('caption').textContent")
    before = tab.value(INK)
    tab.value(f"setFrame({GAP + 10})")
    assert tab.value(INK) != before


def test_a_view_before_the_first_pose_is_of_that_pose(viewed_page: Path, tmp_path: Path) -> None:
    with browser(tmp_path / "profile") as tab:
        tab.open(viewed_page.as_uri())
        tab.value(
            "(() => { const d = player.sequence.drawing, bodies = d.position.shape[1]; d.solved.fill(0, 0, 5); "
            "d.position.values.fill(NaN, 0, 15 * bodies); d.turn.values.fill(NaN, 0, 20 * bodies); })()"
        )
        tab.press("Home")
        tab.press("1")
        drawn = told(tab)
        assert drawn["frame"] == 7 and drawn["pose"] == "last" and drawn["legMuscles"] == 80
        assert tab.value("camera.azimuth") == pytest.approx(tab.value("heading(player.sequence.drawing, 5)"))


def test_bodies_and_muscles_are_where_opensim_has_them(tab: Page, viewed: Path) -> None:
    drawing, body = Bundle.read(drawing_path(viewed, SEQUENCE)), Bundle.read(body_path(viewed, SUBJECT))
    row = FIRST - 7
    found = tab.value(
        """(() => {
      const s = player.sequence, level = { right: [1, 0, 0], up: [0, 1, 0], back: [0, 0, 1], target: [0, 0, 0] }, poses = bodyFrames(s.drawing, ROW, level);
      const ground = (local, owner) => Array.from(owner, (b, k) => [0, 1, 2].map(i => [0, 1, 2].reduce((sum, j) =>
        sum + poses[12 * b + 3 * i + j] * local[3 * k + j], poses[12 * b + 9 + i])));
      return { paths: ground(musclePlaces(s.drawing, ROW), s.drawing.point_body), markers: ground(s.body.marker_place.values, s.body.marker_body) };
    })()""".replace("ROW", str(row))
    )
    places = drawing["point_place"].astype(float)
    places[drawing["moving_point"]] = drawing["moving_place"][row]
    pose = drawing["body_position"][row], drawing["body_turn"][row]
    assert np.abs(np.array(found["paths"]) - carried(*pose, drawing["point_body"], places)).max() < 1e-3
    assert np.abs(np.array(found["markers"]) - carried(*pose, body["marker_body"], body["marker_place"])).max() < 1e-3


def test_perspective_has_a_metre_at_the_camera_target_as_long_as_the_focal_length_says(tab: Page) -> None:
    tall = tab.value(
        "(() => { const v = viewFrom([0, 0.88, 0], 800, 500), p = projector(v); camera.elevation = 0; "
        "const w = viewFrom([0, 0.88, 0], 800, 500), q = projector(w); return q([0, 0.38, 0]).y - q([0, 1.38, 0]).y; })()"
    )
    assert tall == pytest.approx(1.35 * 500 / tab.value("camera.distance"))


def test_colours_of_activation_darken_all_the_way_for_every_kind_of_colour_vision(tab: Page) -> None:
    ramp = np.array(tab.value("Array.from({ length: 41 }, (_, k) => rampAt(k / 40))")) / 255
    linear = np.where(ramp > 0.04045, ((ramp + 0.055) / 1.055) ** 2.4, ramp / 12.92)
    # Machado, Oliveira, Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.0
    kinds = {
        "usual": np.eye(3),
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }
    for kind, matrix in kinds.items():
        luminance = np.clip(linear @ np.array(matrix).T, 0, 1) @ [0.2126, 0.7152, 0.0722]
        assert (np.diff(luminance) < 0).all() and luminance[0] / luminance[-1] > 10, kind


def test_a_muscle_has_the_colour_of_its_activation_and_none_without_a_value(tab: Page, viewed: Path) -> None:
    drawing = Bundle.read(drawing_path(viewed, SEQUENCE))
    row, gap = FIRST - 7, GAP - 7
    shown = tab.value(
        f"(() => {{ const d = player.sequence.drawing; return [{row}, {gap}].map(row => d.muscles.map((_, i) => LEVELS.indexOf(shadesOf(d, row, i)))); }})()"
    )
    true = drawing["activation"][row]
    assert np.array(shown[0]) == pytest.approx(np.where(np.isfinite(true), 64 * np.nan_to_num(true), -1), abs=0.7)
    assert shown[0].count(-1) == 318 - 82 and set(shown[1]) == {-1}


def test_every_control_has_a_name(tab: Page) -> None:
    names = tab.value(
        "Array.from(document.querySelectorAll('.stage input, .stage button, .stage canvas, #timeline, .controls button, .controls select'), "
        "e => (e.getAttribute('aria-label') || (e.closest('label') || e).textContent).trim())"
    )
    assert len(names) >= 16 and all(names)
    help_line = tab.value("document.querySelector('.help').textContent")
    assert all(word in help_line for word in ("Space", "Shift", "Home", "End", "wheel", "double click"))


def test_a_page_without_drawings_shows_the_forces_and_says_what_is_missing(
    viewed: Path, drawn_squat: Squat, tmp_path: Path
) -> None:
    results = Path(shutil.copytree(viewed, tmp_path / "results"))
    shutil.rmtree(results / "drawings")
    html = build.run(drawn_squat.plan, results, tmp_path / "index.html", ReportConfig())
    assert "body-0" not in embedded(html.read_text(encoding="utf-8"))
    with browser(tmp_path / "profile") as tab:
        tab.open(html.as_uri())
        drawn = told(tab)
        assert drawn["pose"] == "none" and drawn["forces"] == 2 and drawn["legMuscles"] == 0
        assert json.loads(
            tab.value(
                "JSON.stringify(Array.from(document.querySelectorAll('[data-layer]:disabled'), e => e.dataset.layer))"
            )
        ) == ["bones", "legs", "trunk", "markers", "spheres"]
        before = tab.value(INK)
        for key in ("b", "m", "3"):
            tab.press(key)
        assert tab.value(INK) != before, "views turn all the same"
        tab.press("ArrowRight")
        assert told(tab)["frame"] == 8 and tab.complaints() == []
