"""Motion to muscles: a dataset made by the workflow itself, all networks trained on it, and what an answer costs.

`python bench/learning.py [--data|--no-data]` puts recorded clips on bodies of many shapes
(`bench/learning_motions.py`), runs the workflow on them in `results/bench/learning`, a few bodies at a time, trains
and judges every network and floor there (people apart), and writes `results/benchmarks/learning.json`: per entry `rmse,
pcc, pcc_paper, smape, parameters, iterations, seeds`, beside it `predict_ms`, a window on one core, and
`speed_over_simulation`, the processor time of a chunk of 1.4 s, inverse kinematics to trunk, over it. What is there is
used again; a run that was killed goes on. `--data` stops after the dataset, `--no-data` takes it as it is.

`BODIES=n` says how many bodies, `PRESET` how long networks are trained, `SEEDS` how often, `SOLVER=pardiso` another
linear solver, `MODEL=full402` the model with all strands.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from learning_motions import write_motions
from runs import body_settings, chunk_cost, clean_up, embedded_row, run_workflow
from trials import ROOT, SHARED

from mint.batch.check import CHUNK_STAGES
from mint.core.atomic import write_text
from mint.learning.benchmark.budget import BUDGETS
from mint.learning.benchmark.model import read_model, window_ms
from mint.learning.benchmark.names import NETWORK_TITLES, OURS

RESULTS = Path("results/bench/learning")
OUT = ROOT / "results/benchmarks/learning.json"
BODIES = int(os.environ.get("BODIES", "") or 12)
PRESET = os.environ.get("PRESET", "") or "campaign"
SEEDS = int(os.environ.get("SEEDS", "") or 3)
SOLVER = os.environ.get("SOLVER", "") or "mumps"
MODEL = os.environ.get("MODEL", "") or "pose2sim"
AT_A_TIME = 2


def main() -> None:
    """Make data, train, judge, write and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", action="store_true")
    parser.add_argument("--no-data", action="store_true")
    given = parser.parse_args()
    rows = motions()
    if not given.no_data:
        campaign(rows)
    if given.data:
        return
    run_workflow(
        RESULTS,
        rows,
        "benchmark",
        config={**settings(), "benchmark": {"preset": PRESET, "split": "people", "seeds": SEEDS}},
    )
    table = summary()
    write_text(OUT, json.dumps(table, indent=1))
    print(json.dumps(table, indent=1))


def settings() -> dict[str, Any]:
    """Settings of the campaign that differ from config.yaml."""
    return {
        "trajectory": {"linear_solver": SOLVER},
        "body": body_settings(RESULTS / "inputs" / "body"),
        "model": MODEL,
        "inputs": {"mirror": str(SHARED / "models")},
        "babel": {"folder": str(ROOT / RESULTS / "motions/babel")},
    }


def motions() -> list[dict[str, Any]]:
    """Motion files of all bodies; rows of the sequence table."""
    inputs = RESULTS / "inputs"
    clips = inputs / "wheels" / "pybullet"
    run_workflow(RESULTS, [embedded_row(inputs, "demo_f", "walk")], str(clips), str(inputs / "body/markers.csv"))
    folder = next((ROOT / clips).rglob("humanoid3d_walk.txt")).parent
    return write_motions(ROOT / RESULTS / "motions", folder, ROOT / inputs / "body", BODIES)


def campaign(rows: list[dict[str, Any]]) -> None:
    """The dataset of all bodies."""
    # A run that was killed has left its lock; one that goes on is left alone.
    clean_up(RESULTS)
    people = list(dict.fromkeys(str(row["subject"]) for row in rows))
    for last in (*range(AT_A_TIME, len(people), AT_A_TIME), len(people)):
        chosen = [row for row in rows if row["subject"] in people[:last]]
        run_workflow(RESULTS, chosen, "dataset", config=settings())


def summary() -> dict[str, Any]:
    """Numbers of every entry, of the data, and of the costs."""
    folder = ROOT / RESULTS / "learning"
    told = json.loads((folder / "benchmark.json").read_text(encoding="utf-8"))
    results = pd.read_parquet(folder / "results.parquet")
    trainings = pd.read_parquet(folder / "trainings.parquet")
    whole = results[(results["muscles"] == "all") & (results["action"] == "")].set_index("entry")
    entries = {}
    for name, row in whole.iterrows():
        own = trainings[trainings["entry"] == name]
        entries[name] = {
            **{key: _plain(row[key]) for key in ("rmse", "pcc", "pcc_paper", "smape", "rmse_sd", "pcc_sd")},
            "parameters": int(own["parameters"].max()),
            "iterations": int(own["iterations"].max()),
            "seeds": int(row["seeds"]),
            "best_iterations": [int(each) for each in own["best_iteration"]],
        }
    predict_ms = {
        name: round(window_ms(read_model(folder / "models" / name)), 2)
        for name in NETWORK_TITLES
        if (folder / "models" / name).is_dir()
    }
    costs = chunk_costs()
    return {
        "entries": entries,
        "verdict": told["verdict"],
        "preset": PRESET,
        "budget": vars(BUDGETS[PRESET]),
        "windows": told["windows"],
        "people": told["people"],
        "muscles": told["muscles"],
        "chunks_accepted": len(costs),
        "chunk_core_s_median": round(float(np.median(costs)), 2),
        "predict_ms": predict_ms,
        "speed_over_simulation": round(1e3 * float(np.median(costs)) / predict_ms[OURS])
        if OURS in predict_ms
        else None,
    }


def chunk_costs() -> list[float]:
    """Processor time [s] of every accepted chunk, inverse kinematics to trunk."""
    table = pd.read_parquet(ROOT / RESULTS / "ledger.parquet")
    accepted = table[table["status"] == "accepted"]
    return [
        chunk_cost(RESULTS, str(row["sequence_id"]), f"{int(row['chunk']):03d}", CHUNK_STAGES)[0]
        for _, row in accepted.iterrows()
    ]


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)


if __name__ == "__main__":
    main()
