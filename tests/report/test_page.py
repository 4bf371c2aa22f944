"""The page carries the run's data, quotes it safely and needs nothing from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.core.tables import mint_columns, table
from mint.dataset import ledger
from mint.report import build
from mint.report.markers import registered_markers
from mint.report.motion import SEGMENTS, bone_segment, group_activation, segment_activation, trunk_groups
from mint.report.quantise import packed, packed_share, unpacked
from tests.dataset.conftest import NOTE
from tests.report.conftest import embedded
from tests.sequence import factory
from tests.sequence.factory import Project, Reason, StageStatus, Status

VOID = {"meta", "br", "img", "input", "link", "hr"}


class _Checker(HTMLParser):
    """Open elements, addresses, and the text of rows."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.addresses += [v for k, v in attrs if k in ("src", "href", "data", "action", "poster", "srcset") and v]
        self.ids += [values["id"]] if values.get("id") else []
        assert tag != "link"
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack[-1] in ("p", "option", "li") and self.stack[-1] != tag:
            self.stack.pop()
        assert self.stack.pop() == tag


def _without_plotly(text: str) -> str:
    return re.sub(r'<script id="plotly">.*?</script>', "", text, flags=re.S)


def test_page_parses_and_every_id_is_unique(page: SimpleNamespace) -> None:
    checker = _Checker()
    checker.feed(page.text)
    assert checker.stack == [] and len(checker.ids) == len(set(checker.ids))


def test_page_loads_nothing_from_outside(page: SimpleNamespace) -> None:
    checker = _Checker()
    checker.feed(page.text)
    assert all(address.startswith("#") for address in checker.addresses)
    own = _without_plotly(page.text)
    assert not re.search(r"https?:|//cdn|@import|url\(|fetch\(|XMLHttpRequest|import\(", own)
    assert "default-src 'none'" in own, "the browser itself refuses whatever might be tried"


def test_charting_library_is_there_once_and_whole(page: SimpleNamespace) -> None:
    from plotly.offline import get_plotlyjs

    assert page.text.count(get_plotlyjs()) == 1
    assert "</script" not in get_plotlyjs()


def test_ledger_names_every_reason_with_its_remedy(page: SimpleNamespace) -> None:
    section = re.search(r'<section id="ledger">.*?</section>', page.text, re.S).group(0)
    for text in (
        "not converged",
        "pelvis residual",
        "non foot support",
        "field missing",
        "file missing",
        "export betas",
        "pelvis_force 7.1 % at frame 99",
        "bad.npz: betas",
    ):
        assert text in section


def test_coverage_adds_up_to_the_planned_seconds(page: SimpleNamespace) -> None:
    seconds = page.data["payload"]["coverage"]["seconds"]
    groups = page.data["payload"]["coverage"]["groups"]
    at = groups.index("holes")
    assert {k: v[at] for k, v in seconds.items()} == {
        "accepted": 4.2,
        "discarded": 1.4,
        "excluded_contact": 1.4,
        "failed": 0.0,
        "pending": 0.0,
    }
    assert seconds["failed"][groups.index("bad")] == 3.2
    totals = page.data["payload"]["totals"]
    assert totals["accepted"]["chunks"] == 8 and totals["accepted_share"] == pytest.approx(8 / 14)


def test_menu_of_measures_leaves_single_coordinates_to_the_table(page: SimpleNamespace) -> None:
    measures = page.data["payload"]["quality"]["measures"]
    assert "tracking_rms_deg" in measures and not [name for name in measures if "knee" in name]
    assert np.nanmax(unpacked(measures["marker_rms_mm"]["values"])) == pytest.approx(12)
    assert measures["marker_rms_mm"]["unit"] == "mm"


def test_run_times_count_each_stage_once(page: SimpleNamespace) -> None:
    # 13 chunks ran: support excluded 1, the solver gave up 3, verify discarded 1, 8 went to the end.
    seconds = page.data["payload"]["stage_seconds"]
    assert seconds == {
        "ik_wall_s": 13.0,
        "support_wall_s": 2 * 12 + 9.0,
        "trajectory_wall_s": 3 * 9 + 9.0 * 3,
        "verify_wall_s": 4 * 8 + 9.0,
        "trunk_wall_s": 5 * 8.0,
    }


