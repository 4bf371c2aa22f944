"""A pickle that does more than hold a table is refused before anything runs, in little time and memory."""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mint.core.status import Reason, StageError
from mint.learning.data.frame_pickle import read_frame
from tests.learning.data import assembled as pickles
from tests.learning.data.assembled import (
    NAMES,
    TIMES,
    VALUES,
    VERSIONS,
    Call,
    Name,
    Raw,
    assembled,
    counted,
    one_block,
    several_blocks,
    write,
)

# numpy warns where names of former versions are shown to pickle, pickletools where texts are damaged.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Runs:
    """Pickled, this calls something."""

    def __init__(self, *reduced: Any) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


def hostile(marker: Path) -> dict[str, bytes]:
    """Pickles that would leave a file if any of them ran."""
    code = f"open({str(marker)!r}, 'w').close()"
    getattr_ = Name("builtins", "getattr")
    chain = Call(Call(getattr_, (Call(Name("importlib", "import_module"), ("os",)), "system")), (f"touch {marker}",))
    frame = pickles.pandas_2(NAMES, TIMES, one_block())
    state = {**frame.state, "attrs": {"unit": Call(Name("builtins", "exec"), (code,))}}
    return {
        "eval": pickle.dumps(Runs(eval, (code,))),
        "exec in protocol 0": pickle.dumps(Runs(exec, (code,)), protocol=0),
        "system": assembled(Call(Name("os", "system"), (f"touch {marker}",))),
        "posix": assembled(Call(Name("posix", "system"), (f"touch {marker}",))),
        "getattr chain": assembled(chain),
        "dotted name": assembled(Call(Raw(b"\x8c\x05numpy\x8c\x0ff2py.os.system..\x93"), (f"touch {marker}",))),
        "pandas reads": assembled(Call(Name("pandas", "read_pickle"), (str(marker),))),
        "numpy loads": assembled(Call(Name("numpy", "load"), (str(marker), None, True))),
        "within a frame": assembled(Call(frame.called, frame.arguments, state)),
        "partial": assembled(Call(Call(Name("functools", "partial"), (Name("os", "system"),)), (f"touch {marker}",))),
        "old class": b"(S'touch " + str(marker).encode() + b"'\nios\nsystem\n.",
        "registered": b"\x80\x02\x82\x01.",
        "persistent": b"\x80\x02X\x01\x00\x00\x00aQ.",
        "keyword": b"\x80\x04cbuiltins\nexec\n)}\x92.",
    }


@pytest.mark.parametrize("kind", sorted(hostile(Path("marker"))))
def test_a_hostile_pickle_is_refused_before_anything_runs(tmp_path: Path, kind: str) -> None:
    marker = tmp_path / "marker"
    path = write(tmp_path / "x.pkl", hostile(marker)[kind])
    with pytest.raises(StageError, match=r"x\.pkl.*refused") as raised:
        read_frame(path, NAMES)
    assert raised.value.reason is Reason.FILE_CORRUPT and "download" in raised.value.remedy
    assert not marker.exists()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("system", "'os.system'"),
        ("getattr chain", "'builtins.getattr'"),
        ("within a frame", "'builtins.exec'"),
        ("keyword", "'builtins.exec'"),
        ("registered", "EXT1"),
        ("persistent", "BINPERSID"),
    ],
)
def test_what_a_hostile_pickle_would_do_is_told(tmp_path: Path, kind: str, told: str) -> None:
    with pytest.raises(StageError, match=rf"refused: its? .*{told}"):
        read_frame(write(tmp_path / "x.pkl", hostile(tmp_path / "marker")[kind]), NAMES)


def test_the_hostile_pickles_of_these_tests_do_run_where_pickles_are_run(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    ran = []
    for kind in ("eval", "exec in protocol 0", "system", "getattr chain", "within a frame", "partial"):
        marker.unlink(missing_ok=True)
        pickle.load(io.BytesIO(hostile(marker)[kind]))
        ran.append(marker.exists())
    assert all(ran)


CLAIMS = {
    "bytes": b"\x80\x05" + counted(b"\x8e", 2**40, b"abc").content,
    "bytearray": b"\x80\x05" + counted(b"\x96", 2**40, b"abc").content,
    "text": b"\x80\x05" + counted(b"\x8d", 2**40, b"abc").content,
    "frame": b"\x80\x05" + counted(b"\x95", 2**40, b"N.").content,
    "memo": b"\x80\x05Nr" + struct.pack("<I", 2**31 - 1) + b".",
    "instructions": b"\x80\x05" + b"N" * 110_000 + b".",
    "depth": b"\x80\x05N" + b"\x85" * 90_000 + b".",
    "nested": b"\x80\x05N" + b"\x94h\x00h\x00\x86" * 60 + b"}h\x3bNs.",
    "whole number": b"\x80\x05\x8b" + struct.pack("<i", 2**31 - 1) + b"\x01.",
}


@pytest.mark.parametrize("kind", sorted(CLAIMS))
def test_a_pickle_that_claims_to_be_huge_is_refused_in_little_memory(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "x.pkl", CLAIMS[kind])
    tracemalloc.start()
    try:
        with pytest.raises(StageError, match=r"x\.pkl.*refused"):
            read_frame(path, NAMES)
        assert tracemalloc.get_traced_memory()[1] < 64e6
    finally:
        tracemalloc.stop()


def test_a_truncated_or_damaged_pickle_is_refused_or_read_but_ends_in_nothing_else(tmp_path: Path) -> None:
    frame = pd.DataFrame(VALUES, index=TIMES, columns=pd.Index(NAMES))
    whole = [assembled(version(NAMES, TIMES, several_blocks())) for version in VERSIONS]
    for protocol in (2, 5):
        kept = io.BytesIO()
        frame.to_pickle(kept, protocol=protocol)
        whole.append(kept.getvalue())
    random = np.random.default_rng(0)
    path = tmp_path / "x.pkl"
    refused = 0
    for content in whole:
        for stop in range(0, len(content), 31):
            with pytest.raises(StageError, match="refused"):
                read_frame(write(path, content[:stop]), NAMES)
        for _ in range(80):
            damaged = bytearray(content)
            for at in random.integers(len(content), size=random.integers(1, 6)):
                damaged[at] = random.integers(256)
            try:
                times, values = read_frame(write(path, bytes(damaged)), NAMES)
            except StageError as error:
                assert "x.pkl" in error.detail and error.remedy
                refused += 1
            else:
                assert values.shape == (len(times), 3)
    assert refused > 100
