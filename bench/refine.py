"""Refinement towards measured EMG, on people with electrodes and on a synthetic set with a known truth.

`python bench/refine.py [COLLECTION|COLLECTION/PERSON ...]` (default schreiber2019) runs the workflow of the people of
`bench/someone.py` (data folder: MINT_SHARED) to the target `refine` in `results/bench/refine`, with `PRESET=fast|test|
paper`. `results/benchmarks/refine.json` has for every method and channel the error, the correlation and the improvement
over the simulation and over the mean EMG of other people, with its confidence interval, over all people and over each
half of them (settings were chosen with the people of *choose* only), and how long each rule took.

The synthetic set (`mint.learning.refine.synthetic`) is made of the activations of the embedded demo, which runs first
if it has not: recovered delay and mixing of the refined output against the truth, error against what is possible, and
the shortcut test.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from runs import run_workflow
from someone import people
from trials import ROOT

from mint.config.refine import RefineConfig
from mint.core.atomic import write_text
from mint.core.chunks import FRAME_RATE_HZ
from mint.learning.refine.cycles import Cycles
from mint.learning.refine.distortion import distortion
from mint.learning.refine.evaluate import better, improvement_rows
from mint.learning.refine.folds import shortcut
from mint.learning.refine.registry import METHODS, method
from mint.learning.refine.synthetic import distorted
from mint.reader import MintReader

RESULTS = Path("results/bench/refine")
OUT = ROOT / "results/benchmarks/refine.json"
PRESET = os.environ.get("PRESET", "") or "fast"
# Channels of the synthetic set, neighbours beside each other; people, seconds of a cycle and from one to the next.
CHANNELS = (
    "LU_tibant_r",
    "LU_soleus_r",
    "LU_gasmed_r",
    "LU_gaslat_r",
    "LU_semiten_r",
    "LU_vaslat_r",
    "LU_vasmed_r",
    "LU_recfem_r",
)
PEOPLE, CYCLE_S, STRIDE_S = 10, 1.0, 0.1
SYNTHETIC = ("simulation", "gain_delay", "mean_emg", "paced_emg", "ridge", "convolution")


def main() -> None:
    """Run, collect, write and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=["schreiber2019"])
    given = parser.parse_args()
    persons = people(given.names)
    run_workflow(
        RESULTS, [row for each in persons for row in each.rows()], "refine", config={"refine": {"preset": PRESET}}
    )
    half = {f"{each.collection}-{each.name}": each.half for each in persons}
    table = {"preset": PRESET, **measured(ROOT / RESULTS / "refine", half), "synthetic": synthetic()}
    write_text(OUT, json.dumps(table, indent=1))
    show(table)


def measured(folder: Path, half: dict[str, str]) -> dict[str, Any]:
    """Errors of all methods on people who were left out, all and by half."""
    told = json.loads((folder / "refine.json").read_text(encoding="utf-8"))
    if told["why"]:
        sys.exit(told["why"])
    scores = pd.read_parquet(folder / "scores.parquet").to_dict("records")
    out: dict[str, Any] = {"cycles": told["counts"], "people": len(told["people"])}
    for name in ("all", "choose", "judge"):
        own = [row for row in scores if name == "all" or half[row["person"]] == name]
        rows = improvement_rows(own)
        which = {over: better(rows, told["method"], over) for over in ("simulation", "mean_emg")}
        found = {
            "methods": _by_method(rows),
            "better_than": which,
            **{f"channels_better_than_{over}": len(names) for over, names in which.items()},
        }
        out |= found if name == "all" else {name: found}
    out["shortcut"] = {
        f"{row['method']}/{row['channel']}": {"change": row["change"], "p": row["p"]}
        for row in pd.read_parquet(folder / "shortcut.parquet").to_dict("records")
    }
    out["seconds"] = {
        path.relative_to(folder.parent / "benchmarks").as_posix(): float(
            pd.read_csv(path, sep="\t")["cpu_time"].iloc[0]
        )
        for path in sorted((folder.parent / "benchmarks").glob("refine*/*.tsv"))
    }
    return out


