"""Cycles of simulated and measured activity from elsewhere: computed muscle control, static optimization, Moco."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.refine import RefineConfig
from mint.core.status import Reason, StageError
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.gait import GAP, STRIDE, WHOLE, Found
from mint.learning.refine.pair_table import Pair, read_pairs
from mint.measured.channels import channels_of, strands_of
from mint.measured.table_file import TimeTable, read_time_table

# Longest table [s]: one is kept in memory.
_LONGEST_S = 3600.0
# Of its largest value, an envelope is negative by less (overshoot of a low-pass), and varies by more.
_NEGATIVE, _CONSTANT = 0.1, 1e-3


def pair_cycles(path: str | Path, config: RefineConfig) -> Found:
    """Cycles of a table of pairs: muscles that every simulated file has, channels that are measured.

    A measured column is compared with the simulated muscle of the same name, else with the strands that lie under it
    (`resources/emg_channels.csv`) where they are simulated. Every channel is divided by the largest value of the person
    in any of his files. Files that cannot be read, and cycles outside them, are rows with the reason. Raises
    `StageError` where nothing is left.
    """
    pairs = read_pairs(path)
    files: dict[Path, TimeTable | str] = {}
    for each in (name for pair in pairs for name in (pair.simulated, pair.measured)):
        if each not in files:
            files[each] = _read(each)
    muscles = _muscles([found for pair in pairs if not isinstance(found := files[pair.simulated], str)])
    rows: list[dict[str, Any]] = []
    good: list[tuple[Pair, TimeTable, TimeTable]] = []
    for pair in pairs:
        duration = pair.stop_s - pair.start_s
        row = {
            "sequence_id": pair.simulated.stem,
            "person": pair.person,
            "side": pair.side,
            "start_s": pair.start_s,
            "duration_s": duration,
            "kind": WHOLE,
            "left_out": "",
        }
        simulated, measured = files[pair.simulated], files[pair.measured]
        if isinstance(simulated, str) or isinstance(measured, str):
            row["left_out"] = simulated if isinstance(simulated, str) else measured
        else:
            row["left_out"] = _unfit(pair, simulated, measured, muscles, config)
            if not row["left_out"]:
                good.append((pair, simulated, measured))
        rows.append(row)
    if not good:
        told = "; ".join(sorted({str(row["left_out"]) for row in rows}))[:500]
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: no cycle is left of {len(rows)}: {told}",
            remedy="docs/learning/refinement.md says what the table and its files hold",
        )
    return Found(_assembled(good, muscles, config), rows)


def _muscles(tables: Sequence[TimeTable]) -> list[str]:
    """Muscles that more than half of the simulated files have."""
    counts: dict[str, int] = {}
    for found in tables:
        for name in _by_muscle(found):
            counts[name] = counts.get(name, 0) + 1
    return sorted(name for name, count in counts.items() if 2 * count > len(tables))


def _unfit(pair: Pair, simulated: TimeTable, measured: TimeTable, muscles: Sequence[str], config: RefineConfig) -> str:
    """Why a pair of files gives no cycle; "" if it gives one."""
    if not config.least_stride_s <= pair.stop_s - pair.start_s <= config.longest_stride_s:
        return STRIDE
    at = _by_muscle(simulated)
    if lacking := [name for name in muscles if name not in at]:
        return f"{pair.simulated}: no column of {', '.join(lacking[:5])} ({len(lacking)} in all), which the others have"
    late = pair.measured_offset_s
    if not (_holds(simulated, pair.start_s, pair.stop_s) and _holds(measured, pair.start_s - late, pair.stop_s - late)):
        return GAP
    inside = (simulated.time_s >= pair.start_s - 1 / simulated.rate_hz) & (
        simulated.time_s <= pair.stop_s + 1 / simulated.rate_hz
    )
    values = simulated.values[inside][:, [at[name] for name in muscles]]
    if not np.isfinite(values).all():
        column = muscles[int(np.flatnonzero(~np.isfinite(values).all(axis=0))[0])]
        return f"{pair.simulated}: {column} has empty cells in the cycle"
    return ""


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
    "" for what is no activation (states of coordinates, lengths, forces, reserves)."""
    parts = [part for part in re.split(r"[/|.]", column) if part]
    if not parts:
        return ""
    if len(parts) > 1:
        return parts[-2] if parts[-1] == "activation" else ""
    return "" if _NO_MUSCLE.search(parts[0]) else parts[0]


# Columns of controls, motions and states that stand beside muscles.
_NO_MUSCLE = re.compile(
    r"^[FM][XYZ]$|reserve|_u$|"
    r"^(pelvis|hip|knee|ankle|subtalar|mtp|lumbar|arm|elbow|pro_sup|wrist)_",
    re.IGNORECASE,
)


