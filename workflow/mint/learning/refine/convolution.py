"""Ours: the mean envelope of others, scaled with effort, and a short temporal convolution of what is simulated.

    y_c(p) = m_c(p) + m_c(p) e . u_c + sum_k v_ck (a_c - a'_c)(p - k) / A_c + sum_dk w_cdk (a_d - a'_d)(p - k) / A_c

m is the mean envelope of the training people, a the activations, a' their mean over training people, A_c the largest of
channel c in any cycle of the same person, as envelopes are over theirs, k up to three samples either way. The effort e
of a cycle has the person's shortest cycle over this one (as a logarithm), and how large a / A is beside its mean, over
all channels. Linear, so that least squares solves it; u, v and w have a penalty each. With large penalties the mean EMG
is left, which is what has to be beaten.

The penalty of v, then that of w, is the one with the least error on training people left out, one after the other. One
whose gain over people is not beyond its standard error lets nothing through.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mint.config.refine import RefineConfig
from mint.learning.refine.controls import PENALTY
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.method import (
    Array,
    History,
    Method,
    by_person,
    known,
    left_out_in_turn,
    mean_curve,
)

_REACH = 3
_NEVER = 1e9
# Penalties in units of the mean square of the features that are tried of the channel's own activation and of the
# others, from what lets nothing through to what 100 cycles of everything can bear.
_OFFERED = (_NEVER, 10.0, 3.0, 1.0, 0.1, 1e-2, 1e-3)
_GRID = tuple(itertools.product((PENALTY,), _OFFERED, _OFFERED))


@dataclass(frozen=True)
class _Mean:
    """The mean person: envelope and activation over its own largest value (S, C), all activations over the largest
    value of each channel (C, S, C), logarithm of the shortest cycle over a cycle."""

    envelope: Floats
    relative: Floats
    activation: Floats
    pace: float


@dataclass(frozen=True)
class _Equations:
    """Normal equations of a channel: `gram (F, F)`, `right (F,)`, size of each group's features, their scales (F,)."""

    gram: Floats
    right: Floats
    sizes: tuple[int, ...]
    scale: Floats


