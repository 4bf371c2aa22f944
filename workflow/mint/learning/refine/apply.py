"""Refined activations of every sequence with gait cycles, beside the dataset and never over it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.refine import RefineConfig
from mint.core.atomic import replaced, write_text
from mint.core.chunks import FRAME_RATE_HZ
from mint.dataset.parquet import frame_table, write_table
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.gait import (
    ACTIVATIONS,
    NOT_SIMULATED,
    WHOLE,
    Cycle,
    at_samples,
    cycles_of,
    inputs_of,
    own_activation,
    person_of,
    stretches,
)
from mint.learning.refine.model import Refiner
from mint.reader import MintReader

TABLE = "refined_activations"
# Refined activity and its error (S, C) by sequence and cycle.
_Refined = dict[tuple[str, Cycle], tuple[Floats, Floats]]


def apply(
    data: MintReader, refiner: Refiner, folder: Path, persons: Mapping[str, str], config: RefineConfig
) -> dict[str, Any]:
    """Write `<data path>/refined_activations.parquet` of every sequence with a gait cycle below `folder`, whole or not
    at all, and `refined.json`: which sequences, and why others have none. Returns the latter.

    Columns are the channels of both sides (`soleus_r`), 1 being the largest envelope of the person, and the standard
    errors of what was learned (`soleus_r_se`, `Refiner.refined`), at the frames of the dataset; NaN outside cycles of
    that side.
    """
    made: dict[str, str] = {}
    left_out: dict[str, str] = {}
    # As many samples as the refiner was trained with.
    config = config.model_copy(update={"samples": refiner.config.samples})
    by_person: dict[str, list[str]] = {}
    for name in data.sequences.index:
        by_person.setdefault(person_of(data, name, persons), []).append(name)
    with replaced(folder) as out:
        for person, names in by_person.items():
            refined: _Refined = {}
            for side in "rl":
                refined |= _of_side(data, refiner, person, names, side, config, left_out)
            for name in names:
                if any(key[0] == name for key in refined):
                    place = str(data.sequences.loc[name, "data_path"])
                    _write(out / place / f"{TABLE}.parquet", data, name, refined, refiner)
                    made[name] = f"{place}/{TABLE}.parquet"
        report = {"refined": made, "left_out": {name: why for name, why in left_out.items() if name not in made}}
        write_text(out / "refined.json", json.dumps(report, indent=1, sort_keys=True))
    return report


def _of_side(
    data: MintReader,
    refiner: Refiner,
    person: str,
    names: Sequence[str],
    side: str,
    config: RefineConfig,
    left_out: dict[str, str],
) -> _Refined:
    """Refined activity and error (S, C) of the cycles of one foot of a person, together, because effort is relative to
    the largest of them; `left_out` gets why a sequence has none."""
    keys: list[tuple[str, Cycle]] = []
    simulated, own = [], []
    for name in names:
        cycles = cycles_of(data.gait_events(name), stretches(data.intervals(name)), side, config)
        good = [cycle for cycle in cycles if not cycle.left_out]
        if not good:
            left_out.setdefault(name, f"no gait cycle: {', '.join(sorted({cycle.left_out for cycle in cycles}))}")
            continue
        values = data.read(name, ACTIVATIONS)
        for cycle in good:
            activation = at_samples(cycle, values)
            inputs = inputs_of(side, activation, refiner.muscles)
            mine = np.stack([own_activation(channel, side, activation) for channel in refiner.channels], axis=1)
            if not (np.isfinite(inputs).all() and np.isfinite(mine).all()):
                lacking = [
                    strand
                    for strand, column in zip(refiner.muscles, inputs.T, strict=True)
                    if not np.isfinite(column).all()
                ]
                left_out[name] = f"{NOT_SIMULATED}: {', '.join(lacking[:5])} ({len(lacking)} in all)"
                continue
            keys.append((name, cycle))
            simulated.append(inputs)
            own.append(mine)
    if not keys:
        return {}
    refined, error = refiner.refined(
        Cycles(
            np.stack(simulated),
            np.stack(own),
            np.full_like(np.stack(own), np.nan),
            np.array([cycle.duration_s for _, cycle in keys]),
            (person,) * len(keys),
            tuple(name for name, _ in keys),
            refiner.muscles,
            refiner.channels,
        )
    )
    return {key: (refined[i], error[i]) for i, key in enumerate(keys)}


def _write(path: Path, data: MintReader, name: str, refined: _Refined, refiner: Refiner) -> None:
    times_s = data.read(name, ACTIVATIONS, columns=list(refiner.muscles[:1])).index.to_numpy(dtype=float)
    frames = np.round(times_s * FRAME_RATE_HZ).astype(np.int32)
    columns: dict[str, NDArray[Any]] = {}
    for side in "rl":
        for kind, suffix in ((0, ""), (1, "_se")):
            values = np.full((len(frames), len(refiner.channels)), np.nan)
            for (sequence, cycle), found in refined.items():
                if sequence == name and cycle.side == side:
                    _place(values, frames, cycle, found[kind])
            columns |= {f"{channel}_{side}{suffix}": values[:, c] for c, channel in enumerate(refiner.channels)}
    record = {"sequence_id": name, "table": TABLE, "method": refiner.config.method, "folds": len(refiner.folds)}
    write_table(frame_table(frames, dict(sorted(columns.items())), "1", record), path, "zstd")


def _place(values: Floats, frames: NDArray[np.int32], cycle: Cycle, refined: Floats) -> None:
    """Put a cycle (S, C) at the frames that it covers, linear between samples."""
    phase = (frames / FRAME_RATE_HZ - cycle.start_s) / cycle.duration_s
    if cycle.kind == WHOLE:
        rows = np.flatnonzero((phase >= -1e-9) & (phase <= 1 + 1e-9))
    else:
        first, last = min(cycle.times_s), max(cycle.times_s)
        rows = np.flatnonzero((frames / FRAME_RATE_HZ >= first - 1e-9) & (frames / FRAME_RATE_HZ <= last + 1e-9))
        phase = phase % 1.0
    samples = np.linspace(0, 1, len(refined))
    for c in range(refined.shape[1]):
        values[rows, c] = np.interp(phase[rows], samples, refined[:, c])
