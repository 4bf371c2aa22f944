"""Cycles of simulated and measured activity from elsewhere: computed muscle control, static optimization, Moco."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.refine import RefineConfig
from mint.core.status import Reason, StageError
from mint.learning.refine.cycles import Cycles
from mint.learning.refine.gait import GAP, STRIDE, WHOLE, Found
from mint.learning.refine.pair_table import Pair, read_pairs
from mint.measured.channels import channels_of, strands_of
from mint.measured.table_file import TimeTable, read_time_table

# Longest table [s]: one is kept in memory.
_LONGEST_S = 3600.0


def pair_cycles(path: str | Path, config: RefineConfig) -> Found:
    """Cycles of a table of pairs: muscles that every simulated file has, channels that are measured.

    A measured column is compared with the simulated muscle of the same name, else with the strands that lie under it
    (`resources/emg_channels.csv`) where they are simulated. Every channel is divided by the largest value of the person
    in any of his files. Files that cannot be read, and cycles outside them, are rows with the reason. Raises
    `StageError` where nothing is left.
    """
    pairs = read_pairs(path)
    files: dict[Path, TimeTable | str] = {}
    rows: list[dict[str, Any]] = []
    good: list[tuple[Pair, TimeTable, TimeTable]] = []
    for pair in pairs:
        duration = pair.stop_s - pair.start_s
        row = {"sequence_id": pair.simulated.stem, "person": pair.person, "side": pair.side, "start_s": pair.start_s,
               "duration_s": duration, "kind": WHOLE, "left_out": ""}
        tables = [files.setdefault(each, _read(each)) for each in (pair.simulated, pair.measured)]
        broken = [each for each in tables if isinstance(each, str)]
        if broken:
            row["left_out"] = broken[0]
        elif not config.least_stride_s <= duration <= config.longest_stride_s:
            row["left_out"] = STRIDE
        else:
            simulated, measured = (each for each in tables if not isinstance(each, str))
            if _holds(simulated, pair.start_s, pair.stop_s) and _holds(
                    measured, pair.start_s - pair.measured_offset_s, pair.stop_s - pair.measured_offset_s):
                good.append((pair, simulated, measured))
            else:
                row["left_out"] = GAP
        rows.append(row)
    if not good:
        told = "; ".join(sorted({str(row["left_out"]) for row in rows}))[:500]
        raise StageError(Reason.FIELD_MISSING, f"{path}: no cycle is left of {len(rows)}: {told}",
                         remedy="docs/refinement.md says what the table and its files hold")
    return Found(_assembled(good, config), rows)


def _read(path: Path) -> TimeTable | str:
    try:
        return read_time_table(path, _LONGEST_S)
    except StageError as error:
        return error.detail


def _holds(table: TimeTable, start_s: float, stop_s: float) -> bool:
    step = 1 / table.rate_hz
    return bool(table.time_s[0] - step <= start_s and stop_s <= table.time_s[-1] + step)


def muscle_of(column: str) -> str:
    """Muscle of a column of OpenSim's tables: `/forceset/soleus_r/activation` and `soleus_r.activation` are `soleus_r`;
    "" for what is no activation."""
    parts = [part for part in re.split(r"[/|.]", column) if part]
    if len(parts) > 1 and parts[-1] in ("fiber_length", "normalized_fiber_length", "excitation", "force"):
        return ""
    return parts[-2] if len(parts) > 1 and parts[-1] == "activation" else parts[-1] if parts else ""


def _canonical(name: str, side: str) -> str:
    """A muscle's name as that of the right leg for cycles of the right, sides swapped for the left."""
    if side == "l" and name[-2:] in ("_r", "_l"):
        return name[:-1] + ("l" if name[-1] == "r" else "r")
    return name


def _assembled(good: Sequence[tuple[Pair, TimeTable, TimeTable]], config: RefineConfig) -> Cycles:
    simulated = [{_canonical(muscle, pair.side): i for i, column in enumerate(table.columns)
                  if (muscle := muscle_of(column))} for pair, table, _ in good]
    muscles = sorted(set.intersection(*(set(each) for each in simulated)))
    own_of: dict[str, list[str]] = {}
    columns = []
    for pair, _, measured in good:
        there: dict[str, int] = {}
        for i, column in enumerate(measured.columns):
            name = _canonical(muscle_of(column), pair.side)
            strands = [name] if name in muscles else _strands(column, pair.side, muscles)
            channel = name.removesuffix("_r") if name in muscles else _channel(column, pair.side)
            if strands and channel and channel not in there:
                there[channel] = i
                own_of[channel] = strands
        columns.append(there)
    channels = sorted(own_of)
    if not channels:
        raise StageError(Reason.FIELD_MISSING, "no measured column has the name of a simulated muscle, or of a channel "
                         f"of resources/emg_channels.csv whose strands are simulated: {', '.join(good[0][2].columns)}",
                         remedy="name the columns after the muscles of the simulated file")
    largest = _largest(good, columns)
    count = config.samples
    values, target = np.empty((len(good), count, len(muscles))), np.full((len(good), count, len(channels)), np.nan)
    for n, ((pair, table, measured), at, there) in enumerate(zip(good, simulated, columns, strict=True)):
        times = np.linspace(pair.start_s, pair.stop_s, count)
        for m, muscle in enumerate(muscles):
            values[n, :, m] = np.interp(times, table.time_s, table.values[:, at[muscle]])
        for c, channel in enumerate(channels):
            if channel in there:
                target[n, :, c] = np.interp(times - pair.measured_offset_s, measured.time_s,
                                            measured.values[:, there[channel]]) / largest[pair.person, channel]
    own = np.stack([values[..., [muscles.index(name) for name in own_of[channel]]].mean(axis=2)
                    for channel in channels], axis=2)
    return Cycles(values, own, target, np.array([pair.stop_s - pair.start_s for pair, *_ in good]),
                  tuple(pair.person for pair, *_ in good), tuple(pair.simulated.stem for pair, *_ in good),
                  tuple(muscles), tuple(channels))


def _largest(good: Sequence[tuple[Pair, TimeTable, TimeTable]], columns: Sequence[dict[str, int]],
             ) -> dict[tuple[str, str], float]:
    out: dict[tuple[str, str], float] = {}
    for (pair, _, measured), there in zip(good, columns, strict=True):
        for channel, i in there.items():
            top = float(np.nanmax(measured.values[:, i])) if np.isfinite(measured.values[:, i]).any() else np.nan
            out[pair.person, channel] = max(top, out.get((pair.person, channel), 1e-12))
    return out


def _channel(column: str, side: str) -> str:
    known = channels_of([column], side).known
    return next((name.rpartition("_")[0] for name in known if name.endswith(f"_{side}")), "")


def _strands(column: str, side: str, muscles: Sequence[str]) -> list[str]:
    """Simulated muscles under a channel, as of the right leg."""
    channel = _channel(column, side)
    if not channel:
        return []
    return [name for strand in strands_of(f"{channel}_r") if (name := strand.removeprefix("LU_")) in muscles]


