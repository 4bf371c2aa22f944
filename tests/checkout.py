"""The checkout that tests run in, and how it looks: no test changes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What the workflow is made of; the rest of a checkout is not read by a run.
OF_THE_WORKFLOW = ("Snakefile", "workflow", "resources", "envs", "profiles", "config", "local", "slurm")
# What a run in the checkout would write.
OF_A_RUN = ("results", ".snakemake")


def linked(folder: Path) -> Path:
    """A checkout of links, in which a run leaves its results and what Snakemake remembers."""
    folder.mkdir(parents=True)
    for name in OF_THE_WORKFLOW:
        (folder / name).symlink_to(ROOT / name)
    return folder


def looks(root: Path = ROOT) -> dict[str, str]:
    """State of all files that git knows and of all that a run would write: size and time of change, by path."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    known = [root / name for name in done.stdout.split("\0") if name]
    written = [path for name in OF_A_RUN if (root / name).exists() for path in [root / name, *(root / name).rglob("*")]]
    return {str(path.relative_to(root)): _state(path) for path in [*known, *written]}


def _state(path: Path) -> str:
    try:
        stat = path.lstat()
    except OSError:
        return "gone"
    return f"{stat.st_size} bytes of {stat.st_mtime_ns}"
