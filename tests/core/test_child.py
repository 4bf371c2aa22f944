"""A chunk that crashes, hangs or eats memory leaves a bundle with a reason."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.core.bundle import Bundle, passed_on
from mint.core.call import isolated
from mint.core.status import Reason, StageError, StageStatus, Status


def work(kind: str, output: Path) -> None:
    """What the child does in these tests."""
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif kind == "raise":
        raise RuntimeError("a bug")
    elif kind == "hang":
        time.sleep(60)
    elif kind == "spin":
        while True:
            pass
    elif kind == "memory":
        _ = np.ones(200 * 1024 * 1024 // 8) * 2
        time.sleep(60)
    elif kind == "data":
        raise StageError(Reason.NOT_FINITE, "file x, field y, frame 3")
    elif kind in ("compute", "wait"):
        while kind == "compute" and time.process_time() < 1.0:
            pass
        time.sleep(1.0 if kind == "wait" else 0.0)
        Bundle.of("test", {"a": np.arange(3)}).write(output)
    elif kind == "good":
        Bundle.of("test", {"a": np.arange(3)}).write(output)


def run(kind: str, tmp_path: Path, **limits: Any) -> Bundle:
    limits = {"deadline_s": 30.0, "memory_mb": 1000.0, **limits}
    bundle = isolated("test", "tests.core.test_child:work", {"kind": kind}, tmp_path / "out.npz",
                      log=tmp_path / "log", **limits)
    on_disk = Bundle.read(tmp_path / "out.npz")
    assert on_disk.status == bundle.status
    return bundle


def test_a_child_may_take_so_much_processor_time(tmp_path: Path) -> None:
    bundle = run("spin", tmp_path, deadline_s=1.0)
    assert bundle.status.reason is Reason.TIME_LIMIT and bundle.status.cpu_s > 0.9
    assert "s of processor time" in bundle.status.detail and "(guard: 1 s)" in bundle.status.detail


def test_the_guard_does_not_count_time_in_which_the_machine_does_other_work(tmp_path: Path) -> None:
    """A child that computes little in a long time, as on a busy machine, is not ended by the guard."""
    bundle = run("wait", tmp_path, deadline_s=0.5)
    assert bundle.ok and bundle.status.wall_s >= 1.0


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{root}{os.pathsep}{root / 'workflow'}")


@pytest.mark.parametrize(("kind", "reason", "limits"), [
    ("crash", Reason.CRASH, {}),
    ("raise", Reason.CRASH, {}),
    ("hang", Reason.TIME_LIMIT, {"deadline_s": 0.2}),
    ("memory", Reason.MEMORY_LIMIT, {"memory_mb": 120.0}),
    ("data", Reason.NOT_FINITE, {}),
    ("nothing written", Reason.CRASH, {}),
])
def test_every_way_to_fail_leaves_a_bundle_with_its_reason(kind: str, reason: Reason, limits: dict[str, float],
                                                           tmp_path: Path) -> None:
    status = run(kind, tmp_path, **limits).status
    assert status.status is Status.FAILED
    assert status.reason is reason
    assert status.remedy and status.stage == "test"


def test_a_good_child_keeps_its_arrays_and_gains_its_cost(tmp_path: Path) -> None:
    bundle = run("good", tmp_path)
    assert bundle.ok
    np.testing.assert_array_equal(bundle["a"], np.arange(3))
    assert bundle.status.max_rss_mb > 10


def test_no_orphan_computes_on_when_the_parent_is_killed(tmp_path: Path) -> None:
    code = ("import sys; from mint.core.call import isolated; from pathlib import Path; "
            "isolated('test', 'tests.core.test_child:announce', {'folder': sys.argv[1]}, Path(sys.argv[1]) / 'out.npz', "
            "deadline_s=60, memory_mb=1000)")
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    pid_file = tmp_path / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text() != "")
    child = int(pid_file.read_text())
    parent.kill()
    parent.wait()
    wait_until(lambda: not running(child))


def announce(folder: str, output: Path) -> None:
    """A child that says who it is and then works for long."""
    (Path(folder) / "pid").write_text(str(os.getpid()))
    time.sleep(60)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("still not so after 30 s")


def test_a_stale_output_does_not_pass_for_a_new_one(tmp_path: Path) -> None:
    run("good", tmp_path)
    assert not run("crash", tmp_path).ok


def test_passed_on_keeps_the_first_failure_unchanged() -> None:
    bad = Bundle(StageStatus("ik", Status.FAILED, Reason.MARKER_ERROR, "x"))
    passed = passed_on(Bundle.of("a", {}), bad)
    assert passed is not None and passed.status is bad.status
    assert passed_on(Bundle.of("a", {})) is None


def test_a_corrupt_bundle_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(StageError, match=r"x\.npz"):
        Bundle.read(tmp_path / "x.npz")


def test_processor_time_of_the_child_is_told_apart_from_waiting(tmp_path: Path) -> None:
    """A child that waits uses less of it than one that computes."""
    computing, waiting = run("compute", tmp_path).status, run("wait", tmp_path).status
    assert computing.cpu_s >= 1.0
    assert waiting.wall_s >= 1.0 > waiting.cpu_s
