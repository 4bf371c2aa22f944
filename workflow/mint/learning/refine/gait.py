"""Gait cycles of a dataset: from strike to strike, or folded from a stretch as long as a stride."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mint.compare.emg import mean_activation
from mint.config.refine import RefineConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns, table
from mint.learning.refine.cycles import Cycles, Floats
from mint.measured.channels import strands_of
from mint.reader import MintReader

ACTIVATIONS, ENVELOPES = "muscle_activations", "emg"
WHOLE, FOLDED = "whole", "folded"
NO_STRIKE, TOO_SHORT, GAP, STRIDE = "no strike", "shorter than a stride", "gap", "length"
NO_CHANNEL, NO_GAIT = "no channel that is good over the cycle", "no strike of the other foot about its middle"
NOT_SIMULATED, FEW = "a strand is not simulated", "its channels are measured of too few people"
STRIKE = "foot_strike"
# A stride differs by less from the sequence's others, unless a strike was missed [1]; the other foot strikes about half
# a stride later, in limping too.
_UNUSUAL, _OPPOSITE = 0.3, (0.25, 0.75)
_OTHER = {"r": "l", "l": "r"}


@dataclass(frozen=True)
class Cycle:
    """A cycle of a foot: its first strike and duration [s], whether strikes bound it (`WHOLE`) or it is put together
    (`FOLDED`), the times [s] at which its samples are taken, and why it is left out ("": it is not)."""

    side: str
    start_s: float
    duration_s: float
    kind: str
    times_s: tuple[float, ...] = ()
    left_out: str = ""


def cycles_of(
    events: pd.DataFrame, present_s: Sequence[tuple[float, float]], side: str, config: RefineConfig
) -> list[Cycle]:
    """Cycles of a foot in a sequence. `events` are its rows of `gait_events`, `present_s` the first and last time of
    each stretch without gap. Where none is whole, one is folded from the longest stretch."""
    strikes = _times(events, side, STRIKE)
    gaps = np.diff(strikes)
    usual = float(np.median(gaps)) if len(gaps) else np.nan
    out = [_whole(side, a, b, usual, events, present_s, config) for a, b in pairwise(strikes)]
    if any(not each.left_out for each in out) or not config.folded:
        return out or [Cycle(side, np.nan, np.nan, WHOLE, (), NO_STRIKE)]
    return [*out, _folded(side, events, present_s, config)]


def _whole(
    side: str,
    start_s: float,
    stop_s: float,
    usual_s: float,
    events: pd.DataFrame,
    present_s: Sequence[tuple[float, float]],
    config: RefineConfig,
) -> Cycle:
    duration = stop_s - start_s
    times = start_s + duration * np.linspace(0, 1, config.samples)
    other = [(t - start_s) / duration for t in _times(events, _OTHER[side], STRIKE) if start_s < t < stop_s]
    left_out = ""
    if not config.least_stride_s <= duration <= config.longest_stride_s or abs(duration / usual_s - 1) > _UNUSUAL:
        left_out = STRIDE
    elif not any(a - 1e-9 <= start_s and stop_s <= b + 1e-9 for a, b in present_s):
        left_out = GAP
    elif len(other) != 1 or not _OPPOSITE[0] <= other[0] <= _OPPOSITE[1]:
        left_out = NO_GAIT
    return Cycle(side, start_s, duration, WHOLE, tuple(times), left_out)


def _folded(side: str, events: pd.DataFrame, present_s: Sequence[tuple[float, float]], config: RefineConfig) -> Cycle:
    """A cycle from the middle of the longest stretch, by the events in it; a phase is taken where the stretch has it,
    or at its nearer end."""
    first, last = max(present_s, key=lambda each: each[1] - each[0], default=(0.0, 0.0))
    inside = events[(events["time_s"] >= first) & (events["time_s"] <= last)]
    stride_s = _stride(inside, side, config)
    strike_s = _strike(inside, side, stride_s)
    if stride_s is None or strike_s is None:
        return Cycle(side, np.nan, np.nan, FOLDED, (), NO_STRIKE)
    if last - first < config.folded_share * stride_s:
        return Cycle(side, strike_s, stride_s, FOLDED, (), TOO_SHORT)
    begin = 0.5 * (first + last - stride_s)
    phase = np.linspace(0, 1, config.samples)
    times = begin + (strike_s + phase * stride_s - begin) % stride_s
    return Cycle(side, strike_s, stride_s, FOLDED, tuple(np.clip(times, first, last)))


def _times(events: pd.DataFrame, side: str, event: str) -> list[float]:
    rows = events[(events["side"] == side) & (events["event"] == event)]
    return sorted(float(value) for value in rows["time_s"])


def _stride(events: pd.DataFrame, side: str, config: RefineConfig) -> float | None:
    """Duration of a stride [s]: between two equal events of a foot, else twice the time between equal events of both
    feet, as far as it may be one; the median of the best kind."""
    alike = [
        float(gap)
        for each in (side, _OTHER[side])
        for event in (STRIKE, "toe_off")
        for gap in np.diff(_times(events, each, event))
    ]
    halves = [
        2 * abs(a - b)
        for event in (STRIKE, "toe_off")
        for a in _times(events, "r", event)
        for b in _times(events, "l", event)
    ]
    for found in (alike, halves):
        fitting = [gap for gap in found if config.least_stride_s <= gap <= config.longest_stride_s]
        if fitting:
            return float(np.median(fitting))
    return None


def _strike(events: pd.DataFrame, side: str, stride_s: float | None) -> float | None:
    """A strike of the foot [s], that of the other foot half a stride later where it has none."""
    own, other = _times(events, side, STRIKE), _times(events, _OTHER[side], STRIKE)
    if own or not other or stride_s is None:
        return own[0] if own else None
    return other[0] - 0.5 * stride_s


def stretches(intervals: pd.DataFrame) -> list[tuple[float, float]]:
    """First and last time [s] of each stretch without gap, of rows of `intervals`."""
    present = intervals[intervals["present"].astype(bool)]
    return [
        (float(a) / FRAME_RATE_HZ, (float(b) - 1) / FRAME_RATE_HZ)
        for a, b in zip(present["frame_start"], present["frame_stop"], strict=True)
    ]


def mirrored(names: Sequence[str]) -> list[str]:
    """The strands of the other side."""
    rows = table("muscles_402")
    other = dict(zip(rows["mint_column"], rows["mirror"], strict=True))
    return [str(other[name]) for name in names]


def inputs_of(side: str, values: Floats, wanted: Sequence[str]) -> Floats:
    """Activations `(n, 402)` as those of a right foot: columns `wanted`, sides swapped for the left."""
    columns = mint_columns()
    names = list(wanted) if side == "r" else mirrored(wanted)
    return values[:, [columns.index(name) for name in names]]


def own_activation(channel: str, side: str, values: Floats) -> Floats:
    """Activation (n,) of the strands under a channel (a muscle of `emg_channels` without side)."""
    return mean_activation(values, strands_of(f"{channel}_{side}"))[0]


def input_muscles(config: RefineConfig) -> list[str]:
    """Strands that are inputs, were all of them simulated."""
    return [name for name in mint_columns() if config.inputs == "all" or name.startswith("LU_")]


@dataclass(frozen=True)
class Found:
    """Cycles of a dataset, and a row for each one that was looked at, used or not."""

    cycles: Cycles
    rows: list[dict[str, Any]]


def dataset_cycles(data: MintReader, config: RefineConfig, persons: Mapping[str, str] | None = None) -> Found:
    """Cycles of all sequences of a dataset that have EMG. `persons` has the person of each sequence; without it people
    are told apart by dataset and subject.

    Raises `StageError` where no cycle is left, with the counts of why.
    """
    kept: list[tuple[Mapping[str, Any], Floats, dict[str, Floats]]] = []
    rows: list[dict[str, Any]] = []
    for name in data.sequences.index:
        if ENVELOPES not in data.tables(name):
            continue
        person = person_of(data, name, persons)
        envelopes = data.read(name, ENVELOPES)
        activations = data.read(name, ACTIVATIONS)
        sides = sorted({column.rpartition("_")[2] for column in envelopes.columns} & {"r", "l"})
        for side in sides:
            for cycle in cycles_of(data.gait_events(name), stretches(data.intervals(name)), side, config):
                row = {
                    "sequence_id": name,
                    "person": person,
                    "side": side,
                    "start_s": cycle.start_s,
                    "duration_s": cycle.duration_s,
                    "kind": cycle.kind,
                    "left_out": cycle.left_out,
                }
                if not cycle.left_out:
                    measured = {
                        column.rpartition("_")[0]: at_samples(cycle, envelopes[[column]])[:, 0]
                        for column in envelopes.columns
                        if column.endswith(f"_{side}")
                    }
                    measured = {key: value for key, value in measured.items() if np.isfinite(value).all()}
                    if measured:
                        kept.append((row, at_samples(cycle, activations), measured))
                    else:
                        row["left_out"] = NO_CHANNEL
                rows.append(row)
    if not kept:
        reasons = pd.Series([row["left_out"] for row in rows], dtype=str).value_counts().to_dict()
        told = ", ".join(f"{count} x {reason}" for reason, count in reasons.items()) or "no sequence has EMG"
        raise StageError(
            Reason.FIELD_MISSING,
            f"no gait cycle with EMG in {data.root}: {told}",
            remedy="columns emg_path and emg_side of the sequence table, walks or runs that are longer "
            "than a stride (docs/learning/refinement.md)",
        )
    return Found(_assembled(kept, config), rows)


def person_of(data: MintReader, name: str, persons: Mapping[str, str] | None) -> str:
    """Who moves in a sequence."""
    facts = data.sequences.loc[name]
    return persons[name] if persons and name in persons else f"{facts['dataset']}/{facts['subject']}"


def at_samples(cycle: Cycle, values: pd.DataFrame) -> Floats:
    """A table over time at the samples of a cycle, `(S, columns)`, linear between frames."""
    times = values.index.to_numpy(dtype=float)
    content = values.to_numpy(dtype=float)
    at = np.asarray(cycle.times_s)
    high = np.clip(np.searchsorted(times, at), 1, len(times) - 1)
    part = np.clip((at - times[high - 1]) / (times[high] - times[high - 1]), 0, 1)[:, None]
    return np.asarray((1 - part) * content[high - 1] + part * content[high])


def _assembled(kept: Sequence[tuple[Mapping[str, Any], Floats, dict[str, Floats]]], config: RefineConfig) -> Cycles:
    measured_by_any = {channel for _, _, measured in kept for channel in measured}
    own = {
        channel: np.stack([own_activation(channel, str(row["side"]), activation) for row, activation, _ in kept])
        for channel in table("emg_channels")["channel"]
        if channel in measured_by_any
    }
    channels = [channel for channel, values in own.items() if np.isfinite(values).all()]
    wanted = input_muscles(config)
    simulated = np.stack([inputs_of(str(row["side"]), activation, wanted) for row, activation, _ in kept])
    # What one model lacks nobody has.
    there = np.isfinite(simulated).all(axis=(0, 1))
    nothing = np.full(config.samples, np.nan)
    return Cycles(
        simulated[..., there],
        np.stack([own[channel] for channel in channels], axis=2) if channels else simulated[..., :0],
        np.stack(
            [
                np.array([measured.get(channel, nothing) for channel in channels]).T.reshape(config.samples, -1)
                for _, _, measured in kept
            ]
        ),
        np.array([float(row["duration_s"]) for row, _, _ in kept]),
        tuple(str(row["person"]) for row, _, _ in kept),
        tuple(str(row["sequence_id"]) for row, _, _ in kept),
        tuple(np.array(wanted)[there].tolist()),
        tuple(channels),
    )


def counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many cycles are used by kind, and left out by reason."""
    words = [f"left out: {row['left_out']}" if row["left_out"] else str(row["kind"]) for row in rows]
    return {word: words.count(word) for word in sorted(set(words))}
