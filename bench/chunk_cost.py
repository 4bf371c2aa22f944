"""What chunks cost, as rows of resources/chunk_cost.csv: `python bench/chunk_cost.py`.

Takes the processor time of each stage from what bench-trajectory and bench-trunk left. Sequences without a root
translation (optical trials) give that of the pelvis. A motion that is left out, for the error of a prediction, is a
clip with both subjects, both sides and all variants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from runs import embedded_row
from trials import ROOT

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, MESH_INTERVALS, Window, frame_count, windows
from mint.core.status import StageError
from mint.plan.cost import Features, chunk_features, read_root
from mint.plan.file import read_plan

FIXED = ("ik", "support", "verify", "trunk")
SUITES = {"trajectory": ("base", "noise", "slow", "fast", "small", "large", "heavy"), "trunk": ("pose2sim", "full402")}
OFFSET_M_S2 = 0.5  # of 0.2 to 2 the one with the least error, which hardly depends on it
Array = np.ndarray


def main() -> None:
    """Measure, fit and print."""
    rows = pd.DataFrame(
        row
        for suite, names in SUITES.items()
        for name in names
        for row in measured(ROOT / "results/bench" / suite / name)
    )
    solved = rows[rows["trajectory"].notna()]
    motion = solved["sequence"].str.replace(r"^(demo_[fm]|trunk)_|_left$", "", regex=True)
    log_s = np.log(solved["trajectory"] / solved["nodes"] * (MESH_INTERVALS + 1)).to_numpy()
    acceleration = solved["acceleration"].to_numpy()
    design = np.column_stack([np.ones(len(solved)), np.log(acceleration + OFFSET_M_S2)])
    intercept, slope = fitted(design, log_s)
    where = f"{len(solved)} chunks of {motion.nunique()} motions"
    errors = [left_out(columns, log_s, motion) for columns in (design[:, :1], design)]
    print("term,value,unit,source")
    for model in SUITES["trunk"]:
        of = rows[rows["results"] == model]
        seconds = {stage: of[stage].mean() for stage in FIXED}
        parts = ", ".join(f"{stage} {value:.2f}" for stage, value in seconds.items())
        print(f'fixed_{model},{sum(seconds.values()):.2f},s,"means of {len(of)} chunks: {parts}"')
    print(f'constant,{log_s.mean():.3f},log s,"mean, {where}"')
    print(f'constant_spread,{errors[0]:.3f},log s,"error of the constant, motion left out"')
    print(f'intercept,{intercept:.3f},log s,"least squares, {where}"')
    print(f'slope,{slope:.3f},log s per log(m/s2),"least squares, {where}"')
    print(f"acceleration_offset,{OFFSET_M_S2},m/s2,chosen")
    print(f"acceleration_limit,{acceleration.max():.1f},m/s2,largest measured")
    print(f'spread,{errors[1]:.3f},log s,"error of the fit, motion left out"')
    fixed = rows.loc[rows["results"] == "pose2sim", list(FIXED)].mean().sum()
    for term, columns in (("total_constant_spread", design[:, :1]), ("total_spread", design)):
        by_motion, by_sequence = (
            left_out(columns, log_s, group, lambda log: np.log(fixed + np.exp(log)))
            for group in (motion, solved["sequence"])
        )
        print(f'{term},{by_motion:.3f},log s,"the same, all stages; with the sequence left out {by_sequence:.3f}"')


def measured(results: Path) -> Iterator[dict[str, object]]:
    """Features and seconds by stage of every chunk below a folder of results."""
    for folder in sorted((results / "sequences").glob("*/chunks/*")):
        sequence, chunk = folder.parent.parent.name, int(folder.name)
        bundles = {
            stage: bundle
            for stage in (*FIXED, "trajectory")
            if (bundle := read(folder / f"{stage}.npz")) is not None and bundle.status.stage == stage
        }
        features = features_of(results, sequence, chunk, bundles.get("ik"))
        if features is None or features.acceleration_m_s2 is None:
            continue
        # Results from before processor time was measured have wall time only.
        seconds = {
            stage: bundle.status.cpu_s or (bundle.status.wall_s if stage == "trajectory" else np.nan)
            for stage, bundle in bundles.items()
        }
        yield {
            "results": results.name,
            "sequence": sequence,
            "nodes": features.nodes,
            "acceleration": features.acceleration_m_s2,
            **dict.fromkeys((*FIXED, "trajectory"), np.nan),
            **seconds,
        }


def read(path: Path) -> Bundle | None:
    """A bundle, None if it is missing or being written."""
    try:
        return Bundle.read(path)
    except StageError:
        return None


def features_of(results: Path, sequence: str, chunk: int, ik: Bundle | None) -> Features | None:
    """From the motion file that the plan names, or the embedded clip, or the pelvis of inverse kinematics."""
    record = read_plan(results / "plan/plan.json")["sequences"].get(sequence)
    clip = re.fullmatch(r"(demo_[fm])_(\w+)", sequence)
    root = None
    if record or clip:  # the plan is of the last run, which may have had fewer sequences
        root = read_root(ROOT / record["path"] if record else embedded_row(results / "inputs", *clip.groups())["path"])
    if root is not None:
        trans, rate = root
        return chunk_features(trans, rate, windows(frame_count((len(trans) - 1) / rate))[chunk])
    if ik is None or not ik.ok:
        return None
    names = ik.names("leg_coordinates")
    pelvis = ik["leg_q"][:, [names.index(name) for name in ("pelvis_tx", "pelvis_tz", "pelvis_ty")]]
    last = len(pelvis) - 1
    return chunk_features(pelvis, FRAME_RATE_HZ, Window(0, 0, last, 0, last))


def fitted(design: Array, values: Array) -> Array:
    """Least squares."""
    return np.asarray(np.linalg.lstsq(design, values, rcond=None)[0])


def left_out(design: Array, values: Array, group: pd.Series, seen: Callable[[Array], Array] = lambda log: log) -> float:
    """Root mean square error of `seen(prediction)` for groups of which the fit knows nothing."""
    errors = np.empty(len(values))
    for name in group.unique():
        out = (group == name).to_numpy()
        errors[out] = seen(values[out]) - seen(design[out] @ fitted(design[~out], values[~out]))
    return float(np.sqrt(np.mean(errors**2)))


if __name__ == "__main__":
    main()
