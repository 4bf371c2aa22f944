"""What a network has to beat: the simulation itself, gain and delay, the mean EMG of others, ridge regression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mint.learning.refine.cycles import Cycles, Floats, shifted
from mint.learning.refine.method import (
    Array,
    History,
    Method,
    by_person,
    known,
    left_out_in_turn,
    mean_curve,
)

# Of the mean square of what is penalized; chosen on people of one half (docs/learning/refinement.md).
PENALTY = 0.3
_DELAYS_S = np.round(np.arange(-0.2, 0.2001, 0.005), 3)
# Of the total variance of the inputs; the grid spans what 3 to 100 cycles can bear.
_RIDGES = tuple(float(value) for value in np.logspace(-3, 4, 22))


class Simulation(Method):
    """The simulated activation of the strands under the electrodes, as it is."""

    name, title, source = "simulation", "simulation as it is", "baseline of Teramae et al. 2025"

    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """Nothing is learned."""
        return History()

    def refined(self, cycles: Cycles) -> Floats:
        """Their own activations."""
        return cycles.own

    def state(self) -> dict[str, Array]:
        """Nothing."""
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Nothing to do."""


class GainDelay(Method):
    """A gain and a delay [s] of each channel, for everybody the same: what a muscle's electromechanical delay and the
    unit of the envelope explain."""

    name, title, source = "gain_delay", "gain and delay", "Hamner and Delp 2013: 75 ms in running"

    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """Least squares over all delays of a grid of 5 ms, refined by the parabola through the best three."""
        weights = by_person(train)
        target = np.nan_to_num(train.measured)
        power, product = (np.empty((len(_DELAYS_S), len(train.channels))) for _ in range(2))
        for k, delay in enumerate(_DELAYS_S):
            late = shifted(train.own, delay / train.duration_s)
            power[k] = np.einsum("nc,nsc,nsc->c", weights, late, late)
            product[k] = np.einsum("nc,nsc,nsc->c", weights, late, target)
        gain = np.maximum(product, 0) / np.maximum(power, 1e-12)
        # What is left is the target's power less gain times product.
        explained = gain * product
        best = explained.argmax(axis=0)
        columns = np.arange(len(best))
        inside = np.clip(best, 1, len(_DELAYS_S) - 2)
        before, at, after = (explained[inside + k, columns] for k in (-1, 0, 1))
        bend = before - 2 * at + after
        vertex = np.where((best == inside) & (bend < 0), 0.5 * (before - after) / np.where(bend < 0, bend, -1), 0)
        self.delay_s = _DELAYS_S[best] + vertex * (_DELAYS_S[1] - _DELAYS_S[0])
        self.gain = gain[best, columns]
        return History()

    def refined(self, cycles: Cycles) -> Floats:
        """Own activations, later and scaled."""
        late = [shifted(cycles.own[..., c : c + 1], delay / cycles.duration_s) for c, delay in enumerate(self.delay_s)]
        return np.asarray(np.concatenate(late, axis=2) * self.gain)

    def state(self) -> dict[str, Array]:
        """Gain and delay (C,)."""
        return {"gain": self.gain, "delay_s": self.delay_s}

    def restore(self, state: Mapping[str, Array]) -> None:
        """From a state."""
        self.gain, self.delay_s = (np.asarray(state[name]) for name in ("gain", "delay_s"))


class MeanEmg(Method):
    """The mean envelope of other people at each phase, whatever was simulated."""

    name, title, source = "mean_emg", "mean EMG of other people", "what a network could learn without its input"

    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """Trials of a person are averaged first."""
        self.curve = mean_curve(train.measured, by_person(train))
        return History()

    def refined(self, cycles: Cycles) -> Floats:
        """The same for every cycle."""
        return np.broadcast_to(self.curve, (len(cycles), *self.curve.shape)).copy()

    def state(self) -> dict[str, Array]:
        """The curve (S, C)."""
        return {"curve": self.curve}

    def restore(self, state: Mapping[str, Array]) -> None:
        """From a state."""
        self.curve = np.asarray(state["curve"])


