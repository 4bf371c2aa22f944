"""Writes a lock file with hashes: `python envs/hashes.py pylock.*.toml > envs/lock.txt` (Python 3.11 or later).

The pins of the lock stay; the hashes are those that PyPI states for each file of each pinned version that fits Linux on
x86_64 with one of the Pythons, wheels and source archives. What is read here is made for each of them by uv
(`pip install uv`), without downloading a package:

    for v in 311 312 313; do
      grep '==' envs/lock.txt | cut -d' ' -f1 | uv pip compile --no-deps --generate-hashes --format pylock.toml \\
        --python-version 3.${v:1} --python-platform x86_64-manylinux_2_28 --output-file pylock.p$v.toml -
    done
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from pathlib import Path


def pins(paths: list[str]) -> dict[tuple[str, str], set[str]]:
    """SHA-256 of all files by package and version."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in paths:
        for package in tomllib.loads(Path(path).read_text(encoding="utf-8"))["packages"]:
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            found[package["name"], package["version"]] |= {file["hashes"]["sha256"] for file in files}
    return found


def main() -> None:
    for (name, version), hashes in sorted(pins(sys.argv[1:]).items()):
        print(f"{name}=={version}", *(f"--hash=sha256:{digest}" for digest in sorted(hashes)), sep=" \\\n    ")


if __name__ == "__main__":
    main()
