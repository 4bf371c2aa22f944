"""Calls of stage functions, each in a process of its own with a memory limit and a deadline.

A call names a function, its keyword arguments, its typed configuration and the bundle it is to write, so that every
stage is isolated the same way and none needs a command line of its own.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from mint.core.bundle import Bundle
from mint.core.ended import Ended, bundle_of
from mint.core.limits import KEEP_MEMORY, ONE_THREAD
from mint.core.watch import WAITING, watched

# A process that forks should have one thread, and the allocator of pyarrow has one of its own.
_NO_THREAD = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
# Address space over memory: the kernel enforces only the former, and solver libraries reserve more than they touch.
_RESERVED = 4


@dataclass(frozen=True)
class Shared:
    """A call of `function(**arguments, config=...)` that makes ahead what all calls need (`mint.core.ahead`)."""

    function: str
    arguments: Mapping[str, Any]
    config: tuple[str, Mapping[str, Any]] | None = None


class Server:
    """Makes calls one after the other, each in a child of a process that has loaded `modules` (`mint.core.server`).

    Libraries are loaded once for all calls, and what is `shared` is made once; what a call does to them is gone with
    its child. A server that ended is started again for the next call. One that ends while it makes what is shared, or
    takes more time or memory for it than a call may, is started again without: then each call makes it for itself.
    """

    def __init__(self, *modules: str, shared: Shared | None = None) -> None:
        self._modules, self._shared = modules, shared
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._read = b""
        # Processor time [s] of all children that have ended, and of loading modules and making what is shared.
        self.cpu_s = 0.0

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whoever was interrupted does not wait for the call that is under way.
        if kind is not None and self._process is not None:
            self._process.kill()
        self.stop()

    def call(
        self,
        stage: str,
        function: str,
        arguments: Mapping[str, Any],
        output: str | Path,
        *,
        config: tuple[str, Mapping[str, Any]] | None = None,
        deadline_s: float,
        memory_mb: float,
        log: str | Path | None = None,
    ) -> Bundle:
        """Call `function(**arguments, output=output, config=...)` in a child; a bundle is always left at `output`.

        `config` is the name of a configuration class and its values. Arguments must be JSON-able. A child that is
        killed, runs out of memory, hangs beyond the deadline, or ends without a bundle becomes a `failed` status with
        its reason. The deadline, in processor time, or ten times that in wall time, is a guard: what a stage may cost
        is for itself to count. Wall time, processor time (user and system; of the first call with that of loading
        the modules and of what is shared) and peak memory of the child are added to the status.
        """
        output = Path(output)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.unlink(missing_ok=True)
        limit = int(memory_mb * 1024 * 1024)
        call = {
            "stage": stage,
            "function": function,
            "arguments": dict(arguments),
            "output": str(output),
            "config": list(config) if config else None,
            "address_space": _RESERVED * limit,
            "log": None if log is None else str(log),
        }
        ended = self._made(call, deadline_s, limit)
        self.cpu_s += ended.cpu_s
        bundle = bundle_of(stage, ended, output, deadline_s, memory_mb, log)
        bundle.write(output)
        return bundle

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            assert self._process.stdin is not None
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()
            os.close(self._answers)
        self._process, self._read = None, b""

    def _start(self, deadline_s: float, limit: int) -> float:
        """Start the server unless it runs; processor time [s] that this took."""
        if self._process is not None:
            return 0.0
        loading_s = self._load(WAITING * deadline_s)
        if self._shared is None:
            return loading_s
        self._ask(
            {
                "ahead": True,
                "function": self._shared.function,
                "arguments": dict(self._shared.arguments),
                "config": list(self._shared.config) if self._shared.config else None,
                "address_space": _RESERVED * limit,
            }
        )
        assert self._process is not None
        seen = watched(self._answer, self._process.pid, deadline_s, limit, self._process.kill)
        if seen.told is not None:
            return loading_s + float(seen.told["cpu_s"])
        self.stop()
        self._shared = None
        return loading_s + seen.used_s + self._load(WAITING * deadline_s)

    def _load(self, patience_s: float) -> float:
        """Start the server, which loads its modules; processor time [s] that this took."""
        self._answers, answers = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mint.core.server", str(answers), *self._modules],
            stdin=subprocess.PIPE,
            pass_fds=[answers],
            env={**os.environ, **ONE_THREAD, **KEEP_MEMORY, **_NO_THREAD},
        )
        os.close(answers)
        told = self._expected(patience_s)
        return float(told["cpu_s"]) if told else 0.0

    def _ask(self, what: Mapping[str, Any]) -> None:
        assert self._process is not None and self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(what, default=str).encode() + b"\n")
            self._process.stdin.flush()

    def _made(self, call: Mapping[str, Any], deadline_s: float, limit: int) -> Ended:
        """Make a call and watch its child."""
        started = time.monotonic()
        loading_s = self._start(deadline_s, limit)
        assert self._process is not None
        self._ask(call)
        pid = int((self._expected(WAITING * deadline_s) or {"pid": 0})["pid"])
        seen = watched(self._answer, pid, deadline_s, limit, lambda: os.killpg(pid, signal.SIGKILL))
        told = seen.told
        if told is None:  # The server has ended, and its child with it.
            code = self._process.wait()
            self.stop()
            told = {"code": code or 1, "cpu_s": seen.used_s, "peak_kb": seen.peak_kb}
        peak_kb = max(seen.peak_kb, int(told["peak_kb"]))
        return Ended(
            int(told["code"]),
            seen.ended_for,
            round(time.monotonic() - started, 3),
            round(loading_s + float(told["cpu_s"]), 3),
            round(peak_kb / 1024, 1),
        )

    def _expected(self, patience_s: float) -> dict[str, Any] | None:
        """The next answer of the server, None from one that ended; one that does not answer is ended."""
        told = self._answer(patience_s)
        if told == {}:
            assert self._process is not None
            self._process.kill()
            return self._answer(patience_s)
        return told

    def _answer(self, patience_s: float) -> dict[str, Any] | None:
        """The next answer of the server; {} if there is none within some time, None from one that ended."""
        while b"\n" not in self._read:
            if not select.select([self._answers], [], [], patience_s)[0]:
                return {}
            more = os.read(self._answers, 65536)
            if not more:
                return None
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told


def isolated(
    stage: str,
    function: str,
    arguments: Mapping[str, Any],
    output: str | Path,
    *,
    config: tuple[str, Mapping[str, Any]] | None = None,
    deadline_s: float,
    memory_mb: float,
    log: str | Path | None = None,
) -> Bundle:
    """A single call: see `Server.call`."""
    with Server(module_of(function)) as server:
        return server.call(
            stage, function, arguments, output, config=config, deadline_s=deadline_s, memory_mb=memory_mb, log=log
        )


def module_of(function: str) -> str:
    """Module of `package.module:function`."""
    return function.partition(":")[0]
