"""Chunks against one long window: what the cut into chunks costs in accuracy, and what length costs in time.

`python bench/windows.py [solver]` takes neighbouring chunks of the unperturbed suite (`bench/trajectory.py` made their
kinematics), solves each alone and all of them as one window without a seam, one after the other, and writes
`results/benchmarks/windows.json` and a plot of the differences over the distance from a chunk's edge. Buffers do their
work if differences have decayed at the first kept node.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from runs import save_figure
from trials import ROOT, STANDARD_GRAVITY

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.chunks import BUFFER_FRAMES, FRAME_RATE_HZ
from mint.trajectory.stage import run
from trajectory import BASE, RESULTS

mpl.use("Agg")
from matplotlib import pyplot as plt

Array = np.ndarray[Any, Any]
JOINED = {
    "demo_f_walk": ("000", "001"),
    "moco_walk": ("000", "001"),
    "squats1": ("003", "004", "005"),
    "demo_m_run": ("000", "001"),
    "demo_f_dance_a": ("000", "001"),
}
BASE_RESULTS, OUT = ROOT / RESULTS / BASE.name, ROOT / "results/bench/windows"


def joined(bundles: list[Bundle]) -> Bundle:
    """Kinematics of overlapping windows as those of one: filters saw the whole sequence, so overlaps agree."""
    frames = np.concatenate([bundle["frames"] for bundle in bundles])
    unique, first = np.unique(frames, return_index=True)
    nodes = len(bundles[0]["frames"])
    arrays = {
        name: np.concatenate([bundle[name] for bundle in bundles])[first] if len(values) == nodes else values
        for name, values in bundles[0].arrays.items()
    }
    return Bundle(bundles[0].status, arrays | {"frames": unique}, bundles[0].meta)


def subject_of(sequence: str) -> Path:
    """The folder of a sequence's subject in the unperturbed suite."""
    rows = pd.read_csv(BASE_RESULTS / "sequences.tsv", sep="\t").set_index("sequence_id")
    return BASE_RESULTS / "subjects/{dataset}-{subject}".format(**rows.loc[sequence])


def solve(sequence: str, kinematics: Path, support: Path, solver: str) -> tuple[Bundle, float]:
    """The solution of a window, and its core-seconds (one process, one thread)."""
    subject = subject_of(sequence)
    started = time.process_time()
    bundle = run(
        subject / "leg_model.json",
        subject / "muscle_paths.npz",
        kinematics,
        support,
        BASE_RESULTS / "cache/compiled",
        OUT / f"{sequence}_{kinematics.parent.name}.npz",
        TrajectoryConfig(linear_solver=solver),
    )
    return bundle, time.process_time() - started


def differences(chunk: Bundle, whole: Bundle, weight_N: float) -> tuple[Array, Array]:
    """Per node of a chunk, against the whole: activations (root mean square of 80), vertical force (body weights)."""
    at = np.searchsorted(whole["frames"], chunk["frames"])
    activation = np.sqrt(np.mean((chunk["activation"] - whole["activation"][at]) ** 2, axis=1))
    vertical = [bundle["grf_force_N"][:, :, 1].sum(axis=1) for bundle in (chunk, whole)]
    return activation, np.abs(vertical[0] - vertical[1][at]) / weight_N


def compare(sequence: str, chunks: tuple[str, ...], solver: str) -> tuple[dict[str, Any], Array]:
    """Numbers of one sequence, and differences (2, 42) by distance from the edges that the whole does not have."""
    folders = [BASE_RESULTS / f"sequences/{sequence}/chunks/{chunk}" for chunk in chunks]
    kinematics = [Bundle.read(folder / "ik.npz") for folder in folders]
    path = OUT / "inputs" / sequence / "whole" / "ik.npz"
    joined(kinematics).write(path)
    support = folders[0] / "support.npz"
    alone = [solve(sequence, folder / "ik.npz", folder / "support.npz", solver) for folder in folders]
    whole, whole_s = solve(sequence, path, support, solver)
    found = {
        "chunks": len(chunks),
        "solved": [bundle.ok for bundle, _ in alone],
        "whole_solved": whole.ok,
        "core_s_per_s": [round(s / _length(bundle), 1) for bundle, s in alone],
        "whole_core_s_per_s": round(whole_s / _length(whole), 1) if whole.ok else None,
    }
    edges = []
    if whole.ok and all(found["solved"]):
        weight = STANDARD_GRAVITY * float(kinematics[0].meta["mass_kg"])
        for i, (bundle, _) in enumerate(alone):
            of_nodes = np.stack(differences(bundle, whole, weight))
            half = of_nodes.shape[1] // 2
            edges += ([of_nodes[:, :half]] if i else []) + (
                [of_nodes[:, : -half - 1 : -1]] if i < len(alone) - 1 else []
            )
    by_distance = np.sqrt(np.mean(np.square(edges), axis=0)) if edges else np.full((2, 42), np.nan)
    for name, values in zip(("activation_rms", "vertical_rms_bw"), by_distance, strict=True):
        found |= {
            f"{name}_edge": float(values[0]),
            f"{name}_first_kept": float(values[BUFFER_FRAMES]),
            f"{name}_kept": float(np.sqrt(np.mean(values[BUFFER_FRAMES:] ** 2))),
        }
    return found, by_distance


def _length(bundle: Bundle) -> float:
    """Seconds of a window."""
    return (len(bundle["frames"]) - 1) / FRAME_RATE_HZ if bundle.ok else float("nan")


def plot(curves: dict[str, Array], path: Path) -> None:
    """Differences over the distance from a chunk's edge; the buffer is shaded."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.5))
    for axis, row, label in zip(axes, (0, 1), ("activation, rms of 80", "vertical force [body weight]"), strict=True):
        for sequence, values in curves.items():
            axis.plot(np.arange(values.shape[1]) / FRAME_RATE_HZ, values[row], label=sequence)
        axis.axvspan(0, BUFFER_FRAMES / FRAME_RATE_HZ, alpha=0.15)
        axis.set(xlabel="distance from the chunk's edge [s]", ylabel=f"difference of {label}", yscale="log")
    axes[0].legend(fontsize=7)
    figure.tight_layout()
    save_figure(figure, path)
    plt.close(figure)


def main(solver: str = "mumps") -> None:
    """Run, write and print."""
    found, curves = {}, {}
    for sequence, chunks in JOINED.items():
        found[sequence], curves[sequence] = compare(sequence, chunks, solver)
        print(sequence, found[sequence], flush=True)
    out = ROOT / "results/benchmarks/windows.json"
    write_text(out, json.dumps({"solver": solver, **found}, indent=1))
    plot(curves, out.with_suffix(".png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