def _by_method(rows: list[dict[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for row in rows:
        entry = out.setdefault(row["method"], {}).setdefault(
            row["channel"], {key: row[key] for key in ("rmse", "r", "peak_ms")}
        )
        numbers = {key: row[key] for key in ("improvement", "ci_low", "ci_high")}
        entry |= numbers if row["over"] == "simulation" else {f"over_{row['over']}": numbers}
    return out


def synthetic() -> dict[str, Any]:
    """Recovered delays and mixing, errors over what is possible, and shortcuts, each person left out in turn."""
    if not (ROOT / "results/dataset/sequences.parquet").is_file():
        subprocess.run([str(Path(sys.executable).with_name("mint")), "demo"], cwd=ROOT, check=True)
    config = RefineConfig(preset="fast")
    muscles, activations, owners = _windows(MintReader(ROOT / "results/dataset"), config.samples)
    cycles, truth = distorted(activations, muscles, [muscles.index(name) for name in CHANNELS], owners, seed=1)
    out: dict[str, Any] = {"cycles": len(cycles), "people": PEOPLE}
    best = _rmse(cycles, truth.clean)
    for name in SYNTHETIC:
        refined = np.empty_like(cycles.own)
        changes = []
        for person in cycles.people:
            held = cycles.of([person])
            learned = method(name, config)
            learned.fit(cycles.without(person), 0)
            refined[[i for i, each in enumerate(cycles.persons) if each == person]] = learned.refined(held)
            changes.append(shortcut(learned, held, config).mean())
        found = distortion(cycles.own, refined, cycles.duration_s)
        out[name] = {
            "rmse_over_best": round(float(np.mean(_rmse(cycles, refined) / best)), 3),
            "worst_channel": round(float(np.max(_rmse(cycles, refined) / best)), 3),
            "delay_error_ms": (1000 * (found.delay_s - truth.delay_s)).round(1).tolist(),
            "mixing_error": round(float(np.abs(found.mixing - truth.mixing).max()), 3),
            "shortcut_change": round(float(np.mean(changes)), 3),
        }
    out["truth"] = {"delay_ms": (1000 * truth.delay_s).round(1).tolist(), "mixing": truth.mixing.round(3).tolist()}
    return out


def _windows(data: MintReader, samples: int) -> tuple[list[str], np.ndarray, list[int]]:
    """Activations (N, S, 80) of the legs in windows of a second, sides as they are, and to whom they are given: all
    windows of a sequence to one person, for they overlap."""
    frames = round(CYCLE_S * FRAME_RATE_HZ) + 1
    windows = list(data.windows(frames / FRAME_RATE_HZ, FRAME_RATE_HZ, stride_s=STRIDE_S))
    sequences = sorted({window.sequence_id for window in windows})
    owners = [sequences.index(window.sequence_id) % PEOPLE for window in windows]
    names = [name for name in windows[0].columns["muscle_activations"] if name.startswith("LU_")]
    at = np.linspace(0, frames - 1, samples)
    low = np.minimum(at.astype(int), frames - 2)
    part = (at - low)[:, None]
    values = [np.asarray(window.arrays["muscle_activations"][:, :80], dtype=float) for window in windows]
    return names, np.stack([(1 - part) * each[low] + part * each[low + 1] for each in values]), owners


def _rmse(cycles: Cycles, values: np.ndarray) -> np.ndarray:
    return np.sqrt(((values - cycles.measured) ** 2).mean(axis=(0, 1)))


def show(table: dict[str, Any]) -> None:
    """Print the tables."""
    channels = list(table["methods"]["simulation"])
    for key in ("rmse", "r"):
        print(
            pd.DataFrame(
                {name: {channel: table["methods"][name][channel][key] for channel in channels} for name in METHODS}
            )
            .round(3)
            .to_string(),
            "\n",
        )
    for name in ("all", "choose", "judge"):
        found = table if name == "all" else table[name]
        print(
            f"{name}: ours better than the simulation in {found['channels_better_than_simulation']}, than the "
            f"mean EMG in {found['channels_better_than_mean_emg']} of {len(channels)} channels"
        )
    print(
        pd.DataFrame(
            {
                name: {key: value for key, value in found.items() if not isinstance(value, list)}
                for name, found in table["synthetic"].items()
                if isinstance(found, dict) and "mixing_error" in found
            }
        ).to_string()
    )
    print(table["synthetic"]["convolution"]["delay_error_ms"])


if __name__ == "__main__":
    main()
