"""A process that has loaded what a stage needs and forks a child for every call: `python -m mint.core.server 5 module`.

Calls come as lines of JSON on its standard input, answers go to the file descriptor that it is given: when the modules
are loaded, when a child has begun, how that child has ended. One call may come first that the server makes itself, to
make ahead what all children need (`mint.core.ahead`). It does nothing else, so that every child starts from the same
state, and it ends with the process that started it, as its children end with it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from mint.core.bundle import Bundle
from mint.core.limits import address_space, die_with_parent, limit_address_space
from mint.core.status import StageError


def resolve(name: str) -> Any:
    """`package.module:attribute` as an object."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def main(answers: int, *modules: str) -> int:
    """Serve until the input ends."""
    die_with_parent()
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            # The child that needs it fails in the same way, and that is told.
            traceback.print_exc()
    _keep()
    _tell(answers, {"cpu_s": time.process_time()})
    for line in sys.stdin.buffer:
        call = json.loads(line)
        if call.get("ahead"):
            begun = time.process_time()
            _make_ahead(call)
            _tell(answers, {"cpu_s": time.process_time() - begun})
            continue
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            _child(call, parent)
        _tell(answers, {"pid": pid})
        _, status, used = os.wait4(pid, 0)
        _tell(
            answers,
            {
                "code": os.waitstatus_to_exitcode(status),
                "cpu_s": used.ru_utime + used.ru_stime,
                "peak_kb": used.ru_maxrss,
            },
        )
    return 0


def _keep() -> None:
    """What is there stays: a collector that looked at it would copy its pages into every child."""
    gc.collect()
    gc.freeze()


def _make_ahead(call: Mapping[str, Any]) -> None:
    """Make what children share. What fails here fails again in the child that needs it, and that is told."""
    try:
        with address_space(int(call["address_space"])):
            resolve(call["function"])(**_arguments(call))
    except StageError as error:
        print(f"not made ahead: {error}", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    _keep()


def _tell(answers: int, what: Mapping[str, Any]) -> None:
    os.write(answers, json.dumps(what).encode() + b"\n")


def _child(call: Mapping[str, Any], parent: int) -> NoReturn:
    """Make the call, and end without what a process does at its end: that is the server's."""
    code = 1
    try:
        os.setsid()
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        limit_address_space(int(call["address_space"]))
        _redirect(call["log"])
        code = _made(call)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _redirect(log: str | None) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    if log is not None:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(target, 1)
        os.dup2(target, 2)


def _made(call: Mapping[str, Any]) -> int:
    """Exit code of a call. A `StageError` becomes a bundle; anything else is a crash with a traceback."""
    arguments = _arguments(call)
    try:
        resolve(call["function"])(**arguments, output=Path(call["output"]))
    except StageError as error:
        print(error, file=sys.stderr)
        Bundle(error.as_status(call["stage"])).write(call["output"])
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _arguments(call: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of a call, with its typed configuration if it has one."""
    arguments = dict(call["arguments"])
    if call["config"]:
        name, values = call["config"]
        arguments["config"] = resolve(name)(**values)
    return arguments


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), *sys.argv[2:]))
