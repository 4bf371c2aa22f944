"""Is the frame rate of a recorded skeleton the true one? Told by the moments that its feet would have to give.

Seen too fast, a body accelerates by the square of the factor too much, and the ground force leaves the soles. Stage
support asks the same of every chunk, with a model of the person's own, and decides; here it is a doubt.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mint.retarget.balance import balance
from mint.retarget.pose import BodyMotion, cut
from mint.retarget.subject import Subject

# As section `support`: the median beyond the soles [m] from which a rate may be too high, and the share that it shrinks
# to at a lower one.
_BEYOND_M, _SHARE = 0.05, 0.34
_SLOWER = 2.0 ** -np.arange(0.5, 2.01, 0.25)
_AS_GOOD, _AS_NEAR_M = 1.2, 0.002
_LEAST_FRAMES, _MOST_FRAMES = 20, 3000


def doubtful_rate(body: BodyMotion, subject: Subject, floor_m: float) -> tuple[float, float, float] | None:
    """The rate [Hz] that the feet ask for, and the median moment beyond the soles over body weight [m] at both rates.

    None if the stated rate is as good. A long motion is asked in its middle.
    """
    middle = max(body.frames - _MOST_FRAMES, 0) // 2
    body = cut(body, middle, middle + _MOST_FRAMES)

    def beyond(factor: float) -> float:
        state = balance(replace(body, rate_hz=body.rate_hz * factor), subject, floor_m)
        return float(np.median(state.outside_m[state.loaded])) if state.loaded.sum() >= _LEAST_FRAMES else 0.0

    stated = beyond(1.0)
    if stated < _BEYOND_M:
        return None
    tried = np.array([beyond(float(factor)) for factor in _SLOWER])
    best = float(tried.min())
    if best > _SHARE * stated:
        return None
    alike = tried <= max(_AS_GOOD * best, best + _AS_NEAR_M)
    return body.rate_hz * float(np.exp(np.mean(np.log(_SLOWER[alike])))), stated, best
