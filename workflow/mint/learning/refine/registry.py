"""All ways of refining, in the order of tables."""

from __future__ import annotations

from mint.config.refine import RefineConfig
from mint.learning.refine.controls import GainDelay, MeanEmg, PacedEmg, Ridge, Simulation
from mint.learning.refine.convolution import Convolution
from mint.learning.refine.method import Method
from mint.learning.refine.stdr import AllEntire, OneEntire, OneQuarter

METHODS: dict[str, type[Method]] = {
    each.name: each
    for each in (Simulation, GainDelay, MeanEmg, PacedEmg, Ridge, Convolution, OneQuarter, OneEntire, AllEntire)
}
CONDITIONS = (OneQuarter.name, OneEntire.name, AllEntire.name)


def method(name: str, config: RefineConfig) -> Method:
    """A method that has learned nothing yet. Raises KeyError for an unknown name."""
    return METHODS[name](config)
