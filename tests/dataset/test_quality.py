"""The tables of quality: every chunk and sequence of the plan, units, limits, and damage that never stops them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mint.config.quality import QualityConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, StageError, StageStatus, Status
from mint.dataset import quality_schema as schema
from mint.dataset.notes import NOTES
from mint.dataset.parquet import METADATA_KEY, read_record
from mint.dataset.quality import add_sequence, fitting, missing, quality_tables
from mint.dataset.quality_limits import KINDS, REASONS, faults, limits_of
from mint.dataset.schema import Column
from tests.dataset.conftest import make
from tests.sequence import factory
from tests.sequence.factory import Project

LIMITS = limits_of(QualityConfig())
SCHEMAS = (schema.CHUNKS, schema.SEQUENCES, schema.COORDINATES)


@pytest.fixture(scope="module")
def tables(built: SimpleNamespace) -> dict[str, pd.DataFrame]:
    return {each.name: pd.read_parquet(built.dataset / f"{each.name}.parquet") for each in SCHEMAS}


def of(project: Project, **options: Any) -> dict[str, pa.Table]:
    return quality_tables(project.plan, project.results, QualityConfig(**options), {})


def test_every_planned_chunk_is_a_row_lost_ones_too(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["quality_chunks"]
    assert rows.groupby("sequence_id").size().to_dict() == {"bad": 3, "holes": 5, "lost": 3, "waiting": 3, "whole": 5}
    status = rows.set_index(["sequence_id", "chunk"])["status"]
    assert list(status["holes"]) == ["accepted", "discarded", "accepted", "excluded_contact", "accepted"]
    assert set(status["bad"]) == {"failed"} and set(status["waiting"]) == {"pending"}
    assert dict(zip(rows["reason"], rows["stage"], strict=True))["field_missing"] == "validate"


def test_every_planned_sequence_is_a_row(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["quality_sequences"].set_index("sequence_id")
    assert sorted(rows.index) == ["bad", "gone", "holes", "lost", "waiting", "whole"]
    holes = rows.loc["holes"]
    assert (holes["chunks"], holes["accepted"], holes["discarded"], holes["excluded_contact"], holes["faulty"]) == (
        5,
        3,
        1,
        1,
        0,
    )
    assert list(holes["missing_s"]) == ["1.54-2.94", "4.34-5.74"]
    assert holes["analysed_s"] == pytest.approx(4.2) and holes["analysed_share"] == pytest.approx(4.2 / 7.28, abs=1e-4)
    assert (rows.loc["gone", "reason"], rows.loc["gone", "chunks"]) == ("file_missing", 0)
    assert rows.loc["bad", "reason"] == "field_missing" and list(rows.loc["lost", "missing_s"]) == ["0.14-3.06"]
    assert rows.loc["whole", "marker_rms_mm_median"] == pytest.approx(12)
    assert rows.loc["whole", "tracking_rms_deg_worst"] == pytest.approx(1.2)


def test_worst_and_median_of_a_sequence_are_without_sign(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 70 * 3 + 14)
    shares = (1.02, 0.9, 1.04)

    def press(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trajectory"].arrays["grf_force_N"] = shares[window.chunk] * bundles["trajectory"]["grf_force_N"]

    project.solve("walk", press)
    project.merge("walk")
    row = of(project)["quality_sequences"].to_pylist()[0]
    assert row["impulse_error_percent_worst"] == pytest.approx(10) and row[
        "impulse_error_percent_median"
    ] == pytest.approx(4)


def test_rows_name_the_folder_of_their_sequence_where_it_has_one(
    tables: dict[str, pd.DataFrame], built: SimpleNamespace
) -> None:
    for table in tables.values():
        there = table.dropna(subset="data_path")
        assert set(there["sequence_id"]) == {"holes", "whole"}
        assert all((built.dataset / path / "grf.parquet").exists() for path in there["data_path"].unique())


def test_chunk_has_its_measures_and_what_it_cost(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["quality_chunks"].set_index(["sequence_id", "chunk"])
    row = rows.loc[("whole", 1)]
    assert row["marker_rms_mm"] == pytest.approx(12) and row["marker_max_mm"] == pytest.approx(30)
    assert row["peak_vertical_force_bw"] == pytest.approx(1) and row["impulse_error_percent"] == pytest.approx(
        0, abs=1e-9
    )
    assert row["saturation_share"] == 0 and (row["iterations"], row["attempts"]) == (121, 1)
    assert (row["trajectory_wall_s"], row["wall_s"], row["solver_status"]) == (3, 15, "Solve_Succeeded")
    assert row["seam_activation_rms"] < 1e-9 and row["seam_force_bw"] < 1e-9
    assert pd.isna(rows.loc[("whole", 0), "seam_activation_rms"]), "the first chunk has no seam before it"
    discarded, excluded = rows.loc[("holes", 1)], rows.loc[("holes", 3)]
    assert list(discarded["faults"]) == ["pelvis_residual", "missing_chunk"] and discarded["iterations"] == 121
    assert list(excluded["faults"]) == ["missing_chunk"] and pd.isna(excluded["iterations"])
    assert (excluded["wall_s"], excluded["support_wall_s"]) == (10, 9) and pd.isna(excluded["trajectory_wall_s"])


def test_coordinates_are_long_rows_with_their_units(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["quality_coordinates"].set_index(["sequence_id", "chunk", "coordinate"])
    knee, bending = rows.loc[("whole", 0, "knee_angle_r")], rows.loc[("whole", 0, "bending")]
    assert (knee["model"], knee["unit"], knee["tracking_rms"]) == ("leg", "deg", 1.2)
    # The reserve is -0.02 times the frame; the last frame that the chunk keeps is 76.
    assert (bending["model"], bending["reserve_unit"]) == ("trunk", "N m") and bending["reserve_max"] == pytest.approx(
        1.52
    )


@pytest.mark.parametrize("each", SCHEMAS, ids=lambda each: each.name)
def test_every_column_says_its_unit_and_meaning(built: SimpleNamespace, each: Any) -> None:
    found = pa.parquet.read_schema(built.dataset / f"{each.name}.parquet")
    assert found.names == each.names
    for field in found:
        assert field.metadata[b"unit"] and field.metadata[b"description"]


def test_units_are_in_the_names(built: SimpleNamespace) -> None:
    ends = {
        "_mm": "mm",
        "_mm_s": "mm/s",
        "_percent": "%",
        "_percent_bw": "% of body weight",
        "_deg": "deg",
        "_s": "s",
        "_bw": "body weight",
        "_share": "1",
        "_N": "N",
    }
    for column in schema.CHUNKS.columns:
        if column.kind == "float" and not column.name.startswith("seam_activation"):
            end = max((end for end in ends if column.name.endswith(end)), key=len)
            assert column.unit == ends[end], column.name


def test_limits_of_the_faults_travel_with_the_table(built: SimpleNamespace) -> None:
    limits = read_record(built.dataset / "quality_chunks.parquet")["limits"]
    assert {limit["kind"] for limit in limits} == set(KINDS) - {"missing_chunk", "frame_rate"}
    assert {limit["measure"] for limit in limits} <= {column.name for column in schema.MEASURES}
    assert all("[" in limit["meaning"] for limit in limits)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.kind}-{limit.measure}-{limit.side}")
def test_each_limit_marks_what_is_beyond_it_and_nothing_else(limit: Any) -> None:
    sign = -1.0 if limit.side == "below" else 1.0
    at = {limit.measure: sign * limit.value}
    beyond = {limit.measure: sign * limit.value * 1.001}
    assert faults(at, Status.ACCEPTED, Reason.NONE, LIMITS) == []
    assert faults(beyond, Status.ACCEPTED, Reason.NONE, LIMITS) == [limit.kind]
    if limit.side == "beyond":
        assert faults({limit.measure: -beyond[limit.measure]}, Status.ACCEPTED, Reason.NONE, LIMITS) == [limit.kind]
    assert faults({limit.measure: None}, Status.ACCEPTED, Reason.NONE, LIMITS) == []


@pytest.mark.parametrize("reason", REASONS)
def test_reason_of_a_loss_is_a_fault_of_its_own(reason: Reason) -> None:
    assert faults({}, Status.DISCARDED, reason, LIMITS) == [REASONS[reason], "missing_chunk"]


def test_limits_come_from_the_configuration(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 84)
    project.solve("walk")
    project.merge("walk")
    assert of(project)["quality_chunks"]["faults"].to_pylist() == [[]]
    assert of(project, marker_rms_mm=11.0)["quality_chunks"]["faults"].to_pylist() == [["marker_error"]]


def test_columns_of_the_run_are_the_only_ones_that_differ_between_two_runs(tmp_path: Path) -> None:
    found = []
    for number in (1, 2):
        project = Project(tmp_path / str(number))
        project.add("walk", 154)

        def slower(window: Window, bundles: dict[str, Bundle], number: int = number) -> None:
            from dataclasses import replace

            for bundle in bundles.values():
                bundle.status = replace(
                    bundle.status,
                    wall_s=7.0 * number,
                    cpu_s=3.0 * number,
                    max_rss_mb=9.0 * number,
                    warnings=(f"on host {number}",),
                )

        project.solve("walk", slower)
        project.merge("walk")
        found.append(of(project))
    for name, first in found[0].items():
        second = found[1][name]
        kept = [column for column in first.column_names if column not in schema.RUN_COLUMNS]
        assert first.select(kept).equals(second.select(kept), check_metadata=True)
    differ = {
        column
        for column in found[0]["quality_chunks"].column_names
        if not found[0]["quality_chunks"][column].equals(found[1]["quality_chunks"][column])
    }
    assert differ == set(schema.RUN_COLUMNS)


def test_no_plan_gives_empty_tables_with_their_columns(tmp_path: Path) -> None:
    tables = quality_tables({"sequences": {}}, tmp_path, QualityConfig(), {})
    assert {name: (len(table), table.column_names) for name, table in tables.items()} == {
        each.name: (0, each.names) for each in (*SCHEMAS, NOTES)
    }
    assert json.loads(tables["quality_chunks"].schema.metadata[METADATA_KEY])["limits"]


DAMAGED_META = {
    "numbers that cannot be": {"metrics": {"marker_rms_mm": -3.0, "saturation_share": 7.0, "hover_mm": float("inf")}},
    "text for numbers": {"metrics": {"marker_rms_mm": "12", "marker_jump_frame": [3], "peak_vertical_force_bw": None}},
    "numbers for text": {"metrics": {"saturated_muscle": 3, "marker_jump_name": True, "unknown": 1.0}},
    "coordinates of nothing": {
        "coordinates": [{}, {"coordinate": 3, "model": "leg"}, {"coordinate": "x", "model": "arm"}]
    },
    "metrics of an older version": {"metrics": {"verify_tracking_rms_worst_deg": 2.0}},
}


@pytest.mark.parametrize("damage", DAMAGED_META)
def test_measures_that_cannot_be_are_missing(tmp_path: Path, damage: str) -> None:
    project = Project(tmp_path)
    project.add("walk", 154)
    project.solve("walk")
    bundle = project.merge("walk")
    bundle.meta["chunks"][1] |= DAMAGED_META[damage]
    bundle.write(project.file("walk", "sequence.npz"))
    row = of(project)["quality_chunks"].to_pylist()[1]
    assert row["status"] == "accepted" and row["faults"] == []
    if "metrics" in DAMAGED_META[damage]:
        assert all(row[column.name] is None for column in schema.MEASURES)
    else:
        assert row["marker_rms_mm"] == pytest.approx(12)


@pytest.mark.parametrize(
    "damage",
    [
        {"chunks": [3]},
        {"chunks": [{"window": {}}]},
        {"chunks": "none"},
        {"chunks": [{"window": {"chunk": 0}, "status": 4}]},
    ],
)
def test_result_of_something_else_is_rows_of_lost_chunks(tmp_path: Path, damage: dict[str, Any]) -> None:
    project = Project(tmp_path)
    project.add("strange", 154)
    Bundle.of("merge", {}, damage).write(project.file("strange", "sequence.npz"))
    rows = of(project)["quality_chunks"].to_pylist()
    assert len(rows) == 2 and all("missing_chunk" in row["faults"] for row in rows)


def test_byte_damage_of_any_file_never_raises(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 84)
    project.solve("walk")
    project.mark("walk")
    project.merge("walk")
    rng = np.random.default_rng(2)
    rows: dict[str, list[dict[str, Any]]] = {each.name: [] for each in (*SCHEMAS, NOTES)}
    for file in ("sequence.npz", "chunks/000/ik.npz", "chunks/000/markers.trc"):
        path = project.file("walk", file)
        whole = path.read_bytes()
        for _ in range(8):
            damaged = bytearray(whole)
            at = int(rng.integers(0, len(whole) - 64))
            damaged[at : at + 64] = rng.bytes(64)
            path.write_bytes(bytes(damaged))
            add_sequence(rows, "walk", project.plan["sequences"]["walk"], project.results, None, LIMITS)
        # The next file is read only where there is no merged sequence.
        path.unlink() if file == "sequence.npz" else path.write_bytes(whole)
    assert [row["sequence_id"] for row in rows["quality_chunks"]] == ["walk"] * 24
    for number, row in enumerate(rows["quality_chunks"]):
        row["chunk"] = number
    assert len(schema.CHUNKS.arrow(rows["quality_chunks"])) == 24, "all of them are rows that the schema takes"


def test_neighbouring_losses_are_one_interval() -> None:
    rows = [
        {"status": status, "frame_start": a, "frame_stop": b}
        for status, a, b in (("failed", 7, 77), ("pending", 77, 147), ("accepted", 147, 217), ("discarded", 217, 230))
    ]
    assert missing(rows) == ["0.14-2.94", "4.34-4.60"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("float", 3, 3.0),
        ("float", float("nan"), None),
        ("float", True, None),
        ("float", 11.0, None),
        ("int", 4, 4),
        ("text", "LTOE", "LTOE"),
        ("text", "", None),
        ("text", 4, None),
    ],
)
def test_value_fits_its_column_or_is_null(kind: Any, value: Any, expected: Any) -> None:
    assert fitting(Column("x", kind, "1", "x", nullable=True, low=0, high=10), value) == expected


def test_marks_of_the_factory_are_read(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 84)
    project.solve("walk")
    project.mark("walk")
    project.merge("walk")
    row = of(project)["quality_chunks"].to_pylist()[0]
    assert row["marker_jump_mm"] < 5 and row["marker_jump_name"] in factory.MARKERS


def test_measurements_that_were_left_out_are_told_in_the_row_of_their_sequence_and_cost_nothing(tmp_path: Path) -> None:
    project = make(tmp_path)
    before = of(project)["quality_sequences"].to_pandas().drop(columns="warnings")
    project.plan["sequences"]["whole"]["subject_id"] = "KIT-3"
    folder = project.results / "subjects" / "KIT-3"
    folder.mkdir(parents=True, exist_ok=True)
    Bundle(StageStatus("measured", warnings=("forces left out: walk.mot: kN",))).write(
        project.file("whole", "measured.npz")
    )
    Bundle(StageStatus("compare", warnings=("the plates are 15 ms late",))).write(
        project.file("whole", "comparison.npz")
    )
    Bundle(StageStatus("emg_scale", warnings=("emg_maximum names gracilis_r",))).write(folder / "emg.npz")
    project.file("holes", "measured.npz").write_bytes(b"no archive")
    Bundle(StageError(Reason.FIELD_MISSING, "x").as_status("validate")).write(project.file("lost", "measured.npz"))
    after = of(project)["quality_sequences"].to_pandas()
    pd.testing.assert_frame_equal(after.drop(columns="warnings"), before)
    told = after.set_index("sequence_id")["warnings"]
    assert list(told["whole"]) == [
        "forces left out: walk.mot: kN",
        "the plates are 15 ms late",
        "emg_maximum names gracilis_r",
    ]
    assert "measured.npz is not a result bundle" in told["holes"][0] and list(told["lost"]) == []
