"""Refined activations of every sequence with gait cycles, beside the dataset and never over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.refine import RefineConfig
from mint.core.atomic import replaced, write_text
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import StageError
from mint.dataset.parquet import frame_table, write_table
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.gait import (
    ACTIVATIONS,
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


def apply(data: MintReader, refiner: Refiner, folder: Path, persons: Mapping[str, str],
          config: RefineConfig) -> dict[str, Any]:
    """Write `<data path>/refined_activations.parquet` of every sequence with a gait cycle below `folder`, whole or not
    at all, and `refined.json`: which sequences, and why others have none. Returns the latter.

    Columns are the channels of both sides (`soleus_r`) and their standard deviations over folds (`soleus_r_sd`), 1
    being the largest envelope of the person, at the frames of the dataset; NaN outside cycles of that side.
    """
    made: dict[str, str] = {}
    left_out: dict[str, str] = {}
    by_person: dict[str, list[str]] = {}
    for name in data.sequences.index:
        by_person.setdefault(person_of(data, name, persons), []).append(name)
    with replaced(folder) as out:
        for person, names in by_person.items():
            found = {name: _cycles(data, name, config) for name in names}
            refined = _refined(data, refiner, person, found)
            for name in names:
                if isinstance(refined, str) or not found[name]:
                    left_out[name] = refined if isinstance(refined, str) else "no gait cycle"
                    continue
                place = str(data.sequences.loc[name, "data_path"])
                _write(out / place / f"{TABLE}.parquet", data, name, found[name], refined, refiner)
                made[name] = f"{place}/{TABLE}.parquet"
        report = {"refined": made, "left_out": left_out}
        write_text(out / "refined.json", json.dumps(report, indent=1, sort_keys=True))
    return report


def _cycles(data: MintReader, name: str, config: RefineConfig) -> list[Cycle]:
    events, present = data.gait_events(name), stretches(data.intervals(name))
    return [cycle for side in "rl" for cycle in cycles_of(events, present, side, config) if not cycle.left_out]


def _refined(data: MintReader, refiner: Refiner, person: str,
             found: Mapping[str, list[Cycle]]) -> dict[tuple[str, Cycle], tuple[Floats, Floats]] | str:
    """Refined activity and spread (S, C) of every cycle of a person, together, because effort is relative to his
    largest; or why there is none."""
    keys, simulated, own = [], [], []
    for name, cycles in found.items():
        if not cycles:
            continue
        values = data.read(name, ACTIVATIONS)
        for cycle in cycles:
            activation = at_samples(cycle, values)
            keys.append((name, cycle))
            simulated.append(inputs_of(cycle.side, activation, refiner.muscles))
            own.append(np.stack([own_activation(channel, cycle.side, activation) for channel in refiner.channels],
                                axis=1))
    if not keys:
        return "no gait cycle"
    if not (np.isfinite(simulated).all() and np.isfinite(own).all()):
        return "not all of the refiner's muscles are simulated"
    cycles_of_person = Cycles(
        np.stack(simulated), np.stack(own), np.full_like(np.stack(own), np.nan),
        np.array([cycle.duration_s for _, cycle in keys]), (person,) * len(keys), tuple(name for name, _ in keys),
        refiner.muscles, refiner.channels)
    try:
        values_of, spread = refiner.refined(cycles_of_person)
    except StageError as error:
        return error.detail
    return {key: (values_of[i], spread[i]) for i, key in enumerate(keys)}


def _write(path: Path, data: MintReader, name: str, cycles: list[Cycle],
           refined: Mapping[tuple[str, Cycle], tuple[Floats, Floats]], refiner: Refiner) -> None:
    times_s = data.read(name, ACTIVATIONS, columns=list(refiner.muscles[:1])).index.to_numpy(dtype=float)
    frames = np.round(times_s * FRAME_RATE_HZ).astype(np.int32)
    columns: dict[str, NDArray[Any]] = {}
    for side in "rl":
        for kind, suffix in ((0, ""), (1, "_sd")):
            values = np.full((len(frames), len(refiner.channels)), np.nan)
            for cycle in cycles:
                if cycle.side == side:
                    _place(values, frames, cycle, refined[name, cycle][kind])
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
