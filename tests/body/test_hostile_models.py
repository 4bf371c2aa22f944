"""A hostile pickle of a body model neither crashes the reader nor fills the memory: each is read in a process of its own."""

from __future__ import annotations

import pickle
import resource
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.learning.data.assembled import DTYPE, NDARRAY, Call, Name, Raw, assembled, counted, dtype, objects

WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"
# Tells what became of the file, and by how many MB memory grew at most.
READER = """
import resource, sys
from mint.body.passive_pickle import load_passive
from mint.core.status import StageError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with open(sys.argv[1], "rb") as handle:
        found = load_passive(handle, "x.pkl")
    told = "read: " + repr(found)[:200]
except StageError as error:
    told = str(error)[:300]
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10, " ".join(told.split()))
"""
STANDARD = "import pickle, sys; print(repr(pickle.load(open(sys.argv[1], 'rb')))[:100])"
POINTERS = b"\x41" * 16
F8 = (3, "<", None, None, None, -1, -1, 0)


def child(code: str, path: Path) -> tuple[int, str]:
    """Exit code, negative for a signal, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env={"PYTHONPATH": str(WORKFLOW), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    )
    return done.returncode, done.stdout or done.stderr


def array(type_: Any, raw: Any, shape: Any = (2,)) -> Call:
    return Call(Name("numpy.core.multiarray", "_reconstruct"), (NDARRAY, (0,), b"b"), (1, shape, type_, False, raw))


def buffer(type_: Any, raw: Any, shape: Any = (2,)) -> Call:
    return Call(Name("numpy.core.numeric", "_frombuffer"), (raw, type_, shape, "C"))


def of_type(code: Any, state: Any, align: bool = False) -> Call:
    return Call(DTYPE, (code, align, True), state)


FIELDS_OF_OBJECTS = of_type("V8", (3, "|", None, ("a",), {"a": (dtype("O8", "|", 63), 0)}, 8, 1, 0))
# A type is changed through its state after an array uses it: BUILD on what the memo holds.
LATER = Raw(
    b"\x80\x02cnumpy\ndtype\n(X\x02\x00\x00\x00O8I00\nI01\ntRq\x00(K\x03X\x01\x00\x00\x00|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
    b"h\x00(K\x03X\x01\x00\x00\x00|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
)
# What is told, and the pickle.
REFUSED = {
    "objects from bytes, flags 0": ("no list", array(dtype("O8", "|", 0), POINTERS)),
    "objects from bytes, flags 63": ("no list", array(dtype("O8", "|", 63), POINTERS)),
    "objects from text": ("no list", array(dtype("O8", "|", 0), POINTERS.decode())),
    "objects from a buffer": ("no list", buffer(dtype("O8", "|", 0), POINTERS)),
    "an object from bytes": (
        "no list",
        Call(Name("numpy.core.multiarray", "scalar"), (dtype("O8", "|", 0), POINTERS[:8])),
    ),
    "flags changed later": ("must not change", LATER),
    "objects in a type of numbers": ("no numbers", array(dtype("f8", "<", 63), POINTERS)),
    "an item larger than its bytes": (
        "no simple type",
        array(of_type("f8", (3, "<", None, None, None, 2**20, -1, 0)), POINTERS),
    ),
    "an item of no bytes": ("no simple type", array(of_type("f8", (3, "<", None, None, None, 0, -1, 0)), POINTERS)),
    "an item of negative size": (
        "no simple type",
        array(of_type("f8", (3, "<", None, None, None, -800, 1, 0)), POINTERS),
    ),
    "a wild alignment": (
        "no simple type",
        array(of_type("f8", (3, "<", None, None, None, -1, 2**31 - 1, 0), True), POINTERS),
    ),
    "numbers with fields of objects": (
        "no simple type",
        array(of_type("f8", (3, "<", None, ("a",), {"a": (dtype("O8", "|", 63), 0)}, -1, -1, 0)), POINTERS),
    ),
    "numbers that are arrays": (
        "no simple type",
        array(of_type("f8", (3, "<", (dtype("O8", "|", 0), (4,)), None, None, -1, -1, 0)), POINTERS),
    ),
    "a negative shape": ("does not fit", array(of_type("f8", F8), POINTERS, (-2,))),
    "a shape of two negative sizes": ("does not fit", array(of_type("f8", F8), POINTERS, (-1, -2))),
    "a huge shape": ("16 bytes", array(of_type("f8", F8), POINTERS, (2**40,))),
    "a shape that overflows": ("16 bytes", array(of_type("f8", F8), POINTERS, (2**32, 2**32, 2))),
    "a huge shape without content": ("too big", array(of_type("f8", F8), b"", (2**40, 0, 2**40))),
    "a huge shape of objects": ("0 objects", array(dtype("O8", "|", 63), [], (2**40,))),
    "a shape of many sizes": ("does not fit", array(of_type("f8", F8), POINTERS, (1,) * 1000 + (2,))),
    "fewer objects than places": ("1 objects", array(dtype("O8", "|", 63), ["a"], (3,))),
    "an array that is called for": ("unexpected use of ndarray", Call(NDARRAY, ((2**20, 2**20),))),
    "a class that is changed": ("must not change", Raw(b"cnumpy\nndarray\n}b")),
    "an array that is changed twice": (
        "must not change",
        Raw(assembled(array(of_type("f8", F8), POINTERS))[2:-1] + b"}b"),
    ),
    "a huge memo": ("has not kept", Raw(b"Nr" + struct.pack("<I", 2**31 - 1) + b"g2\n")),
    "a huge count of bytes": ("damaged", counted(b"\x8e", 2**40, b"abc")),
    "one text encoded for many arrays": (
        "larger than itself",
        Raw(
            b"](X"
            + struct.pack("<I", 2**20)
            + b"a" * 2**20
            + b"q\x01"
            + b"c_codecs\nencode\nh\x01X\x06\x00\x00\x00latin1\x86R" * 1000
            + b"e"
        ),
    ),
    "nested keys": ("no dictionary", Raw(b"}(" + b")" + b"q\x00h\x00\x86" * 200 + b"Nu")),
    "nesting": ("recursion", Raw(b"N" + b"\x85" * 2_000_000)),
    "a recursion of objects": ("recursion", Raw(b"cchumpy\nCh\n)R}X\x01\x00\x00\x00x" * 5000 + b"N" + b"sb" * 5000)),
    "endless instructions": ("more than 5000000", Raw(b"N" * 5_000_001)),
}
# What numpy would build of these bytes is never built: a record stands in their place.
PASSIVE = {
    "fields of objects": array(FIELDS_OF_OBJECTS, POINTERS),
    "fields that overlap": array(
        of_type(
            "V8", (3, "|", None, ("a", "b"), {"a": (dtype("O8", "|", 63), 0), "b": (dtype("f8"), 0)}, 8, 8, 0x80), True
        ),
        POINTERS,
    ),
    "a field outside": array(of_type("V8", (3, "|", None, ("a",), {"a": (dtype("f8"), 2**30)}, 8, 1, 0)), POINTERS),
    "a text of types": array(of_type("f8,O", (3, "|", None, None, None, -1, -1, 0)), POINTERS),
    "a text longer than its bytes": array(of_type("U2", (3, "<", None, None, None, 2**30, 4, 8)), POINTERS),
    "a type alone": of_type("O8", (3, "|", None, None, None, -1, -1, 0)),
    "a type of objects by another name": array(of_type("object", (3, "|", None, None, None, -1, -1, 0)), POINTERS),
}


def written(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "x.pkl"
    path.write_bytes(assembled(value))
    return path


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_array_is_refused_in_little_memory(tmp_path: Path, kind: str) -> None:
    reason, value = REFUSED[kind]
    code, told = child(READER, written(tmp_path, value))
    assert code == 0, f"the reader ended with {code}: {told}"
    grown, told = told.split(" ", 1)
    assert "x.pkl is refused" in told and reason in told
    # The longest file here has 5 MB; each of its values may take 32 bytes.
    assert int(grown) < 256


@pytest.mark.parametrize("kind", PASSIVE)
def test_an_array_of_another_type_is_not_built(tmp_path: Path, kind: str) -> None:
    code, told = child(READER, written(tmp_path, PASSIVE[kind]))
    assert code == 0, f"the reader ended with {code}: {told}"
    assert "read: PassiveObject(name=" in told


@pytest.mark.parametrize("kind", ["objects from bytes, flags 0", "objects from text"])
def test_these_pickles_crash_the_standard_reader(tmp_path: Path, kind: str) -> None:
    assert child(STANDARD, written(tmp_path, REFUSED[kind][1]))[0] < 0


def test_what_the_hostile_arrays_alter_is_read(tmp_path: Path) -> None:
    code, told = child(
        READER,
        written(
            tmp_path,
            [
                array(of_type("f8", F8), np.ones(2).tobytes()),
                buffer(of_type("f8", F8), np.ones(2).tobytes()),
                objects(["a"]),
            ],
        ),
    )
    assert code == 0 and told.endswith("read: [array([1., 1.]), array([1., 1.]), array(['a'], dtype=object)]\n")


def test_damaged_models_end_the_reading_and_not_the_process(tmp_path: Path) -> None:
    record = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": np.array(["x", None], dtype=object),
        "c": np.float32(2),
        "d": {1, 2},
        "e": np.array(["u"]),
    }
    whole = [pickle.dumps(record, protocol=protocol) for protocol in range(6)]
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(whole))
    code, told = child(
        """
import io, pickle, random, sys
from mint.body.passive_pickle import load_passive
from mint.core.status import StageError
draw, ended = random.Random(0), 0
for content in pickle.load(open(sys.argv[1], "rb")):
    load_passive(io.BytesIO(content), "x")
    for _ in range(400):
        damaged = bytearray(content)
        for _ in range(draw.randrange(1, 5)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            repr(load_passive(io.BytesIO(damaged), "x"))
        except StageError:
            ended += 1
print(ended)
""",
        tmp_path / "x.pkl",
    )
    assert code == 0, told
    assert int(told) > 1000
