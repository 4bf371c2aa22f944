"""Compare a marker set with the markers of a file: which of its markers are there, and do they move with its bodies.

    python examples/check_marker_set.py examples/marker_set walk.c3d --static static.c3d

`mint markers` finds, from names and motion alone, the body that carries each marker of the file. Where the set says
another body, one of the two is wrong; most often it is a slip in the set.
"""

import argparse
import csv
import shutil
import subprocess
from pathlib import Path

# With fewer markers in the rest pose nobody is scaled.
NEEDED = 12


def bodies_of_set(table: Path) -> dict[str, str]:
    """Body of each marker of a set; points that are derived from markers are left out."""
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row["marker"]: row["body"] for row in csv.DictReader(lines) if row["kind"] == "marker"}


def bodies_found(command: list[str]) -> tuple[dict[str, str], list[str]]:
    """Body of each marker that `mint markers` places, and the markers that it does not use."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stdout}`mint markers` places no markers of this file.")
    # The first line is the heading; names may hold single blanks, and two or more separate the columns.
    rows = [line.split("  ") for line in done.stdout.splitlines()[1:]]
    placed = [[cell.strip() for cell in row if cell.strip()] for row in rows if len(row) > 1]
    unused = [line.removeprefix("not used: ") for line in done.stdout.splitlines() if line.startswith("not used: ")]
    return {row[0]: row[2] for row in placed}, [name for line in unused for name in line.split(", ")]


def main() -> None:
    """Print a line per marker of the set, and end with an error if the set does not fit the file."""
    parser = argparse.ArgumentParser(description="Compare a marker set with the markers of a file.")
    parser.add_argument("marker_set", type=Path, help="folder with markers_<model>.csv")
    parser.add_argument("file", type=Path, help="markers of a trial (.c3d, .trc)")
    parser.add_argument("--static", type=Path, help="static trial of the same person")
    parser.add_argument("--model", default="pose2sim", help="pose2sim or full402")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of results, for the model")
    asked = parser.parse_args()
    if shutil.which("mint") is None:
        raise SystemExit("`mint` is not found: call `source .venv/bin/activate` first.")

    command = ["mint", "markers", str(asked.file), "--config", f"model={asked.model}", "--results", str(asked.results)]
    command += ["--static", str(asked.static)] if asked.static else []
    of_set = bodies_of_set(asked.marker_set / f"markers_{asked.model}.csv")
    found, unused = bodies_found(command)

    print(f"{'marker':<12}{'body of the set':<18}body found")
    for marker, body in of_set.items():
        there = found.get(marker, "not placed" if marker in unused else "not in the file")
        print(f"{marker:<12}{body:<18}{there}{'' if there == body else '  <-'}")
    if others := sorted((found.keys() | set(unused)) - of_set.keys()):
        print(f"in the file only, so not followed with this set: {', '.join(others)}")
    present = [marker for marker in of_set if marker in found or marker in unused]
    differ = [marker for marker in present if found.get(marker, of_set[marker]) != of_set[marker]]
    print(f"{len(present)} of {len(of_set)} markers are in the file, {len(differ)} of them on another body")
    if differ or len(present) < NEEDED:
        raise SystemExit(f"This set does not fit: look at {', '.join(differ) or f'the names, {NEEDED} must be there'}.")


if __name__ == "__main__":
    main()
