"""The trajectory optimization on a suite of chunks: how many are accepted, in what time, and what the others lack.

`python bench/trajectory.py quick|full|<variant> [solver ...]` runs the workflow up to the verification by OpenSim in
`results/bench/trajectory`, once for each linear solver (default mumps), and writes
`results/benchmarks/trajectory.json`, a plot, and a table of all chunks. Rows of the table stay until the same sequence
runs again, and the numbers are of the whole table, so that variants may run one after the other. A chunk's time is that
of its jobs, start and imports included; jobs side by side slow each other down (memory): `MINT_BENCH_CORES=1` for the
time on one core.

Suite: every chunk of the embedded clips that feet support, both subjects, and the optical trials. `full` adds each of
these perturbed: smooth noise, slower, faster, smaller, larger, heavier. `quick` is a part of the unperturbed ones.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from runs import SHOWN, body_settings, chunk_cost, embedded_row, run_workflow, save_figure, unless_same
from trials import ROOT, TRIALS

from mint.config.kinematics import KinematicsConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, kept_nodes
from mint.core.motionfiles import read_trc, write_trc
from mint.core.status import Status

mpl.use("Agg")
from matplotlib import pyplot as plt

RESULTS = Path("results/bench/trajectory")
QUICK = (
    "demo_f_walk",
    "demo_f_jump",
    "demo_f_dance_a",
    "demo_m_run",
    "demo_m_kick",
    "walking1",
    "static1",
    "moco_walk",
)
TABLE = ROOT / "results/benchmarks/trajectory_chunks.csv"
STAGES = ("support", "trajectory", "verify")  # all between inverse kinematics and a verified result
NOISE_RAD, NOISE_M, NOISE_HZ = np.radians(1.5), 0.005, 3.0


@dataclass(frozen=True)
class Variant:
    """One perturbation of every sequence: standard deviation of noise in units of the constants above, factors."""

    name: str
    noise: float = 0.0
    speed: float = 1.0
    size: float = 1.0
    mass: float = 1.0


BASE = Variant("base")
PERTURBED = (
    Variant("noise", noise=1.0),
    Variant("slow", speed=0.8),
    Variant("fast", speed=1.25),
    Variant("small", size=0.85),
    Variant("large", size=1.15),
    Variant("heavy", mass=1.3),
)


def smooth_noise(frames: int, channels: int, rate_hz: float, generator: np.random.Generator) -> np.ndarray:
    """(frames, channels) of unit standard deviation without content above `NOISE_HZ`."""
    spectrum = np.fft.rfft(generator.normal(size=(frames, channels)), axis=0)
    spectrum[np.fft.rfftfreq(frames, 1 / rate_hz) > NOISE_HZ] = 0.0
    signal = np.fft.irfft(spectrum, frames, axis=0)
    return np.asarray(signal / signal.std(axis=0))


def clip_row(clip: str, subject: str, masses: dict[str, float], inputs: Path, variant: Variant) -> dict[str, Any]:
    """Row and file of an embedded clip. A larger body is a body model of its own, its root moves farther."""
    row = embedded_row(ROOT / RESULTS / BASE.name / "inputs", subject, clip)
    with np.load(row["path"], allow_pickle=False) as data:
        fields = dict(data)
    rate = float(fields["mocap_framerate"])
    generator = np.random.default_rng(list(f"{subject}_{clip}".encode()))
    fields["trans"] = fields["trans"] * variant.size
    if variant.noise:
        frames, columns = len(fields["poses"]), 66  # fingers stay
        fields["poses"][:, :columns] += variant.noise * NOISE_RAD * smooth_noise(frames, columns, rate, generator)
        fields["trans"] = fields["trans"] + variant.noise * NOISE_M * smooth_noise(frames, 3, rate, generator)
    fields["mocap_framerate"] = np.array(rate * variant.speed)
    path = inputs / f"{subject}_{clip}_poses.npz"
    with unless_same(path) as written:
        np.savez(written, **fields)
    row["path"] = path
    if variant.mass != 1.0 or variant.size != 1.0:
        row["mass_kg"] = f"{variant.mass * masses[subject]:.3f}"
    return row


def trial_row(name: str, inputs: Path, variant: Variant) -> dict[str, Any]:
    """Row and files of an optical trial."""
    trial = TRIALS[name]
    row = trial.row(name, mass_kg=variant.mass * trial.mass_kg)
    for key, source in (("path", trial.markers), ("static_path", trial.static)):
        if source is None:
            continue
        table = read_trc(source)
        positions = table.positions * variant.size
        if variant.noise and key == "path":
            generator = np.random.default_rng(list(name.encode()))
            noise = smooth_noise(len(positions), positions[0].size, table.rate_hz, generator)
            positions = positions + variant.noise * NOISE_M * noise.reshape(positions.shape)
        rate = table.rate_hz * (variant.speed if key == "path" else 1.0)
        row[key] = inputs / f"{source.stem}{'_static' if key == 'static_path' else ''}.trc"
        time_s = table.time_s * table.rate_hz / rate
        with unless_same(row[key]) as written:
            write_trc(written, replace(table, positions=positions, rate_hz=rate, time_s=time_s))
    return row


def scaled_bodies(folder: Path, size: float) -> dict[str, str]:
    """Body models `size` times as large; the settings that select them."""
    source = ROOT / RESULTS / BASE.name / "inputs/body"
    for model in source.glob("*/model.npz"):
        with np.load(model, allow_pickle=False) as data:
            fields = {
                key: data[key] * size if key in ("v_template", "shapedirs", "posedirs") else data[key] for key in data
            }
        target = folder / model.parent.name / model.name
        with unless_same(target) as written:
            np.savez(written, **fields)
    with unless_same(folder / "markers.csv") as written:
        shutil.copy(source / "markers.csv", written)
    return body_settings(folder)


def run_base(solver: str, sequences: Collection[str]) -> None:
    """The workflow up to the verification on unperturbed sequences."""
    inputs = RESULTS / BASE.name / "inputs"
    rows = [embedded_row(inputs, subject, clip) for subject, clip in SHOWN]
    rows += [trial.row(name) for name, trial in TRIALS.items()]
    run_workflow(
        RESULTS / BASE.name,
        [row for row in rows if row["sequence_id"] in sequences],
        "--until",
        "verify",
        config={"trajectory": {"linear_solver": solver}, "body": body_settings(inputs / "body")},
    )


def run_perturbed(variant: Variant, solver: str) -> None:
    """The workflow up to the verification on all sequences of a variant, which base must have made before."""
    results, base = RESULTS / variant.name, ROOT / RESULTS / BASE.name
    inputs, masses = ROOT / results / "perturbed", base_masses()
    rows = [clip_row(clip, subject, masses, inputs, variant) for subject, clip in SHOWN]
    rows += [trial_row(trial, inputs, variant) for trial in TRIALS]
    resized = variant.size != 1.0
    body = scaled_bodies(inputs / "body", variant.size) if resized else body_settings(base / "inputs/body")
    # compiled equations know no subject: one compilation for all variants
    shutil.copytree(base / "cache", ROOT / results / "cache", dirs_exist_ok=True)
    limits = KinematicsConfig()
    # the limits are those of people; what is resized may leave them
    scaling = {
        "size_min": min(variant.size, 1.0) * limits.size_min,
        "size_max": max(variant.size, 1.0) * limits.size_max,
    }
    run_workflow(
        results,
        rows,
        "--until",
        "verify",
        config={"trajectory": {"linear_solver": solver}, "kinematics": scaling, "body": body},
    )


def base_masses() -> dict[str, float]:
    """Mass (kg) of each embedded subject."""
    sequences = ROOT / RESULTS / BASE.name / "sequences"
    return {
        subject: float(Bundle.read(sequences / f"{subject}_walk/body.npz").meta["mass_kg"])
        for subject in ("demo_f", "demo_m")
    }


def chunk_record(folder: Path, variant: Variant, solver: str) -> dict[str, Any] | None:
    """A row of the table; none for a chunk that something else than feet supports."""
    sequence, chunk = folder.parents[1].name, folder.name
    results = [Bundle.read(folder / f"{stage}.npz") for stage in STAGES]
    status = results[-1].status
    if status.status is Status.EXCLUDED_CONTACT:
        return None
    solution = results[1]
    attempts = solution.meta.get("attempts", [])
    seconds, rss_mb = chunk_cost(RESULTS / variant.name, sequence, chunk, STAGES)
    return {
        "solver": solver,
        "variant": variant.name,
        "sequence": sequence,
        "chunk": chunk,
        "status": str(status.status),
        "stage": status.stage,
        "detail": status.detail,
        "converged": solution.ok,
        "rung": solution.meta.get("rung", ""),
        "formulation": solution.meta.get("formulation", ""),
        "iterations": sum(row["iterations"] for row in attempts if "ipopt" in row["formulation"]),
        "core_s": seconds,
        "rss_mb": rss_mb,
        "reserve_share": solution.meta.get("reserve_share", np.nan),
        "vertical_error_bw2": vertical_error(sequence, solution) if variant is BASE and status.ok else np.nan,
    }


def vertical_error(sequence: str, solution: Bundle) -> float:
    """Mean squared difference of the vertical force from the plates (body weights squared), of the kept frames."""
    if sequence not in TRIALS:
        return float("nan")
    trial = TRIALS[sequence]
    kept = kept_nodes(len(solution["frames"]))
    time_s = solution["frames"][kept] / FRAME_RATE_HZ
    told = trial.measured(time_s)
    if not told.any():
        return float("nan")
    force = solution["grf_force_N"][kept][told][:, :, 1].sum(axis=1)
    plates = trial.plate_force(time_s[told]).sum(axis=1)
    return float(np.mean(((force - plates) / trial.weight_N) ** 2))


def summary(chunks: pd.DataFrame) -> dict[str, Any]:
    """Numbers of one solver."""
    accepted = chunks["status"] == str(Status.OK)
    trials = chunks[accepted & chunks["sequence"].isin(TRIALS)].groupby("sequence")["vertical_error_bw2"].mean()
    return {
        "chunks": len(chunks),
        "accepted_share": round(float(accepted.mean()), 4),
        "refuted_by_opensim": int((chunks["converged"] & ~accepted).sum()),
        "core_s_median": round(float(chunks["core_s"].median()), 1),
        "core_s_p95": round(float(chunks["core_s"].quantile(0.95)), 1),
        "iterations_median": float(chunks["iterations"].median()),
        "max_rss_mb": float(chunks["rss_mb"].max()),
        "vertical_grf_rmse_bw": {name: round(float(np.sqrt(value)), 4) for name, value in trials.items()},
    }


def all_records(variant: Variant, solver: str, sequences: Collection[str]) -> list[dict[str, Any]]:
    """Rows of the table for the chunks of some sequences."""
    folders = sorted((ROOT / RESULTS / variant.name).glob("sequences/*/chunks/*"))
    rows = [chunk_record(folder, variant, solver) for folder in folders if folder.parents[1].name in sequences]
    return [row for row in rows if row is not None]


def updated(variant: Variant, solver: str, sequences: Collection[str]) -> pd.DataFrame:
    """The table on disk with the rows of some sequences made anew."""
    table = pd.DataFrame(all_records(variant, solver, sequences))
    if TABLE.exists():
        old = pd.read_csv(TABLE, dtype={"chunk": str})
        same = (old["solver"] == solver) & (old["variant"] == variant.name) & old["sequence"].isin(sequences)
        table = pd.concat([old[~same], table])
    table = table.sort_values(["solver", "variant", "sequence", "chunk"])
    write_text(TABLE, table.to_csv(index=False))
    return table


def plot(table: pd.DataFrame, path: Path) -> None:
    """Core-seconds and iterations of all chunks, sorted, a line per solver; crosses are chunks not accepted."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.5))
    for solver, chunks in table.groupby("solver"):
        for axis, column, label in zip(axes, ("core_s", "iterations"), ("core-seconds", "iterations"), strict=True):
            rows = chunks.sort_values(column).reset_index(drop=True)
            share = (rows.index + 0.5) / len(rows)
            lost = rows["status"] != str(Status.OK)
            axis.plot(share, rows[column], label=solver)
            axis.plot(share[lost], rows[column][lost], "kx")
            axis.set(xlabel="share of chunks", ylabel=f"{label} of a chunk", yscale="log")
    axes[0].legend()
    figure.tight_layout()
    save_figure(figure, path)
    plt.close(figure)


