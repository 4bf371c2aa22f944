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

from mint.core.ahead import Ahead
from mint.core.bundle import Bundle, passed_on
from mint.core.call import Server, Shared, isolated
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
    bundle = isolated(
        "test", "tests.core.test_call:work", {"kind": kind}, tmp_path / "out.npz", log=tmp_path / "log", **limits
    )
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


@pytest.mark.parametrize(
    ("kind", "reason", "limits"),
    [
        ("crash", Reason.CRASH, {}),
        ("raise", Reason.CRASH, {}),
        ("hang", Reason.TIME_LIMIT, {"deadline_s": 0.2}),
        ("memory", Reason.MEMORY_LIMIT, {"memory_mb": 120.0}),
        ("data", Reason.NOT_FINITE, {}),
        ("nothing written", Reason.CRASH, {}),
    ],
)
def test_every_way_to_fail_leaves_a_bundle_with_its_reason(
    kind: str, reason: Reason, limits: dict[str, float], tmp_path: Path
) -> None:
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
    code = (
        "import sys; from mint.core.call import isolated; from pathlib import Path; "
        "isolated('test', 'tests.core.test_call:announce', {'folder': sys.argv[1]}, Path(sys.argv[1]) / 'out.npz', "
        "deadline_s=60, memory_mb=1000)"
    )
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


def who(output: Path) -> None:
    """Which process this is, and the one that it was forked from."""
    seen = getattr(who, "calls", 0)
    who.calls = seen + 1  # type: ignore[attr-defined]
    print(f"call for {output.name}")
    Bundle.of("test", {"pid": np.array(os.getpid()), "parent": np.array(os.getppid()), "calls": np.array(seen)}).write(
        output
    )


def threads_of_its_server(output: Path) -> None:
    """How many threads the process has that this one was forked from."""
    count = next(
        int(line.split()[1])
        for line in Path(f"/proc/{os.getppid()}/status").read_text().splitlines()
        if line.startswith("Threads")
    )
    Bundle.of("test", {"threads": np.array(count)}).write(output)


