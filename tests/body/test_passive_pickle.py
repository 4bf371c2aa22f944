"""Body models are read as their publishers pickle them, and values come out as the standard library's reader makes them."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from mint.body.convert import convert
from mint.body.passive_pickle import PassiveObject, load_passive
from mint.core.status import StageError
from tests.body import synthetic
from tests.learning.data.assembled import DTYPE, NDARRAY, Call, Name, Raw, _written, assembled


def load(content: bytes) -> Any:
    return load_passive(io.BytesIO(content), "x.pkl")


def text_2(text: str | bytes) -> Raw:
    """A text of Python 2, whose content may be any bytes."""
    content = text.encode() if isinstance(text, str) else text
    return Raw(b"T" + struct.pack("<I", len(content)) + content)


def array_2(values: np.ndarray) -> Call:
    """An array as numpy 1 under Python 2 pickles it, at protocol 2."""
    fortran = values.ndim > 1 and values.flags.f_contiguous
    code = values.dtype.str
    type_ = Call(DTYPE, (text_2(code[1:]), 0, 1), (3, text_2(code[0]), None, None, None, -1, -1, 0))
    return Call(
        Name("numpy.core.multiarray", "_reconstruct"),
        (NDARRAY, (0,), text_2("b")),
        (1, values.shape, type_, bool(fortran), text_2(values.tobytes("F" if fortran else "C"))),
    )


def object_2(module: str, name: str, state: dict[str, Any]) -> Raw:
    """An object of a class of Python 2, at protocol 2."""
    fields = b"".join(_written(text_2(key)) + _written(value) for key, value in state.items())
    return Raw(_written(Name(module, name)) + b")\x81}(" + fields + b"ub")


def chumpy_2(values: np.ndarray) -> Raw:
    """A value of chumpy: beside the array its state has what is out of date, an iterator and what it depends on."""
    return object_2(
        "chumpy.ch",
        "Ch",
        {
            "x": array_2(values),
            "_dirty_vars": Call(Name("__builtin__", "set"), ([],)),
            "_itr": None,
            "_depends_on_deps": {},
        },
    )


def sparse_2(values: np.ndarray) -> Raw:
    matrix = scipy.sparse.csc_matrix(values)
    parts = {name: array_2(getattr(matrix, name)) for name in ("data", "indices", "indptr")}
    return object_2(
        "scipy.sparse.csc", "csc_matrix", {"_shape": values.shape, "maxprint": 50, "format": text_2("csc"), **parts}
    )


def model_2(data: dict[str, Any]) -> bytes:
    """A model as SMPL's publishers pickled theirs with Python 2."""
    fields = {name: array_2(np.asarray(value)) for name, value in data.items()} | {
        "f": array_2(data["f"].astype("<u4")),
        "kintree_table": array_2(data["kintree_table"].astype("<i8")),
        "posedirs": array_2(np.asfortranarray(data["posedirs"])),
        "v_template": chumpy_2(data["v_template"]),
        "shapedirs": chumpy_2(data["shapedirs"]),
        "J_regressor": sparse_2(data["J_regressor"]),
        "bs_style": text_2("lbs"),
        "vert_sym_idxs": array_2(np.arange(5)),
    }
    return b"\x80\x02}(" + b"".join(_written(text_2(name)) + _written(value) for name, value in fields.items()) + b"u."


def test_a_model_of_python_2_is_converted(tmp_path: Path) -> None:
    data = synthetic.arrays()
    (tmp_path / "old.pkl").write_bytes(model_2(data))
    convert(tmp_path / "old.pkl", tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as found:
        assert found["f"].dtype == "<u4" and found["kintree_table"].dtype == "<i8"
        for name in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f", "kintree_table"):
            np.testing.assert_array_equal(found[name], data[name])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "values",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1, 2**31], "<u4"),
        np.zeros((0, 3)),
    ],
)
def test_what_stands_for_python_2_is_such_an_array_to_numpy_too(values: np.ndarray) -> None:
    content = assembled(array_2(values))
    for found in (pickle.loads(content, encoding="latin1"), load(content)):
        assert found.dtype == values.dtype
        np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize("protocol", range(6))
def test_a_model_with_the_whole_state_of_chumpy_is_converted_from_every_protocol(
    protocol: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Ch:
        def __init__(self, x: Any) -> None:
            self.__dict__ = {"x": x, "_dirty_vars": {"x"}, "_itr": None, "_depends_on_deps": {}}

    Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
    for name in ("chumpy", "chumpy.ch"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["chumpy.ch"].Ch = Ch  # type: ignore[attr-defined]
    data = synthetic.arrays()
    record = {
        **data,
        "shapedirs": Ch(data["shapedirs"]),
        "v_template": Ch(Ch(data["v_template"])),
        "J_regressor": scipy.sparse.csc_matrix(data["J_regressor"]),
        "gender": np.array("female"),
        "empty": np.zeros((0, 3)),
    }
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(record, protocol=protocol))
    convert(tmp_path / "a.pkl", tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as found:
        for name in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights"):
            np.testing.assert_array_equal(found[name], data[name])


@pytest.mark.parametrize("protocol", range(6))
def test_values_are_those_of_the_standard_reader(protocol: int) -> None:
    shared = np.arange(4.0)
    record = {
        "shared": [shared, shared],
        7: (np.float32(0.1), np.int64(-3)),
        "objects": np.array([[shared, None], ["a", {}]], dtype=object),
        "bytes": b"\xff\x00",
        "none": b"",
        np.int64(2): {"inner": True},
    }
    content = pickle.dumps(record, protocol=protocol)
    found, wanted = load(content), pickle.loads(content)
    assert repr(found) == repr(wanted)
    assert found["shared"][0] is found["shared"][1] and found[2] == {"inner": True}
    assert [type(each) for each in found[7]] == [np.float32, np.int64]


def test_objects_of_other_classes_and_arrays_of_other_types_are_records(tmp_path: Path) -> None:
    found = load(pickle.dumps({"m": scipy.sparse.csr_matrix(np.eye(2)), "names": np.array(["a", "b"])}))
    assert found["m"].name.endswith("csr_matrix") and isinstance(found["names"], PassiveObject)
    np.testing.assert_array_equal(found["m"].state["data"], [1.0, 1.0])


def test_an_object_that_holds_itself_is_read_once() -> None:
    found = load(b"cchumpy.ch\nCh\n)R(dS'x'\ng0\nsb.".replace(b")R", b")Rp0\n"))
    assert found.state["x"] is found
    rows = load(b"(lp0\ng0\na(g0\nta.")
    assert rows[0] is rows and rows[1][0] is rows


@pytest.mark.parametrize(
    "content",
    [
        b"cnumpy\nndarray\n((I3\ntt R.".replace(b" ", b""),
        b"cbuiltins\nset\n(S'abc'\ntR.",
        b"ccopyreg\n_reconstructor\n(cnumpy\nndarray\ncbuiltins\nobject\nNtR.",
        b"ccopyreg\n_reconstructor\n)R.",
        b"cbuiltins\nobject\n)R.",
        b"cbuiltins\nbytes\n(I1000000000\ntR.",
        b"cscipy.sparse\nsave_npz\n)R.",
    ],
)
def test_another_use_of_what_models_need_is_refused(content: bytes) -> None:
    with pytest.raises(StageError, match=r"x\.pkl is refused"):
        load(content)
