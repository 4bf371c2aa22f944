"""The frame rate that the laws of motion ask for, where feet on the floor carry the body.

Seen at the wrong rate a body accelerates by the square of the factor too much or too little, while weight and the
places of feet and centre of mass stay. Walking is an inverted pendulum that falls from foot to foot: only at the true
rate does the ground force of every step pass through the sole that stands.

A slower replay always moves that force towards the point below the centre of mass, whatever carries the body: that it
fits better is no evidence. A slower rate counts only where it is bounded from below too, where the same motion slower
still would hang beyond the soles, as a fall from foot to foot does and standing, squatting or balancing do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.support.assess import frames_of
from mint.support.balance import Motion, excess
from mint.support.feet import Soles

Array = np.ndarray[Any, Any]

# Flag of a chunk whose frame rate may be another one.
RATE_DOUBTFUL = "frame_rate_doubtful"
# Factors that are tried. A rate that is off by less than 1.4, that is by four steps, cannot be told from inaccurate
# centres of mass.
_STEPS = 4
_FASTER = 2.0 ** np.arange(_STEPS / 8, 2.01, 0.125)
_SLOWER = 1 / _FASTER
# And factors that bound the slowest of these from below.
_STILL_SLOWER = 2.0 ** -np.arange(2.125, 3.01, 0.125)
# What fits as well as the best factor: this many times its distance, or this much farther (m).
_AS_GOOD, _AS_NEAR_M = 1.2, 0.002


@dataclass(frozen=True)
class RateEvidence:
    """The motion fits `factor` times the stated rate: `beyond_m` outside the soles as stated, `fitted_m` so.

    `sure` is false for what is worth a flag only.
    """

    factor: float
    beyond_m: float
    fitted_m: float
    sure: bool = True


@dataclass(frozen=True)
class Standing:
    """A motion with its `soles`, heights `feet (n,2)` m and the velocity `floor (3,)` m/s of what they stand on."""

    motion: Motion
    soles: Soles
    feet: Array
    floor: Array
    config: SupportConfig

    def beyond(self, factor: float) -> Array | None:
        """Moment beyond the standing soles over body weight (m,) m at `factor` times the stated rate.

        A foot stands that is low, and slow at that rate. None if too few frames have one.
        """
        velocity = self.soles.loaded_velocity() - self.floor
        speed = factor * np.linalg.norm(velocity[..., [0, 2]], axis=2)
        with np.errstate(invalid="ignore"):
            stands = (self.feet <= self.config.airborne_height_m) & (speed < self.config.rate_stance_speed_m_s)
        frames = stands.any(axis=1)
        if frames.sum() < frames_of(self.config.rate_time_s):
            return None
        values, _ = excess(self.motion.at_rate(factor), self.soles.flat, self.soles.of_feet(stands))
        return np.asarray(values[frames])


def wrong_rate(standing: Standing) -> RateEvidence | None:
    """Evidence that the true frame rate is another one, or None.

    Too fast, every frame is off: the median, which is blind to the violent instants of true motions. Too slow, only
    the ends of each step are, where the body hangs beyond the toes: the mean.
    """
    config = standing.config
    stated = standing.beyond(1.0)
    if stated is None:
        return None
    # Almost anything balances if it is slow enough; what fits only if it is faster says more.
    faster = _better(standing, stated, _FASTER, np.mean, config.rate_slow_m, config.rate_slow_share)
    if faster is not None:
        return faster
    slower = _better(standing, stated, _SLOWER, np.median, config.rate_fast_m, config.rate_fast_share)
    if slower is not None and _bounded(standing):
        return slower
    doubt = slower or _better(standing, stated, _SLOWER, np.mean, config.rate_slow_m, config.rate_doubt_share)
    return replace(doubt, sure=False) if doubt else None


def _bounded(standing: Standing) -> bool:
    """Whether the motion, slower than it fits best, contradicts gravity as that of a file with too low a rate does.

    In the mean, which sees the ends of steps, or the median: at a rate that is far too high violent instants, such as
    blows of the heel, fill the mean at every rate.
    """
    config = standing.config
    tried = [standing.beyond(float(factor)) for factor in (*_SLOWER, *_STILL_SLOWER)]
    for average in (np.mean, np.median):
        values = _averages(tried, average)
        best = int(np.argmin(values[: len(_SLOWER)]))
        slower = values[best + _STEPS :]
        worst = float(slower[np.isfinite(slower)].max(initial=0.0))
        if worst >= config.rate_slow_m and float(values[best]) <= config.rate_slow_share * worst:
            return True
    return False


def _averages(tried: Sequence[Array | None], average: Callable[[Array], Any]) -> Array:
    """Average moment beyond the soles of each (k,) m; infinite where too few frames have a standing foot."""
    return np.array([np.inf if each is None else float(average(each)) for each in tried])


def _better(
    standing: Standing, stated: Array, factors: Array, average: Callable[[Array], Any], least_m: float, share: float
) -> RateEvidence | None:
    """The factor that fits best, if the motion is `least_m` off as stated and at most `share` of that so."""
    beyond = float(average(stated))
    if beyond < least_m:
        return None
    values = _averages([standing.beyond(float(factor)) for factor in factors], average)
    best = float(values.min())
    if not best <= share * beyond:
        return None
    # Slow enough, everything balances: the middle of what fits as well as the best, on a scale of ratios.
    alike = values <= max(_AS_GOOD * best, best + _AS_NEAR_M)
    return RateEvidence(float(np.exp(np.mean(np.log(factors[alike])))), beyond, best)