def ends_its_server(output: Path) -> None:
    """A child whose server is killed while it works."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def call(server: Server, function: str, output: Path) -> Bundle:
    return server.call(
        "test",
        f"tests.core.test_call:{function}",
        {},
        output,
        deadline_s=30.0,
        memory_mb=1000.0,
        log=output.with_suffix(".log"),
    )


def test_calls_of_a_server_share_what_it_has_loaded_and_nothing_else(tmp_path: Path) -> None:
    with Server("tests.core.test_call") as server:
        first, second = (call(server, "who", tmp_path / f"{name}.npz") for name in ("a", "b"))
    assert first["parent"] == second["parent"] != os.getpid() and first["pid"] != second["pid"]
    assert first["calls"] == second["calls"] == 0
    assert [(tmp_path / f"{name}.log").read_text() for name in ("a", "b")] == ["call for a.npz\n", "call for b.npz\n"]
    assert server.cpu_s == pytest.approx(first.status.cpu_s + second.status.cpu_s)
    assert first.status.cpu_s > second.status.cpu_s  # which loads nothing
    assert not running(int(first["parent"]))


SOLVER = "mint.trajectory.solvers.linear_solver:linear_solver"


@pytest.mark.parametrize(
    "module", ["mint.kinematics.ik", "mint.trajectory.stage", "mint.trunk.stage", "mint.body.forward", SOLVER]
)
def test_a_server_forks_from_one_thread(module: str, tmp_path: Path) -> None:
    """Locks that another thread holds at a fork stay locked in the child for ever."""
    config = "mint.config.trajectory:TrajectoryConfig", {}
    shared = Shared(SOLVER, {"cache": str(tmp_path)}, config) if module == SOLVER else None
    with Server(module.partition(":")[0], shared=shared) as server:
        assert call(server, "threads_of_its_server", tmp_path / "out.npz")["threads"] == 1


def test_a_call_that_fails_costs_no_other(tmp_path: Path) -> None:
    with Server("tests.core.test_call") as server:
        parents = []
        for kind in ("crash", "memory", "raise", "good"):
            bundle = server.call(
                "test",
                "tests.core.test_call:work",
                {"kind": kind},
                tmp_path / f"{kind}.npz",
                deadline_s=30.0,
                memory_mb=150.0,
                log=tmp_path / f"{kind}.log",
            )
            parents.append(int(call(server, "who", tmp_path / "who.npz")["parent"]))
        assert bundle.ok and len(set(parents)) == 1


def test_a_server_that_is_killed_costs_its_call_and_is_started_again(tmp_path: Path) -> None:
    with Server("tests.core.test_call") as server:
        before = call(server, "who", tmp_path / "before.npz")
        lost = call(server, "ends_its_server", tmp_path / "lost.npz").status
        after = call(server, "who", tmp_path / "after.npz")
    assert lost.reason is Reason.CRASH and "SIGKILL" in lost.detail
    assert after.ok and after["parent"] != before["parent"]


def test_modules_that_cannot_be_loaded_are_told_by_the_call_that_needs_them(tmp_path: Path) -> None:
    with Server("no.such.module") as server:
        missing = server.call(
            "test",
            "no.such.module:run",
            {},
            tmp_path / "a.npz",
            deadline_s=9.0,
            memory_mb=1000.0,
            log=tmp_path / "a.log",
        )
        assert missing.status.reason is Reason.CRASH and "No module named" in (tmp_path / "a.log").read_text()
        assert call(server, "who", tmp_path / "b.npz").ok


def test_a_server_that_cannot_load_in_time_is_ended(tmp_path: Path) -> None:
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(60)\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
        with Server("slow_to_load") as server:
            status = server.call(
                "test", "slow_to_load:run", {}, tmp_path / "a.npz", deadline_s=0.1, memory_mb=1000.0, log=None
            ).status
    assert status.reason is Reason.CRASH


def test_who_is_interrupted_does_not_wait_for_the_call(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), Server("tests.core.test_call") as server:
            signal.setitimer(signal.ITIMER_REAL, 3.0)
            server.call(
                "test",
                "tests.core.test_call:announce",
                {"folder": str(tmp_path)},
                tmp_path / "a.npz",
                deadline_s=600.0,
                memory_mb=1000.0,
            )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    wait_until(lambda: not running(int((tmp_path / "pid").read_text())))


@Ahead
def costly(folder: str) -> list[int]:
    """A list of the process that made it, which leaves a line in a diary, after a second of processor time."""
    with (Path(folder) / "diary").open("a") as diary:
        print("made", file=diary)
    while time.process_time() < 1.0:
        pass
    return [os.getpid()]


def make_ahead(folder: str, kind: str = "good") -> None:
    """What a server does before it forks in these tests."""
    with (Path(folder) / "tries").open("a") as tries:
        print(kind, file=tries)
    if kind == "data":
        raise StageError(Reason.MODEL_INCOMPLETE, "no such body")
    work("spin" if kind == "hang" else kind, Path(folder) / "unused.npz")
    if kind == "good":
        costly.ahead(folder)


def use(folder: str, output: Path) -> None:
    """A call that needs what is costly, and changes it."""
    made = costly(folder)
    made.append(os.getpid())
    Bundle.of("test", {"made": np.array(made)}).write(output)


def incomplete(output: Path) -> None:
    """A call that fails as `make_ahead` of kind "data" does."""
    raise StageError(Reason.MODEL_INCOMPLETE, "no such body")


def sharing(tmp_path: Path, kind: str, function: str = "use", **limits: float) -> list[Bundle]:
    """Two calls of a server that makes ahead what they share."""
    limits = {"deadline_s": 30.0, "memory_mb": 1000.0, **limits}
    shared = Shared("tests.core.test_call:make_ahead", {"folder": str(tmp_path), "kind": kind})
    arguments = {"folder": str(tmp_path)} if function == "use" else {}
    with Server("tests.core.test_call", shared=shared) as server:
        return [
            server.call(
                "test",
                f"tests.core.test_call:{function}",
                arguments,
                tmp_path / f"{name}.npz",
                log=tmp_path / f"{name}.log",
                **limits,
            )
            for name in "ab"
        ]


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_what_is_shared_is_made_once_and_what_a_call_does_to_it_is_gone(tmp_path: Path) -> None:
    first, second = sharing(tmp_path, "good")
    assert lines(tmp_path / "diary") == ["made"]
    assert len(first["made"]) == len(second["made"]) == 2  # the server, and the child itself
    assert first["made"][0] == second["made"][0] and first["made"][1] != second["made"][1]
    assert first.status.cpu_s >= 1.0 > second.status.cpu_s  # the first call pays


def test_a_single_call_makes_for_itself_what_a_server_shares(tmp_path: Path) -> None:
    bundle = isolated(
        "test",
        "tests.core.test_call:use",
        {"folder": str(tmp_path)},
        tmp_path / "out.npz",
        deadline_s=30.0,
        memory_mb=1000.0,
    )
    assert bundle.ok and len(set(bundle["made"])) == 1


def test_what_cannot_be_made_ahead_is_told_by_each_call_that_needs_it(tmp_path: Path) -> None:
    for bundle in sharing(tmp_path, "data", "incomplete"):
        assert bundle.status.reason is Reason.MODEL_INCOMPLETE and bundle.status.detail == "no such body"
    assert lines(tmp_path / "tries") == ["data"]


@pytest.mark.parametrize(
    ("kind", "limits"),
    [("crash", {}), ("raise", {}), ("hang", {"deadline_s": 2.0}), ("memory", {"memory_mb": 150.0})],
)
def test_a_server_that_fails_to_make_what_is_shared_serves_without(
    kind: str, limits: dict[str, float], tmp_path: Path
) -> None:
    for bundle in sharing(tmp_path, kind, **limits):
        assert bundle.ok and len(set(bundle["made"])) == 1
    assert lines(tmp_path / "tries") == [kind]  # in vain once, not for every call


def test_a_server_that_was_killed_makes_what_is_shared_again(tmp_path: Path) -> None:
    shared = Shared("tests.core.test_call:make_ahead", {"folder": str(tmp_path)})
    with Server("tests.core.test_call", shared=shared) as server:
        assert call(server, "ends_its_server", tmp_path / "lost.npz").status.reason is Reason.CRASH
        assert call(server, "who", tmp_path / "after.npz").ok
    assert lines(tmp_path / "diary") == ["made", "made"]
