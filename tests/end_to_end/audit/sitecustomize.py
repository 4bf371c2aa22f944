"""Python reads this at its start where the folder is on PYTHONPATH: the script of a rule gives its job a name.

Children inherit the name, and opens.c, preloaded into all of them, notes what they open under it. At its end the script
leaves what its rule declares, as Snakemake handed it over.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import sys
import uuid
from pathlib import Path


def declared() -> None:
    """Write `<job>.json`: rule, process, whether it is of a batch, and the files that the job of this script declares."""
    job = getattr(sys.modules["__main__"], "snakemake", None)
    if job is None:
        return
    files = {kind: [str(Path.cwd() / str(name)) for name in getattr(job, kind)] for kind in ("input", "output", "log")}
    # Files of the checkout are parameters, {path: SHA-256}, or such are settings of the stages of a rule.
    stages = {Path(path).stem: json.loads(Path(path).read_text()) for path in getattr(job.input, "settings", ())}
    tables = {
        stage: [name for given in own.values() if isinstance(given, dict) for name in given]
        for stage, own in stages.items()
    }
    files["checkout"] = [name for given in job.params if isinstance(given, dict) for name in given]
    files["checkout"] += [name for names in tables.values() for name in names]
    facts = {
        "rule": job.rule,
        "process": os.getpid(),
        "batch": hasattr(job.params, "members"),
        "tables": tables,
        **files,
    }
    place = Path(os.environ["MINT_AUDIT_LOG"]) / f"{os.environ['MINT_AUDIT_JOB']}.json"
    place.write_text(json.dumps(facts), encoding="utf-8")


_SCRIPT = re.search(r"\.snakemake/scripts/tmp[^/]*?\.(\w+)\.py$", sys.orig_argv[1] if len(sys.orig_argv) > 1 else "")
if _SCRIPT and "MINT_AUDIT_LOG" in os.environ:
    os.environ["MINT_AUDIT_JOB"] = f"{_SCRIPT[1]}.{uuid.uuid4().hex}"
    atexit.register(declared)
