"""What chunks cost, as rows of resources/chunk_cost.csv: `python bench/chunk_cost.py`.

Takes the processor time of each stage from what `make bench-unseen` left, with both models. Files that tell no root
(markers, skeletons) give that of the pelvis. A motion that is left out, for the error of a prediction, is a file on all
bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from trials import ROOT

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, MESH_INTERVALS, Window
from mint.core.status import StageError
from mint.plan.cost import Features, chunk_features, read_root
from mint.plan.file import read_plan

FIXED = ("ik", "support", "verify", "trunk")
SUITES = {"pose2sim": "unseen", "full402": "unseen_full402"}
OFFSET_M_S2 = 0.5  # of 0.2 to 2 the one with the least error, which hardly depends on it
Array = np.ndarray


def main() -> None:
    """Measure, fit and print."""
    rows = pd.DataFrame(
        {"model": model, **row}
        for model, suite in SUITES.items()
        for half in sorted((ROOT / "results/bench" / suite).glob("*"))
        for row in measured(half)
    )
    solved = rows[rows["trajectory"].notna()]
    motion = solved["sequence"].str.replace(r"^body\d+_", "", regex=True)
    log_s = np.log(solved["trajectory"] / solved["nodes"] * (MESH_INTERVALS + 1)).to_numpy()
    acceleration = solved["acceleration"].to_numpy()
    design = np.column_stack([np.ones(len(solved)), np.log(acceleration + OFFSET_M_S2)])
    intercept, slope = fitted(design, log_s)
    where = f"{len(solved)} chunks of {motion.nunique()} motions"
    errors = [left_out(columns, log_s, motion) for columns in (design[:, :1], design)]
    print("term,value,unit,source")
    for model in SUITES:
        of = rows[(rows["model"] == model) & rows["trunk"].notna()]
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
    fixed = rows.loc[rows["model"] == "pose2sim", list(FIXED)].mean().sum()
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
            if (bundle := read(folder / f"{stage}.npz")) is not None and bundle.ok
        }
        features = features_of(results, sequence, chunk, bundles.get("ik"))
        if features is None or features.acceleration_m_s2 is None:
            continue
        seconds = {stage: bundle.status.cpu_s for stage, bundle in bundles.items()}
        yield {
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
    """From the root of the motion file that the plan names, or the pelvis of inverse kinematics."""
    record = read_plan(results / "plan/plan.json")["sequences"].get(sequence)
    root = read_root(ROOT / record["path"], record["source"]) if record else None
    if record and root is not None:
        trans, rate = root
        return chunk_features(trans, record["frame_rate_override"] or rate, Window(**record["windows"][chunk]))
    if ik is None:
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
