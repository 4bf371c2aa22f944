"""The trunk stage and inverse kinematics against OpenSim's tools, on the same frames, model and settings.

`python bench/trunk.py` runs the workflow to the trunk on an embedded walk with both models, times the whole stage on
its chunk and StaticOptimization on frames of it, and compares objective and activations of those frames: without
pennation, which the tool leaves out, and without ground forces and leg muscles, for which it would need more than free
actuators. Inverse kinematics is timed against OpenSim's tool as it is, and its markers are compared with those of the
tool at an accuracy at which it converges.
`results/benchmarks/trunk.json` has the numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from runs import body_settings, embedded_row, run_workflow
from trials import ROOT, SHARED

from mint.core.atomic import write_text

MODELS = ("pose2sim", "full402")
SUBJECT, CLIP, CHUNK = "demo_f", "walk", "000"
RESULTS = Path("results/bench/trunk")


def compared(model: str) -> dict[str, Any]:
    """Numbers of one model; the comparison has one core, as a job has."""
    results = RESULTS / model
    run_workflow(results, [embedded_row(results / "inputs", SUBJECT, CLIP)], "--until", "trunk",
                 config={"model": model, "inputs": {"mirror": str(SHARED / "models")},
                         "body": body_settings(results / "inputs/body")})
    folders = (ROOT / results / "sequences" / f"{SUBJECT}_{CLIP}" / "chunks" / CHUNK,
               ROOT / results / "subjects" / f"MintDemo-{SUBJECT}", ROOT / results / "reference")
    return alone("trunk_frames.py", *folders) | alone("trunk_ik.py", *folders)


def alone(script: str, chunk: Path, subject: Path, work: Path) -> dict[str, Any]:
    """Numbers that a script with OpenSim prints. The tools write where they run, and print to standard output."""
    work.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name(script)), str(chunk), str(subject), str(work)]
    one_core = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=work, env=one_core, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """Both models."""
    out = {model: compared(model) for model in MODELS}
    write_text(ROOT / "results/benchmarks/trunk.json", json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
