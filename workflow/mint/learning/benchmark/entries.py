"""Who is trained, and how: the published networks as published, ours, and ours without each of its choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mint.learning.benchmark.loop import Optimizer
from mint.learning.benchmark.losses import Loss
from mint.learning.benchmark.names import NETWORK_TITLES, OURS, TRANSFORMER


@dataclass(frozen=True)
class Entry:
    """A network and how it is trained: which network, which features it sees, loss, optimizer, whether motions are also
    shown mirrored, and settings of the network."""

    name: str
    network: str
    features: str
    loss: Loss
    optimizer: Optimizer
    mirrored: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


# As published: Schneider et al. 2024 (Muscles in Time), section 4.1 and table 2.
_PUBLISHED = [
    Entry(name, name, "humanml3d", Loss(published=True), Optimizer()) for name in NETWORK_TITLES if name != OURS
]
_OURS = Entry(
    OURS,
    OURS,
    "gravity",
    Loss(correlation=0.5, difference=0.5),
    Optimizer(2e-3, (0.9, 0.99), 0.01, cosine=True, largest_gradient=1.0),
    mirrored=True,
)
_ABLATIONS = [
    replace(_OURS, name="ours-humanml3d", features="humanml3d"),
    replace(_OURS, name="ours-smooth_l1", loss=Loss(published=True)),
    replace(_OURS, name="ours-unscaled", loss=replace(_OURS.loss, scaled=False)),
    replace(_OURS, name="ours-no_correlation", loss=replace(_OURS.loss, correlation=0.0)),
    replace(_OURS, name="ours-no_difference", loss=replace(_OURS.loss, difference=0.0)),
    replace(_OURS, name="ours-unbounded", settings={"bounded": False}),
    replace(_OURS, name="ours-not_mirrored", mirrored=False),
    replace(_OURS, name="ours-published_rate", optimizer=Optimizer()),
    # A control: the published network with all that is ours but the network. So deep and with the norm last it needs a
    # smaller rate.
    replace(_OURS, name="ours-transformer", network=TRANSFORMER, optimizer=replace(_OURS.optimizer, rate=5e-4)),
]
ENTRIES: dict[str, Entry] = {each.name: each for each in (*_PUBLISHED, _OURS, *_ABLATIONS)}
