"""`mint doctor`: what this machine lacks."""

from __future__ import annotations

import subprocess
import sys

import typer

from mint.cli.workflow import checkout


def doctor() -> None:
    """Say what this machine lacks, and how to get it."""
    script = checkout() / "envs" / "check_machine.sh"
    raise typer.Exit(subprocess.run(["bash", str(script), sys.executable, "--verbose"], check=False).returncode)