def moco_ratio() -> dict[str, Any]:
    """Core-seconds of Moco over those of this stage, by formulation and linear solver, if it was compared."""
    path = ROOT / "results/benchmarks/moco.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["moco_ratio"]) if path.exists() else {}


def main(suite: str, *solvers: str) -> None:
    """Run, collect, write and print. `suite`: quick, full, or the name of one variant."""
    sequences = QUICK if suite == "quick" else [*("_".join(shown) for shown in SHOWN), *TRIALS]
    variants = [v for v in (BASE, *PERTURBED) if suite == "full" or v.name in (suite, "base")]
    table = pd.DataFrame()
    for solver in solvers or ("mumps",):
        for variant in variants:
            if variant is BASE:
                run_base(solver, sequences)
            else:
                run_perturbed(variant, solver)
            table = updated(variant, solver, sequences)
    out = {solver: {"suite": suite, **summary(chunks)} for solver, chunks in table.groupby("solver")}
    write_text(TABLE.with_name("trajectory.json"), json.dumps({**out, "moco_ratio": moco_ratio()}, indent=1))
    plot(table, TABLE.with_name("trajectory.png"))
    lost = table[table["status"] != str(Status.OK)]
    print(lost[["solver", "variant", "sequence", "chunk", "stage", "detail"]].to_string(index=False))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