class PacedEmg(Method):
    """The mean envelope of other people, larger or smaller with the pace of the cycle among those of its person: what
    time alone tells, whatever was simulated."""

    name, title, source = "paced_emg", "mean EMG scaled with pace", "what duration tells without a simulation"

    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """Least squares of one number a channel, with the penalty that effort has in the convolution."""
        weights = by_person(train)
        self.curve = mean_curve(train.measured, weights)
        self.middle = float(np.average(train.pace(), weights=train.weights()))
        late = (train.pace() - self.middle)[:, None, None] * self.curve
        change = np.nan_to_num(train.measured) - self.curve
        power = np.einsum("nc,nsc,nsc->c", weights, late, late)
        product = np.einsum("nc,nsc,nsc->c", weights, late, change)
        self.growth = product / np.maximum(power * (1 + PENALTY), 1e-12)
        return History()

    def refined(self, cycles: Cycles) -> Floats:
        """Scaled curves."""
        factor = 1 + (cycles.pace() - self.middle)[:, None] * self.growth
        return np.maximum(self.curve * factor[:, None], 0)

    def state(self) -> dict[str, Array]:
        """Curve (S, C), growth (C,), mean pace."""
        return {"curve": self.curve, "growth": self.growth, "middle": np.array(self.middle)}

    def restore(self, state: Mapping[str, Array]) -> None:
        """From a state."""
        self.curve, self.growth = np.asarray(state["curve"]), np.asarray(state["growth"])
        self.middle = float(state["middle"])


class Ridge(Method):
    """Ridge regression from the whole cycle of all activations, its duration and its pace, to the whole envelope. The
    penalty of each channel is the one with the least error on training people left out, one after the other."""

    name, title, source = "ridge", "ridge regression on the cycle", "Hoerl and Kennard 1970"

    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """In the dual form: cycles are fewer than inputs."""
        raw = self._raw(train)
        self.place, self.scale = raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-3)
        inputs = self._inputs(train)
        alike = inputs @ inputs.T
        weights = by_person(train)
        target, seen = np.nan_to_num(train.measured), known(train.measured)
        self.mean = mean_curve(train.measured, weights)
        self.weight = np.zeros((inputs.shape[1], *self.mean.shape))
        owner = np.array(train.persons)
        for c in range(len(train.channels)):
            rows = np.flatnonzero(seen[:, c])
            if not len(rows):
                continue
            y, w, who = target[rows, :, c], weights[rows, c], owner[rows]
            gram = alike[np.ix_(rows, rows)]
            # Without anybody to leave out the largest penalty, the last, is chosen.
            errors = np.zeros(len(_RIDGES))
            errors[:-1] += np.inf if len(set(who)) < 2 else 0
            for group in left_out_in_turn(sorted(set(who))):
                leaves = np.isin(who, group)
                out, others = np.flatnonzero(leaves), np.flatnonzero(~leaves)
                middle = np.average(y[others], axis=0, weights=w[others])
                shares = _dual(gram[np.ix_(others, others)], y[others] - middle, w[others])
                errors += [
                    float(np.mean((gram[np.ix_(out, others)] @ share + middle - y[out]) ** 2)) for share in shares
                ]
            best = _dual(gram, y - self.mean[:, c], w)[int(np.argmin(errors))]
            self.weight[..., c] = inputs[rows].T @ best
        return History()

    def refined(self, cycles: Cycles) -> Floats:
        """Mean envelope and what the cycle adds."""
        return np.maximum(np.einsum("nf,fsc->nsc", self._inputs(cycles), self.weight) + self.mean, 0)

    def _raw(self, cycles: Cycles) -> Floats:
        flat = [values.reshape(len(cycles), -1) for values in (cycles.simulated, cycles.own)]
        return np.concatenate([*flat, cycles.duration_s[:, None], cycles.pace()[:, None]], axis=1)

    def _inputs(self, cycles: Cycles) -> Floats:
        return np.asarray((self._raw(cycles) - self.place) / self.scale)

    def state(self) -> dict[str, Array]:
        """Weights (F, S, C), means and scales."""
        return {name: getattr(self, name) for name in ("place", "scale", "mean", "weight")}

    def restore(self, state: Mapping[str, Array]) -> None:
        """From a state."""
        for name in ("place", "scale", "mean", "weight"):
            setattr(self, name, np.asarray(state[name]))


def _dual(gram: Floats, y: Floats, weights: Floats) -> list[Floats]:
    """Shares (N, S) of cycles in the solution of weighted ridge regression, for each penalty: inputs^T shares are the
    weights of inputs. `gram (N, N)` has the products of inputs."""
    root = np.sqrt(weights / weights.sum())[:, None]
    values, vectors = np.linalg.eigh(root * gram * root.T)
    values = np.maximum(values, 0)
    projected = vectors.T @ (root * y)
    unit = float(values.sum()) / len(gram)
    return [root * (vectors @ (projected / (values + ridge * unit + 1e-12)[:, None])) for ridge in _RIDGES]
