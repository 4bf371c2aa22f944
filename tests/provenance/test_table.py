"""The table of all results: a row each, with what digests stand for in the file itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mint.batch.made import Made, trace_path
from mint.core.bundle import Bundle
from mint.provenance import table
from tests.provenance.traced import ADJUSTMENTS, PACKAGES, trace


def read(results: Path) -> pd.DataFrame:
    return pd.read_parquet(table.run(results))


def test_every_result_has_one_row(results: Path) -> None:
    rows = read(results)
    assert list(rows.columns) == table.SCHEMA.names
    assert len(rows) == len(list(results.rglob("*.made.json"))) == 2 * 2 + 3 * 3 + (2 + 1 + 1) * 6
    assert not rows["path"].duplicated().any() and (rows["stale"] == "").all()
    one = rows.set_index("path").loc["sequences/walk/chunks/001/ik.npz"]
    made = Made.read(results / one.name)
    assert made is not None
    assert (one["sequence"], one["chunk"], one["stage"], one["status"]) == ("walk", 1, "ik", "ok")
    for name in (
        "digest",
        "fingerprint",
        "method",
        "host",
        "cpu",
        "job",
        "attempt",
        "started",
        "ended",
        "wall_s",
        "cpu_s",
        "commit",
    ):
        assert one[name] == getattr(made, name), name


def test_digests_are_explained_in_the_file(results: Path) -> None:
    rows = read(results).set_index("path")
    meanings = table.read_meanings(results / table.FILE)
    scale = rows.loc["subjects/KIT-s1/scale.npz"]
    assert meanings["values"][scale["values_digest"]]["adjustments"] == ADJUSTMENTS
    assert meanings["config"][scale["config_digest"]] == {"of": "scale"}
    assert meanings["packages"] == {scale["packages_digest"]: PACKAGES}


def test_status_and_reason_of_a_lost_chunk_are_its_own(results: Path) -> None:
    rows = read(results)
    lost = rows[(rows["sequence"] == "lost") & (rows["stage"] == "trunk")].iloc[0]
    assert (lost["status"], lost["reason"]) == ("discarded", "not_converged")


def test_stale_argument_is_named(results: Path) -> None:
    Bundle.of("ik", {"q": [1.0]}).write(results / "sequences/walk/chunks/000/ik.npz")
    trace(results, "ik", "sequences/walk/chunks/000/ik.npz", {})
    rows = read(results)
    stale = rows[rows["stale"] != ""].set_index("path")["stale"]
    assert stale.to_dict() == {
        "sequences/walk/sequence.npz": "files",
        **{f"sequences/walk/chunks/000/{s}.npz": "ik_path" for s in ("support", "trajectory", "verify", "trunk")},
    }


def test_result_without_trace_is_a_row_of_unknown_status(results: Path) -> None:
    trace_path(results / "sequences/walk/chunks/000/verify.npz").write_text("no")
    trace_path(results / "sequences/run/sequence.npz").unlink()
    (results / "sequences/lost/body.npz").unlink()
    trace_path(results / "sequences/lost/body.npz").unlink()
    rows = read(results).set_index("path")
    assert list(rows.index[rows["status"] == "unknown"]) == [
        "sequences/run/sequence.npz",
        "sequences/walk/chunks/000/verify.npz",
    ]
    assert "sequences/lost/body.npz" not in rows.index


def test_table_is_the_same_again_and_stands_for_an_empty_folder(results: Path, tmp_path: Path) -> None:
    first = table.run(results).read_bytes()
    assert table.run(results).read_bytes() == first
    assert len(pd.read_parquet(table.run(tmp_path / "empty"))) == 0
