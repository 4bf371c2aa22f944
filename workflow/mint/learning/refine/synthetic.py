"""Cycles with a known truth: activations, delayed, mixed, scaled and noisy, as if EMG had been measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mint.learning.refine.cycles import Cycles, Floats, shifted


@dataclass(frozen=True)
class Truth:
    """`delay_s (C,)` of the measured signal behind the activation, `mixing (C, C)` of channels (rows: measured), and
    `clean (N, S, C)`, what was measured without noise, in units of what was measured."""

    delay_s: Floats
    mixing: Floats
    clean: Floats


def distorted(
    activations: Floats,
    muscles: Sequence[str],
    own: Sequence[int],
    owners: Sequence[int],
    seed: int,
    noise: float = 0.1,
    gain_spread: float = 0.2,
) -> tuple[Cycles, Truth]:
    """Cycles of people `owners (N,)` (0, 1, ..) made of `activations (N, S, M)` with a known distortion, and the truth.

    Channel c is strand `own[c]`, delayed by up to 0.12 s, with up to a third of each of its neighbours (crosstalk),
    times a gain that differs by `gain_spread` (standard deviation) between people, plus `noise` (of the channel's
    largest value); then each person's largest value is 1, as in envelopes. Cycles last 1 s; they are taken to repeat,
    so that a delay turns them round.
    """
    random = np.random.default_rng(seed)
    n, channels, people = len(activations), len(own), max(owners) + 1
    of_person = list(owners)
    delay_s = random.uniform(-0.12, 0.12, channels)
    mixing = np.eye(channels)
    for c in range(channels):
        for neighbour in {max(c - 1, 0), min(c + 1, channels - 1)} - {c}:
            mixing[c, neighbour] = random.uniform(0, 1 / 3)
    closed = activations.copy()
    closed[:, -1] = closed[:, 0]
    mine = closed[..., list(own)]
    duration = np.ones(n)
    persons = [f"person{i:02d}" for i in of_person]
    gain = 1 + gain_spread * random.standard_normal((people, channels))
    late = np.concatenate(
        [shifted(np.einsum("nsd,d->ns", mine, mixing[c])[..., None], delay_s[c]) for c in range(channels)], axis=2
    )
    clean = late * gain[of_person][:, None]
    measured = clean + noise * clean.max(axis=(0, 1)) * random.standard_normal(late.shape)
    largest = np.stack([measured[[i for i in range(n) if of_person[i] == k]].max(axis=(0, 1)) for k in range(people)])
    measured, clean = measured / largest[of_person][:, None], clean / largest[of_person][:, None]
    names = tuple(muscles[i] for i in own)
    cycles = Cycles(
        closed,
        mine,
        measured,
        duration,
        tuple(persons),
        tuple(f"cycle{i:03d}" for i in range(n)),
        tuple(muscles),
        names,
    )
    return cycles, Truth(delay_s, mixing, clean)
