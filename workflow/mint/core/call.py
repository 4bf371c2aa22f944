"""Run one stage function in a child process: `python -m mint.core.call call.json`.

The call names a function, its keyword arguments, its typed configuration and the bundle it is to write, so
that every stage is isolated the same way and none needs a command line of its own.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.core.bundle import Bundle
from mint.core.child import run_chunk
from mint.core.status import StageError


def resolve(name: str) -> Any:
    """`package.module:attribute` as an object."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def isolated(stage: str, function: str, arguments: Mapping[str, Any], output: str | Path, *,
             config: tuple[str, Mapping[str, Any]] | None = None, deadline_s: float, memory_mb: float,
             log: str | Path | None = None) -> Bundle:
    """Call `function(**arguments, output=output, config=...)` in a child; a bundle is always left at `output`.

    `config` is the name of a configuration class and its values. Arguments must be JSON-able.
    """
    output = Path(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    call = {"stage": stage, "function": function, "arguments": dict(arguments), "output": str(output),
            "config": list(config) if config else None}
    with tempfile.TemporaryDirectory(prefix="mint-") as folder:
        path = Path(folder) / "call.json"
        path.write_text(json.dumps(call, default=str), encoding="utf-8")
        return run_chunk(stage, "mint.core.call", [str(path)], output, deadline_s=deadline_s,
                         memory_mb=memory_mb, log=log)


def main(path: str) -> int:
    """Entry point of the child. A `StageError` becomes a bundle; anything else is a crash with a traceback."""
    call = json.loads(Path(path).read_text(encoding="utf-8"))
    arguments = dict(call["arguments"])
    if call["config"]:
        name, values = call["config"]
        arguments["config"] = resolve(name)(**values)
    try:
        resolve(call["function"])(**arguments, output=Path(call["output"]))
    except StageError as error:
        print(error, file=sys.stderr)
        Bundle(error.as_status(call["stage"])).write(call["output"])
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
