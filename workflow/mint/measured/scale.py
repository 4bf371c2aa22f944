"""Stage emg_scale: envelopes of all sequences of a person go in; the maximum of each channel comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import StageError, StageStatus

STAGE = "emg_scale"


def run(measured: Sequence[str | Path], output: str | Path, *, given: Mapping[str, float] | None = None) -> Bundle:
    """Write `emg.npz`: `channels (C,)`, `maximum_V (C,)` in the unit of the envelopes, meta `how` by channel.

    The maximum of a channel is that of its envelope over all sequences of the person in which it has no flag, or the
    one that the sequence table gives (`emg_maximum`), such as of a maximal contraction. Sequences that failed are left
    out. Nothing is raised.
    """
    largest: dict[str, float] = {}
    used: dict[str, int] = {}
    warnings = []
    for path in measured:
        try:
            bundle = Bundle.read(path)
        except StageError as error:
            warnings.append(f"maxima of EMG: {error.detail}")
            continue
        if not bundle.ok:
            continue
        channels, flags = bundle.names("emg_channels"), bundle.names("emg_flag")
        for name, why, values in zip(channels, flags, bundle["emg_envelope_V"], strict=True):
            if not why and len(values) and (top := float(np.max(values))) > 0:
                largest[name] = max(largest.get(name, 0.0), top)
                used[name] = used.get(name, 0) + 1
    how = {name: f"largest of {used[name]} sequences" for name in largest}
    for name, value in (given or {}).items():
        if name in largest:
            if value < largest[name]:
                warnings.append(f"emg_maximum of {name} is {value:.4g}, its envelope reaches {largest[name]:.4g}")
            largest[name], how[name] = float(value), "given"
        else:
            warnings.append(f"emg_maximum names {name}, which no sequence of the person has")
    names = sorted(largest)
    arrays = {
        "channels": np.asarray(names, dtype=np.str_),
        "maximum_V": np.array([largest[name] for name in names], dtype=float),
    }
    bundle = Bundle(StageStatus(STAGE, warnings=tuple(warnings)), arrays, {"how": {name: how[name] for name in names}})
    bundle.write(output)
    return bundle
