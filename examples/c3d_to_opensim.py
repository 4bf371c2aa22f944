"""From a motion file to a folder that OpenSim opens: a scaled model, its motion and the ground forces.

    python examples/c3d_to_opensim.py walk.c3d --static static.c3d --mass 70

The file is solved by `mint solve` and exported by `mint export`. Called again, it goes on from what is there.
"""

import argparse
import json
import shlex
import shutil
import subprocess
from pathlib import Path


def run(command: list[str]) -> list[str]:
    """Run a command and show what it prints as it comes; its lines. Ends the script if the command fails."""
    print("$", shlex.join(command), flush=True)
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    if process.returncode:
        raise SystemExit(process.returncode)
    return lines


def after(start: str, lines: list[str]) -> str:
    """What follows `start` in the last line that begins with it."""
    return [line.strip().removeprefix(start).strip() for line in lines if line.strip().startswith(start)][-1]


def main() -> None:
    """Solve the file, export it, and say what to open in OpenSim."""
    parser = argparse.ArgumentParser(description="From a C3D file to a folder that OpenSim opens.")
    parser.add_argument("file", type=Path, help="markers of a trial (.c3d, .trc)")
    parser.add_argument("--static", type=Path, help="static trial of the same person")
    parser.add_argument("--mass", type=float, help="body mass in kg; needed unless the file states it")
    parser.add_argument("--out", type=Path, help="folder to make; by default mint_<name of the file>")
    asked = parser.parse_args()
    if shutil.which("mint") is None:
        raise SystemExit("`mint` is not found: call `source .venv/bin/activate` first.")

    solve = ["mint", "solve", str(asked.file)]
    for option in ("static", "mass", "out"):
        value = getattr(asked, option)
        solve += [f"--{option}", str(value)] if value is not None else []
    # The last lines of `mint solve` hold the command that exports what it has solved, with all its settings.
    export = shlex.split(after("OpenSim", run(solve)))
    projects = Path(after("projects:", run(export)))

    # The record of the export lists the trials: first the whole sequence, or its stretches where it has gaps, then
    # its single chunks, each as it was solved.
    sequence = export[2]
    record = json.loads((projects / "exported" / f"{sequence}.json").read_text(encoding="utf-8"))
    folder, trial = projects / record["subject"] / "OpenSimData", record["trials"][0]["trial"]
    [model] = (folder / "Model").glob("*_legs_scaled.osim")
    print("\nIn OpenSim:")
    print(f"  File, Open Model:       {model}")
    print(f"  File, Load Motion:      {folder / 'Kinematics' / f'{trial}.mot'}")
    print(f"  Associate Motion Data:  {folder / 'Dynamics' / trial / f'GRF_resultant_{trial}.mot'}")


if __name__ == "__main__":
    main()
