"""Stops with one line if what pip installed is none of the files that a lock names.

`python envs/known_file.py REPORT LOCK`, with the report of `pip install --report`. For torch: pip's own comparison of hashes
(--require-hashes) passes over the CPU builds of a folder of wheels, whose links have no hashes, and takes those of PyPI with
several GB of CUDA.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path


def unknown(report: str, lock: str) -> list[str]:
    """Installed files, as name, version and digest, whose SHA-256 is not in the lock."""
    known = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", Path(lock).read_text(encoding="utf-8")))
    out = []
    for each in json.loads(Path(report).read_text(encoding="utf-8"))["install"]:
        digest = each["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256", "none")
        if digest not in known:
            out.append(f"{each['metadata']['name']} {each['metadata']['version']} with SHA-256 {digest}")
    return out


if __name__ == "__main__":
    if found := unknown(*sys.argv[1:3]):
        sys.exit(
            f"mint: {sys.argv[2]} does not name {'; '.join(found)}. If you chose its source, say so: make TORCH_INDEX=<address>"
        )