def test_sequences_with_rows_are_in_the_page(page: SimpleNamespace) -> None:
    titles = [page.data[f"sequence-{i}"]["id"] for i in range(2)]
    assert titles == ["holes", "whole"] and "sequence-2" not in page.data


def test_curves_are_the_datasets_values(page: SimpleNamespace) -> None:
    data = page.data["sequence-0"]
    frames = np.array(data["frames"])
    assert set(frames) == set(range(7, 77)) | set(range(147, 217)) | set(range(287, 357))
    names = data["muscles"]["names"]
    shown = ("glmed1", "addmagIsch", "glmax2", "iliacus", "recfem", "bflh", "gasmed", "tibant")
    assert sorted(names) == sorted(f"LU_{m}_{s}" for m in shown for s in "lr")
    truth = factory.activation_truth(frames, 80)[:, [factory.leg_muscles().index(n[3:]) for n in names]]
    assert np.abs(unpacked(data["muscles"]["activation"]) - truth).max() < 0.5 / 255 + 1e-6
    force = unpacked(data["force"])
    expected = factory.force_truth(frames)
    assert np.abs(force[:, :, 1] - np.where(expected[:, :, 1] < 20, 0, expected[:, :, 1])).max() < 0.02
    point = unpacked(data["point"])
    assert np.array_equal(np.isnan(point[:, 0, 0]), expected[:, 0, 1] < 20)
    position = unpacked(data["skeleton"]["position"])
    assert np.abs(position - factory.position_truth(frames)).max() < 1e-4
    assert [c["status"] for c in data["chunks"]] == [
        "accepted",
        "discarded",
        "accepted",
        "excluded_contact",
        "accepted",
    ]


@pytest.mark.parametrize(
    "values",
    [np.linspace(-3, 7, 50), np.array([1.0, np.nan, 2.0]), np.full(4, 2.5), np.full(3, np.nan), np.zeros((0, 3))],
)
def test_packing_keeps_values_within_its_resolution(values: np.ndarray) -> None:
    back = unpacked(packed(values))
    assert back.shape == values.shape and np.array_equal(np.isnan(back), np.isnan(values))
    span = np.nanmax(values) - np.nanmin(values) if np.isfinite(values).any() else 0.0
    assert np.nanmax(np.abs(back - values), initial=0.0) <= span / 65534 + 1e-12


def test_packed_shares_are_within_half_a_step() -> None:
    values = np.linspace(0, 1, 1000)
    assert np.abs(unpacked(packed_share(values)) - values).max() <= 0.5 / 255 + 1e-12


def test_limbs_show_the_activation_of_their_own_muscles() -> None:
    activation = np.full((1, 402), np.nan)
    columns = mint_columns()
    rows = table("muscles_402")
    activation[0, rows["region"] == "lower_limb"] = 0.0
    for name in (
        "soleus_l",
        "gasmed_l",
        "gaslat_l",
        "tibant_l",
        "tibpost_l",
        "perlong_l",
        "perbrev_l",
        "edl_l",
        "ehl_l",
        "fdl_l",
        "fhl_l",
    ):
        activation[0, columns.index(f"LU_{name}")] = 0.8
    shown = dict(zip(SEGMENTS, segment_activation(activation)[0], strict=True))
    assert shown["shank_l"] == pytest.approx(0.8)
    assert all(value == 0 for name, value in shown.items() if name != "shank_l")


def test_groups_of_the_trunk_show_their_own_strands_on_their_own_side() -> None:
    activation = np.full((1, 402), np.nan)
    columns, rows = mint_columns(), table("muscles_402")
    activation[0, rows["region"] == "trunk"] = 0.01
    for column in columns:
        if column.startswith("TL_IL_") and column.endswith("_l"):
            activation[0, columns.index(column)] = 0.5
    shown = group_activation(activation)[0]
    at = trunk_groups().index("iliocostalis lumborum")
    assert shown[at] == pytest.approx([0.01, 0.5])
    assert np.allclose(np.delete(shown, at, axis=0), 0.01)
    activation[0, rows["region"] == "trunk"] = np.nan
    assert np.isnan(group_activation(activation)).all()


