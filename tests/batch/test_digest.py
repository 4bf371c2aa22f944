"""A digest says whether a result is the same, whatever its run took; digests of results on disk stay what they are."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.batch.digest import combined, digest_of
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageStatus, Status


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "markers.trc"
    path.write_bytes(b"abc\r\n\xff")
    assert digest_of(path) == digest_of(str(path)) == hashlib.sha256(b"abc\r\n\xff").hexdigest()


def test_texts_are_told_apart_however_they_are_cut() -> None:
    assert combined(["ab", "ü"]) == hashlib.sha256("ab\0ü\0".encode()).hexdigest()
    assert len({combined(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["c", "ab"])}) == 5


def test_a_folder_has_the_digest_of_its_files_names_and_contents_in_order(tmp_path: Path) -> None:
    (tmp_path / "b" / "empty").mkdir(parents=True)
    (tmp_path / "b/2.txt").write_text("two")
    (tmp_path / "a.txt").write_text("one")
    one, two = (hashlib.sha256(text).hexdigest() for text in (b"one", b"two"))
    assert digest_of(tmp_path) == combined(["a.txt", one, "b/2.txt", two])
    (tmp_path / "b/2.txt").rename(tmp_path / "b/3.txt")
    assert digest_of(tmp_path) == combined(["a.txt", one, "b/3.txt", two])


META: dict[str, Any] = {
    "zebra": 1,
    "attempts": [{"rung": "first", "wall_s": 3.0, "iterations": 70}, {"cpu_s": 1.0}, "wall_s"],
    "nested": {"max_rss_mb": 4.0, "deep": [[{"wall_s": 1.0, "kept": None}]]},
}


def bundle(status: StageStatus | None = None, arrays: dict[str, Any] | None = None, **meta: Any) -> Bundle:
    return Bundle(
        status or StageStatus("ik", wall_s=1.0, cpu_s=2.0, max_rss_mb=3.0),
        {"q": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "b"]), **(arrays or {})},
        {**META, **meta},
    )


def digest(of: Bundle, folder: Path) -> str:
    of.write(folder / "x.npz")
    return digest_of(folder / "x.npz")


def test_digests_of_results_on_disk_stay_what_they_are(tmp_path: Path) -> None:
    """If this changes, every result of every project is computed again."""
    assert digest(bundle(), tmp_path) == "68981275e436cf69e8f0b13c41b6c5ae1875900db0316c190787d4e77aa157db"


def test_times_and_memory_of_a_run_are_no_part_of_its_result(tmp_path: Path) -> None:
    known = digest(bundle(), tmp_path)
    slow = StageStatus("ik", wall_s=9.0, cpu_s=9.0, max_rss_mb=9.0)
    assert digest(bundle(slow), tmp_path) == known
    attempts = [{"rung": "first", "wall_s": 9.0, "iterations": 70, "cpu_s": 5.0}, {}, "wall_s"]
    assert digest(bundle(attempts=attempts), tmp_path) == known
    assert digest(bundle(nested={"max_rss_mb": 0.0, "deep": [[{"kept": None}]]}, cpu_s=7.0), tmp_path) == known


@pytest.mark.parametrize(
    "changed",
    [
        bundle(StageStatus("ik", Status.FAILED, Reason.FIELD_VALUE)),
        bundle(zebra=2),
        bundle(attempts=[{"rung": "first", "iterations": 71}, {}, "wall_s"]),
        bundle(nested={"deep": [[{"kept": 0}]]}),
        bundle(arrays={"q": np.arange(6.0).reshape(3, 2)}),
        bundle(arrays={"q": np.arange(6).reshape(2, 3)}),
        bundle(arrays={"more": np.zeros(0)}),
        bundle(arrays={"names": np.array(["a", "c"])}),
    ],
)
def test_anything_else_is_part_of_the_result(changed: Bundle, tmp_path: Path) -> None:
    assert digest(changed, tmp_path) != digest(bundle(), tmp_path)


def test_the_order_of_a_record_is_no_part_of_the_result(tmp_path: Path) -> None:
    of = bundle()
    of.meta = dict(reversed(of.meta.items()))
    assert digest(of, tmp_path) == digest(bundle(), tmp_path)


def test_a_bundle_that_cannot_be_read_counts_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(b"no bundle")
    assert digest_of(path) == hashlib.sha256(b"no bundle").hexdigest()


def test_a_bundle_under_another_name_is_a_file(tmp_path: Path) -> None:
    bundle().write(tmp_path / "x.npz")
    (tmp_path / "x.npz").rename(tmp_path / "x.bin")
    assert digest_of(tmp_path / "x.bin") == hashlib.sha256((tmp_path / "x.bin").read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["x.npz", "x.json"])
def test_a_missing_file_is_the_callers_to_know(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digest_of(tmp_path / name)