def _by_muscle(found: TimeTable) -> dict[str, int]:
    """Columns of the muscles of a simulated file. Where some are called activation, only these are."""
    named = [i for i, column in enumerate(found.columns) if re.search(r"[/.|]activation$", column)]
    return {muscle: i for i in (named or range(len(found.columns))) if (muscle := muscle_of(found.columns[i]))}


def _canonical(name: str, side: str) -> str:
    """A muscle's name as that of the right leg for cycles of the right, sides swapped for the left."""
    if side == "l" and name[-2:] in ("_r", "_l"):
        return name[:-1] + ("l" if name[-1] == "r" else "r")
    return name


def _assembled(good: Sequence[tuple[Pair, TimeTable, TimeTable]], names: Sequence[str], config: RefineConfig) -> Cycles:
    # A cycle of the left leg is turned round, for which a muscle needs its other side.
    turned = any(pair.side == "l" for pair, *_ in good)
    muscles = [name for name in names if not turned or _canonical(name, "l") in names]
    own_of: dict[str, list[str]] = {}
    columns: list[dict[str, int]] = []
    for pair, _, measured in good:
        there: dict[str, int] = {}
        for i, column in enumerate(measured.columns):
            name = _canonical(muscle_of(column), pair.side)
            strands = [name] if name in muscles else _strands(column, pair.side, muscles)
            channel = name.removesuffix("_r") if name in muscles else _channel(column, pair.side)
            if strands and channel and channel not in there and _is_envelope(pair, column, measured.values[:, i]):
                there[channel] = i
                own_of[channel] = strands
        columns.append(there)
    channels = sorted(own_of)
    if not channels:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{good[0][0].measured}: no column is an envelope (not negative, not "
            "constant) with the name of a simulated muscle, or of a channel of resources/emg_channels.csv "
            f"whose strands are simulated: {', '.join(good[0][2].columns)}",
            remedy="name the columns after the muscles of the simulated file",
        )
    largest: dict[tuple[str, str, str], float] = {}
    for (pair, _, measured), there in zip(good, columns, strict=True):
        for channel, i in there.items():
            # An electrode is that of a side: each has its own gain.
            key = pair.person, pair.side, channel
            largest[key] = max(float(np.nanmax(measured.values[:, i])), largest.get(key, 0.0))
    count = config.samples
    values, target = np.empty((len(good), count, len(muscles))), np.full((len(good), count, len(channels)), np.nan)
    for n, ((pair, simulated, measured), there) in enumerate(zip(good, columns, strict=True)):
        at = _by_muscle(simulated)
        times = np.linspace(pair.start_s, pair.stop_s, count)
        for m, muscle in enumerate(muscles):
            values[n, :, m] = np.interp(times, simulated.time_s, simulated.values[:, at[_canonical(muscle, pair.side)]])
        for c, channel in enumerate(channels):
            if channel in there:
                target[n, :, c] = (
                    np.interp(times - pair.measured_offset_s, measured.time_s, measured.values[:, there[channel]])
                    / largest[pair.person, pair.side, channel]
                )
    own = np.stack(
        [values[..., [muscles.index(name) for name in own_of[channel]]].mean(axis=2) for channel in channels], axis=2
    )
    return Cycles(
        values,
        own,
        target,
        np.array([pair.stop_s - pair.start_s for pair, *_ in good]),
        tuple(pair.person for pair, *_ in good),
        tuple(pair.simulated.stem for pair, *_ in good),
        tuple(muscles),
        tuple(channels),
    )


def _is_envelope(pair: Pair, column: str, values: Floats) -> bool:
    """Whether a measured column may be an envelope of activity; what is none is printed."""
    known = values[np.isfinite(values)]
    if not len(known):
        return False
    low, high = float(known.min()), float(known.max())
    if high <= 0 or low < -_NEGATIVE * high or high - low <= _CONSTANT * high:
        print(
            f"{pair.measured}: {column} goes from {low:.3g} to {high:.3g}, expected an envelope (rectified, "
            "smoothed): left out"
        )
        return False
    return True


def _channel(column: str, side: str) -> str:
    known = channels_of([column], side).known
    return next((name.rpartition("_")[0] for name in known if name.endswith(f"_{side}")), "")


def _strands(column: str, side: str, muscles: Sequence[str]) -> list[str]:
    """Simulated muscles under a channel, as of the right leg."""
    channel = _channel(column, side)
    if not channel:
        return []
    return [name for strand in strands_of(f"{channel}_r") if (name := strand.removeprefix("LU_")) in muscles]
