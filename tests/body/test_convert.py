"""The converter builds arrays and runs nothing."""

from __future__ import annotations

import os
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from typer.testing import CliRunner

from mint.body.convert import convert
from mint.body.smplh import load
from mint.cli.main import application
from mint.core.status import Reason, StageError
from tests.body import synthetic


@pytest.fixture
def chumpy(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module `chumpy.ch` that exists while pickles are made and explodes when one of its values is built."""

    class Ch:
        def __init__(self, x: Any) -> None:
            self.x, self._dirty_vars = x, set()

        def __getstate__(self) -> dict[str, Any]:
            return {"x": self.x, "term_order": None}

        def __setstate__(self, state: Any) -> None:
            raise AssertionError("code of chumpy ran")

    Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
    package, module = types.ModuleType("chumpy"), types.ModuleType("chumpy.ch")
    module.Ch = Ch  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "chumpy", package)
    monkeypatch.setitem(sys.modules, "chumpy.ch", module)
    return Ch


def fields(chumpy: Any) -> dict[str, Any]:
    """A model as its publishers pickle it: sparse regressor, chumpy shape, more than is needed."""
    data = synthetic.arrays()
    return {
        **data,
        "J_regressor": scipy.sparse.csc_matrix(data["J_regressor"]),
        "shapedirs": chumpy(data["shapedirs"]),
        "v_template": chumpy(chumpy(data["v_template"])),
        "bs_style": "lbs",
        "bs_type": "lrotmin",
        "hands_meanl": np.zeros(45),
        "J": np.float64(3.0),
    }


class Hostile:
    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call = (call, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
@pytest.mark.parametrize("kind", ["csc", "csr"])
def test_pickled_model_loads_like_the_plain_one(protocol: int, kind: str, chumpy: Any, tmp_path: Path) -> None:
    record = fields(chumpy)
    record["J_regressor"] = record["J_regressor"].asformat(kind)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(record, protocol=protocol))
    convert(tmp_path / "a.pkl", tmp_path / "female" / "model.npz")
    plain, model = synthetic.arrays(), load(tmp_path, "female")
    np.testing.assert_array_equal(model.v_template, plain["v_template"])
    np.testing.assert_array_equal(model.shapedirs, plain["shapedirs"])
    np.testing.assert_array_equal(model.joint_regressor, plain["J_regressor"])
    np.testing.assert_array_equal(model.posedirs, plain["posedirs"])


def test_pickle_of_python_2_is_read() -> None:
    """Bytes written by hand as Python 2 wrote them: text as raw strings, the old module names."""
    from mint.body.passive_pickle import load_passive

    raw = np.array([1.5, -2.5]).tobytes().decode("latin1").encode("unicode_escape").replace(b"'", b"\\'")
    text = (
        b"(dp0\nS'weights'\np1\ncnumpy.core.multiarray\n_reconstruct\np2\n(cnumpy\nndarray\np3\n(I0\ntp4\nS'b'\np5\ntp6\nRp7\n"
        b"(I1\n(I2\ntp8\ncnumpy\ndtype\np9\n(S'f8'\np10\nI0\nI1\ntp11\nRp12\n(I3\nS'<'\np13\nNNNI-1\nI-1\nI0\ntp14\nb"
        b"I00\nS'" + raw + b"'\np15\ntp16\nbs."
    )
    import io

    record = load_passive(io.BytesIO(text), "old.pkl")
    np.testing.assert_array_equal(record["weights"], [1.5, -2.5])


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("call", ["mkdir", "eval", "getattr", "load"])
def test_hostile_pickle_is_refused_before_anything_runs(call: str, protocol: int, chumpy: Any, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    hostile = {
        "mkdir": Hostile(os.mkdir, str(witness)),
        "eval": Hostile(eval, f"__import__('os').mkdir({str(witness)!r})"),
        "getattr": Hostile(getattr, "text", "upper"),
        "load": Hostile(np.load, "x"),
    }[call]
    blob = pickle.dumps({"first": hostile, **fields(chumpy)}, protocol=protocol)
    (tmp_path / "bad.pkl").write_bytes(blob)
    with pytest.raises(StageError, match="is refused") as caught:
        convert(tmp_path / "bad.pkl", tmp_path / "model.npz")
    assert caught.value.reason is Reason.BODY_MODEL and "bad.pkl" in caught.value.detail
    assert not witness.exists() and not (tmp_path / "model.npz").exists()
    if call == "mkdir":
        pickle.loads(pickle.dumps(hostile))
        assert witness.exists(), "the object must act when unpickled, or the test proves nothing"


def test_pickle_cannot_change_the_reader(tmp_path: Path) -> None:
    """BUILD on the stand-in of a function would set attributes of it."""
    (tmp_path / "bad.pkl").write_bytes(b"cnumpy\ndtype\n}S'_kind'\nS'bytes'\nsb.")
    with pytest.raises(StageError, match="must not change"):
        convert(tmp_path / "bad.pkl", tmp_path / "model.npz")


def test_sparse_matrix_with_wild_indices_is_refused(chumpy: Any, tmp_path: Path) -> None:
    record = fields(chumpy)
    record["J_regressor"].indices[0] = 10**6
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(record))
    with pytest.raises(StageError, match="J_regressor"):
        convert(tmp_path / "bad.pkl", tmp_path / "model.npz")


def test_npz_with_pickled_fields_is_converted_and_the_loader_asks_for_it(chumpy: Any, tmp_path: Path) -> None:
    (tmp_path / "raw" / "female").mkdir(parents=True)
    boxed = np.empty((), dtype=object)
    boxed[()] = scipy.sparse.csc_matrix(synthetic.arrays()["J_regressor"])
    np.savez(tmp_path / "raw" / "female" / "model.npz", **{**synthetic.arrays(), "J_regressor": boxed})
    with pytest.raises(StageError) as caught:
        load(tmp_path / "raw", "female")
    assert "mint bodies convert" in caught.value.remedy and "J_regressor" in caught.value.detail
    convert(tmp_path / "raw" / "female" / "model.npz", tmp_path / "female" / "model.npz")
    np.testing.assert_array_equal(load(tmp_path, "female").joint_regressor, synthetic.arrays()["J_regressor"])


def test_command_line_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "short.pkl").write_bytes(pickle.dumps({"v_template": np.zeros((5, 3))}))
    for name, told in (("no.pkl", "no.pkl"), ("short.pkl", "shapedirs is missing")):
        done = CliRunner().invoke(application(), ["bodies", "convert", str(tmp_path / name), str(tmp_path / "m.npz")])
        assert done.exit_code == 1 and told in done.stderr