class Convolution(Method):
    """The mean envelope, scaled with effort, and a short convolution of the activations."""

    name, title, source = "convolution", "ours: effort and convolution", "this project"

    def __init__(self, config: RefineConfig) -> None:
        super().__init__(config)
        self.mean: _Mean | None = None

    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """Penalties by people left out, then least squares on everybody."""
        groups = left_out_in_turn(train.people)
        errors = np.zeros((len(groups), len(_GRID)))
        for i, group in enumerate(groups):
            others, out = train.of([each for each in train.people if each not in group]), train.of(group)
            mean = _mean(others)
            target, seen = np.nan_to_num(out.measured), known(out.measured)
            for c, equations in enumerate(_equations(others, mean)):
                if not seen[:, c].any():
                    continue
                x = np.concatenate(_features(out, mean, c), axis=2)[seen[:, c]] / equations.scale
                y = target[seen[:, c], :, c] - mean.envelope[:, c]
                before = float(np.mean(y**2))
                errors[i] += [
                    float(np.mean((x @ _solved(equations, each) - y) ** 2)) / max(before, 1e-12) for each in _GRID
                ]
        self.penalties = _chosen(errors)
        self.mean = _mean(train)
        self.weight = np.stack([_solved(each, self.penalties) / each.scale for each in _equations(train, self.mean)])
        return History()

    def refined(self, cycles: Cycles) -> Floats:
        """Refined activity; `cycles` should hold all of a person, because efforts are relative to his largest."""
        assert self.mean is not None
        added = [
            np.concatenate(_features(cycles, self.mean, c), axis=2) @ weight for c, weight in enumerate(self.weight)
        ]
        return np.maximum(self.mean.envelope + np.stack(added, axis=2), 0)

    def state(self) -> dict[str, Array]:
        """Mean person, weights (C, F), penalties."""
        assert self.mean is not None
        return {
            "envelope": self.mean.envelope,
            "relative": self.mean.relative,
            "activation": self.mean.activation,
            "pace": np.array(self.mean.pace),
            "weight": self.weight,
            "penalties": np.array(self.penalties),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """From a state."""
        envelope, relative, activation = (np.asarray(state[name]) for name in ("envelope", "relative", "activation"))
        self.mean = _Mean(envelope, relative, activation, float(state["pace"]))
        self.weight, self.penalties = np.asarray(state["weight"]), tuple(float(x) for x in state["penalties"])


def _chosen(errors: Floats) -> tuple[float, ...]:
    """Penalties of the grid by the errors (groups, grid) on people left out: of effort alone without any."""
    chosen = [PENALTY, _NEVER, _NEVER]
    if not len(errors) or not np.isfinite(errors).all():
        return tuple(chosen)
    for group in (1, 2):
        tried = {each: errors[:, _GRID.index((*chosen[:group], each, *chosen[group + 1 :]))] for each in _OFFERED}
        best = min(_OFFERED, key=lambda each: float(tried[each].mean()))
        gain = tried[_NEVER] - tried[best]
        if best < _NEVER and gain.mean() > np.std(gain, ddof=1) / np.sqrt(len(gain)):
            chosen[group] = best
    return tuple(chosen)


def _solved(equations: _Equations, penalties: tuple[float, ...]) -> Floats:
    """Weights (F,) of scaled features."""
    ridge = np.repeat(penalties, equations.sizes)
    return np.asarray(np.linalg.solve(equations.gram + np.diag(ridge), equations.right))


def _equations(train: Cycles, mean: _Mean) -> list[_Equations]:
    """Normal equations of every channel."""
    weights, target = by_person(train), np.nan_to_num(train.measured)
    out = []
    for c in range(len(train.channels)):
        groups = _features(train, mean, c)
        sizes = tuple(group.shape[2] for group in groups)
        scale = np.repeat([float(np.sqrt(np.mean(group**2))) + 1e-9 if group.size else 1.0 for group in groups], sizes)
        x = np.concatenate(groups, axis=2) / scale
        w = weights[:, c] / x.shape[1]
        out.append(
            _Equations(
                np.einsum("n,nsf,nsg->fg", w, x, x, optimize=True),
                np.einsum("n,nsf,ns->f", w, x, target[..., c] - mean.envelope[:, c], optimize=True),
                sizes,
                scale,
            )
        )
    return out


def _mean(train: Cycles) -> _Mean:
    weights = by_person(train)
    everybody = np.broadcast_to(train.weights()[:, None] / len(train), weights.shape)
    largest = _largest(train)
    channels = range(len(train.channels))
    return _Mean(
        mean_curve(train.measured, weights),
        mean_curve(train.own / largest, everybody),
        np.stack([mean_curve(train.own / largest[..., [c]], everybody) for c in channels]),
        float(np.average(train.pace(), weights=train.weights())),
    )


def _features(cycles: Cycles, mean: _Mean, channel: int) -> list[Floats]:
    """Effort, own and other activations of a channel, (N, S, k) each."""
    largest = _largest(cycles)
    level = (cycles.own / largest).mean(axis=1) / np.maximum(mean.relative.mean(axis=0), 1e-9) - 1
    effort = np.stack([cycles.pace() - mean.pace, level.mean(axis=1)], axis=1)
    change = cycles.own / largest[..., [channel]] - mean.activation[channel]
    others = [c for c in range(change.shape[2]) if c != channel]
    return [
        mean.envelope[None, :, channel, None] * effort[:, None],
        _lagged(change[..., [channel]]),
        _lagged(change[..., others]),
    ]


def _lagged(values: Floats) -> Floats:
    """Values (N, S, k) up to `_REACH` samples later and earlier, (N, S, k (2 reach + 1)); cycles repeat, their first
    and last sample being the same phase."""
    core = values[:, :-1]
    turned = (np.roll(core, lag, axis=1) for lag in range(-_REACH, _REACH + 1))
    return np.concatenate([np.concatenate([each, each[:, :1]], axis=1) for each in turned], axis=2)


def _largest(cycles: Cycles) -> Floats:
    """Largest own activation (N, 1, C) of the person in any of the cycles."""
    persons = np.array(cycles.persons)
    out = np.empty((len(cycles), 1, cycles.own.shape[2]))
    for person in cycles.people:
        out[persons == person] = np.maximum(cycles.own[persons == person].max(axis=(0, 1)), 1e-9)
    return out
