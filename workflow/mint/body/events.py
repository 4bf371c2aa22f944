"""What happens at one time of a motion, and no person does: jumps and standstills, for the chunks that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import time_s
from mint.core.status import Reason, StageError

Mask = NDArray[np.bool_]

_INSTANT_S = 0.1


@dataclass(frozen=True)
class Event:
    """From `start_s` to `stop_s` [s]: a reason's name, what was found, and whether it makes results wrong."""

    reason: str
    start_s: float
    stop_s: float
    detail: str
    refuses: bool

    @property
    def text(self) -> str:
        """One line for a person."""
        until = "" if self.stop_s - self.start_s < _INSTANT_S else f" to {self.stop_s:.2f}"
        return f"{self.reason} at {self.start_s:.2f}{until} s: {self.detail}"


def recorded(path: str, events: Sequence[Event], margin_s: float) -> dict[str, Any]:
    """What `body.npz` records of the events of a motion, for `check_window`."""
    return {"path": path, "events": [asdict(event) for event in events], "event_margin_s": margin_s}


def check_window(meta: Mapping[str, Any], window: tuple[int, int]) -> list[str]:
    """Names of what happens in frames `window` (first, last) at 50/s, for the flags of a chunk; `meta` of `body.npz`.

    Raises StageError for the first event that makes the chunk's result wrong; one as near as the recorded margin does
    too, for filters carry it into the window.
    """
    events = [Event(**each) for each in meta.get("events", [])]
    first, last, margin = time_s(window[0]), time_s(window[1]), float(meta.get("event_margin_s", 0.0))
    for event in events:
        if event.refuses and event.start_s <= last + margin and event.stop_s >= first - margin:
            raise StageError(
                Reason(event.reason), f"{meta.get('path')}: {event.text}", t_start_s=event.start_s, t_end_s=event.stop_s
            )
    inside = [event.reason for event in events if event.start_s <= last and event.stop_s >= first]
    return list(dict.fromkeys(inside))