def test_trunk_muscles_and_reserves_are_in_the_page(page: SimpleNamespace) -> None:
    data = page.data["sequence-0"]
    assert "multifidus" in " ".join(data["trunk"]["groups"]) and "neck" not in data["trunk"]["groups"]
    activation = unpacked(data["trunk"]["activation"])
    assert activation.shape == (len(data["frames"]), len(data["trunk"]["groups"]), 2)
    assert activation.min() > 0 and activation.max() < 1
    reserves = data["reserves"]
    assert reserves["names"] == ["bending", "flexion"] and reserves["units"] == ["Nm", "Nm"], "largest first"
    expected = np.outer(data["frames"], [-0.02, 0.01])
    assert np.abs(unpacked(reserves["values"]) - expected).max() < 1e-3
    assert 'id="trunk-plot"' in page.text and 'id="reserve-plot"' in page.text


def test_joint_moments_and_loads_are_in_the_page(page: SimpleNamespace) -> None:
    data = page.data["sequence-0"]
    frames = np.array(data["frames"])
    loads, moments = data["loads"], data["moments"]
    assert loads["labels"] == ["hip", "knee", "ankle", "hip", "knee", "ankle", "L5/S1"] and loads["sides"] == list(
        "rrrlllr"
    )
    expected = np.linalg.norm(factory.reaction_truth(frames)[:, 1, :3], axis=1) / (9.80665 * factory.MASS_KG)
    assert np.abs(unpacked(loads["values"])[:, 1] - expected).max() < 0.01
    assert moments["labels"][:2] == ["hip flexion", "hip flexion"] and moments["sides"][:2] == ["r", "l"]
    flexion = factory.moment_truth(frames)[:, factory.COORDINATES.index("hip_flexion_r")]
    assert np.abs(unpacked(moments["values"])[:, 0] - flexion).max() < 0.01
    assert 'id="load-plot"' in page.text and 'id="moment-plot"' in page.text


@pytest.mark.parametrize(
    ("parent", "body", "segment"),
    [
        ("pelvis", "femur_r", "hip_r"),
        ("femur_l", "tibia_l", "thigh_l"),
        ("tibia_r", "talus_r", "shank_r"),
        ("calcn_r", "toes_r", ""),
        ("pelvis", "torso", "trunk"),
        ("torso", "humerus_l", ""),
        ("", "pelvis", ""),
        ("torso", "head", ""),
    ],
)
def test_bones_are_coloured_by_the_limb_they_show(parent: str, body: str, segment: str) -> None:
    assert bone_segment(parent, body) == segment


def test_hostile_names_cannot_leave_their_place(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 84)

    def change(window: object, bundles: dict) -> None:
        factory.fail_from(bundles, "verify", Status.DISCARDED, Reason.TRACKING, "</script><script>alert(1)</script>")

    project.add("evil", 154)
    project.solve("walk")
    project.solve("evil", lambda w, b: change(w, b) if w.chunk == 1 else None)
    for name in ("walk", "evil"):
        project.merge(name)
    ledger.run(project.plan, project.results)
    html = build.run(project.plan, project.results, tmp_path / "index.html", ReportConfig(title="<b>&"))
    text = html.read_text()
    assert "<script>alert" not in text and "<b>&" not in _without_plotly(text)
    assert embedded(text)["sequence-0"]["chunks"][1]["detail"] == "</script><script>alert(1)</script>"


def test_page_is_written_when_there_is_nothing_or_only_damage(tmp_path: Path) -> None:
    plan = {"sequences": {}}
    text = build.run(plan, tmp_path, tmp_path / "a.html", ReportConfig()).read_text()
    assert "No sequence has an accepted frame" in text
    project = Project(tmp_path)
    project.add("walk", 84)
    project.file("walk", "sequence.npz").write_bytes(b"no")
    (project.results / "ledger.parquet").write_bytes(b"no")
    text = build.run(project.plan, project.results, tmp_path / "b.html", ReportConfig()).read_text()
    assert "No sequence has an accepted frame" in text


