"""Thousands of damaged motion files in one campaign: is each a row of the ledger, and does none stop the others?

`python bench/fuzz.py [files]` mutates good .npz, .bvh, .trc and .c3d files (tests/formats/mutations.py), lists them
beside good ones in a table, plans the campaign, dry-runs the workflow, validates every file and writes the ledger. For
comparison it plans a campaign of as many good files. `results/benchmarks/fuzz.json` has the numbers: `files` mutated,
`rows` of the ledger, `stopped` (a planning or a dry run that failed, files whose validation raised, sequences without a
row, good sequences that were lost), `planning_ratio` (processor time of planning against the good campaign, median of
three pairs), how many mutants were refused for which reason, and how many are still good.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
from trials import ROOT

sys.path.insert(0, str(ROOT))
from tests.body.synthetic import write_models
from tests.formats.mutations import good as good_file
from tests.formats.mutations import mutated

from mint.body import validate
from mint.config.project import load_project
from mint.config.validate import ValidateConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.status import Reason
from mint.dataset import ledger
from mint.formats.kinds import kind_of
from mint.plan.project import make_plan

FILES, GOOD, PAIRS = 3000, 300, 3
MEMORY_BYTES = 4 * 2**30
HEAD = "sequence_id\tsource\tpath\tdataset\tsubject\tmarker_set\theight_m\n"
HEIGHT_M = 1.6  # shapes poses of other bodies
_PLAN = "import sys; sys.path.insert(0, sys.argv[1]); import fuzz; fuzz.plan(sys.argv[2])"


def row(name: str, path: Path, source: str) -> str:
    """A row of the table; every file is somebody's own."""
    marker_set = "opencap_vicon" if kind_of(source) == "markers" else ""
    return f"{name}\t{source}\t{path}\tfuzz\t{name}\t{marker_set}\t{HEIGHT_M}\n"


def campaign(folder: Path, rows: list[str]) -> Path:
    """A project folder with this table, the rules and tables of the checkout."""
    folder.mkdir(parents=True)
    for name in ("workflow", "resources", "profiles", "envs", "config", "Snakefile", "local"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "sequences.tsv").write_text(HEAD + "".join(rows), encoding="utf-8")
    return folder


def plan(folder: str) -> dict[str, Any]:
    """Plan a campaign as Snakemake does when it reads the Snakefile."""
    os.chdir(folder)
    # More packing would measure the packing.
    project = load_project({"sequences": "sequences.tsv", "batch": {"target_minutes": 0}})
    return make_plan(project, Path(folder)).plan


def planning_s(folder: Path) -> float:
    """Processor seconds of planning a campaign in a process of its own. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", _PLAN, str(ROOT / "bench"), str(folder)],
        check=True,
        timeout=600,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def limited() -> None:
    """Memory of a validating process, as of a chunk."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def validated(task: tuple[str, str, str, str]) -> str:
    """Validate one file; what was raised, or nothing."""
    path, source, output, models = task
    try:
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        validate.run(path, source, output, ValidateConfig(), model_dir=models, height_m=HEIGHT_M)
        Bundle.read(output)
    except BaseException:
        return f"{path}: {traceback.format_exc()}"
    return ""


def tasks(made: dict[str, Any], results: Path, models: Path) -> Iterator[tuple[str, str, str, str]]:
    """Everything that the plan lets run."""
    for name, record in made["sequences"].items():
        if record["problem"] is None:
            yield record["path"], record["source"], str(results / "sequences" / name / "validated.npz"), str(models)


def lost(rows: pd.DataFrame, names: set[str]) -> list[str]:
    """Good sequences that the ledger refuses: they can only wait for their chunks."""
    mine = rows[rows["sequence_id"].isin(names)]
    return sorted(set(mine["sequence_id"][mine["status"] != "pending"]) | names - set(mine["sequence_id"]))


def run(count: int, folder: Path) -> dict[str, Any]:
    """The numbers of the benchmark."""
    good = [row(f"good_{seed}", *good_file(seed, folder)) for seed in range(GOOD + count)]
    bad = [row(f"bad_{seed}", *mutated(seed, folder)) for seed in range(count)]
    fuzzed, plain = campaign(folder / "fuzzed", good[:GOOD] + bad), campaign(folder / "plain", good)
    pairs = [(planning_s(fuzzed), planning_s(plain)) for _ in range(PAIRS)]
    command = [sys.executable, "-m", "snakemake", "--profile", "local", "--dry-run", "--quiet", "all"]
    dry = subprocess.run(
        [*command, "--config", "sequences=sequences.tsv"], cwd=fuzzed, capture_output=True, text=True, check=False
    )
    made, results = plan(str(fuzzed)), fuzzed / "results"
    models = write_models(folder / "models")
    with ProcessPoolExecutor(2, initializer=limited) as pool:
        raised = [text for text in pool.map(validated, tasks(made, results, models), chunksize=20) if text]
    ledger.run(made, results)
    rows = pd.read_parquet(results / "ledger.parquet")
    without = set(made["sequences"]) - set(rows["sequence_id"])
    gone = lost(rows, {f"good_{seed}" for seed in range(GOOD)})
    mute = rows[(rows["reason"] != Reason.NONE.value) & ((rows["remedy"] == "") | (rows["detail"] == ""))]
    mutants = rows[rows["sequence_id"].str.startswith("bad_")].drop_duplicates("sequence_id")
    for text in (*raised, dry.stderr if dry.returncode else "", *sorted(without), *gone):
        print(text, file=sys.stderr, end="\n" if text else "")
    return {
        "files": count,
        "rows": int(rows["sequence_id"].nunique()),
        "stopped": len(raised) + bool(dry.returncode) + len(without) + len(gone) + len(mute),
        "planning_ratio": round(median(a / b for a, b in pairs), 3),
        "planning_s": [[round(a, 2), round(b, 2)] for a, b in pairs],
        "good_files_beside": GOOD,
        "outcomes": dict(
            Counter(
                "still good" if status == "pending" else reason
                for status, reason in zip(mutants["status"], mutants["reason"], strict=True)
            ).most_common()
        ),
    }


def main(arguments: list[str]) -> int:
    """Run, write the numbers, exit with 1 if anything stopped."""
    folder = Path(tempfile.mkdtemp(prefix="mint-fuzz-"))
    try:
        numbers = run(int(arguments[0]) if arguments else FILES, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_text(ROOT / "results" / "benchmarks" / "fuzz.json", json.dumps(numbers, indent=1) + "\n")
    print(json.dumps(numbers, indent=1))
    return int(numbers["stopped"] > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