def test_long_and_many_sequences_stay_within_the_configured_size(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for name in ("a", "b", "c"):
        project.add(name, 300)
        project.solve(name)
        project.merge(name)
    ledger.run(project.plan, project.results)
    config = ReportConfig(max_sequences=2, max_frames=100)
    text = build.run(project.plan, project.results, tmp_path / "index.html", config).read_text()
    data = embedded(text)
    assert "sequence-1" in data and "sequence-2" not in data and "2 of 3 sequences" in text
    assert data["sequence-0"]["stride"] == 3 and len(data["sequence-0"]["frames"]) == 96


def test_unknown_muscle_subset_is_named(page: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="LAI_ARNOLD_LOWER_BODY_8"):
        build.run(page.project.plan, page.project.results, tmp_path / "x.html", ReportConfig(muscle_subset="none"))


def test_failed_plan_entry_is_in_the_ledger_of_the_page(page: SimpleNamespace) -> None:
    assert StageStatus.from_json(page.project.plan["sequences"]["gone"]["problem"]).remedy == "fetch it"
    assert "fetch it" in page.text


def test_facts_about_a_motion_stand_at_its_sequence(page: SimpleNamespace) -> None:
    shown = {data["id"]: data["notes"] for name, data in page.data.items() if name.startswith("sequence-")}
    assert shown["whole"] == [NOTE] and shown["holes"] == []
    assert "<b>lie</b>" not in page.text and 'id="notes"' in page.text


def registered(project: Project, subject: str, **changed: np.ndarray) -> None:
    """A scaled subject with three registered markers, one of them a cluster's."""
    arrays = {
        "registered": ["LASI", "<T1>", "RKNE"],
        "registered_landmark": ["asis_l", "cluster", "knee_lateral_r"],
        "registered_body": ["pelvis", "tibia_r", "femur_r"],
        "registered_weight": [20.0, 3.25, 11.0],
        "registered_residual_m": [0.004, 0.021, np.nan],
        "registered_offset_m": [0.0121, np.nan, 0.006],
        **changed,
    }
    path = project.results / "subjects" / subject / "scale.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    Bundle.of("scale", arrays).write(path)


def test_registered_markers_are_listed_per_subject_the_worst_first(page: SimpleNamespace, tmp_path: Path) -> None:
    assert 'id="registered"' not in page.text, "subjects with a marker set have none"
    project = Project(tmp_path)
    for name, subject in (("a", "s1"), ("b", "s1"), ("c", "s2")):
        project.add(name, 100, subject=subject)
        project.solve(name)
        project.merge(name)
    registered(project, "KIT-s1")
    ledger.run(project.plan, project.results)
    text = build.run(project.plan, project.results, tmp_path / "page.html", ReportConfig()).read_text(encoding="utf-8")
    section = re.search(r'<section id="registered">.*?</section>', text, re.S)[0]
    assert section.count("<details>") == 1 and "KIT-s1: 3 markers" in section
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in re.findall(r"<tr>(<td>.*?)</tr>", section, re.S)]
    assert rows == [
        ["&lt;T1&gt;", "cluster", "tibia_r", "21.0", "", "3.2"],
        ["LASI", "asis_l", "pelvis", "4.0", "12.1", "20.0"],
        ["RKNE", "knee_lateral_r", "femur_r", "", "6.0", "11.0"],
    ]


@pytest.mark.parametrize("damage", ["text", "missing"])
def test_a_model_that_is_not_what_scaling_writes_has_no_table(tmp_path: Path, damage: str) -> None:
    project = Project(tmp_path)
    registered(project, "s", **({"registered_weight": np.array(["x", "y", "z"])} if damage == "text" else {}))
    if damage == "missing":
        (project.results / "subjects" / "s" / "scale.npz").write_bytes(b"PK")
    assert registered_markers(project.results, ["s", "gone"]) == []
