"""Limits that the trajectory optimization keeps: those of the verification, less a margin."""

from __future__ import annotations

from mint.config.base import Section
from mint.config.verify import SolutionLimits


class KeptBelow(Section):
    """What solutions may be off by the limits of section `verify`.

    Constraints hold to a tolerance, and OpenSim judges a solution by kinematics of its own: one that went to the limit
    would be discarded now and then. Margins are shares, so that they go along with a limit that a project changes.
    """

    verified: SolutionLimits = SolutionLimits()

    @property
    def max_deviation_deg(self) -> float:
        """Largest deviation of a tracked angle: 9 of 10 degrees; coefficients of the splines are bounded by it."""
        return 0.9 * self.verified.tracking_max_deg

    @property
    def accept_rms_deg(self) -> float:
        """Largest root mean square deviation of a tracked angle: 2.8 of 3 degrees."""
        return 14 / 15 * self.verified.tracking_rms_deg

    @property
    def accept_rms_m(self) -> float:
        """The same of a translation: 1.9 of 2 cm."""
        return 0.95 * self.verified.tracking_rms_m

    @property
    def penetration_soft_m(self) -> float:
        """Sphere penetration from which it is penalised: 2.7 of 3 cm."""
        return 0.9 * self.verified.penetration_m

    @property
    def penetration_max_m(self) -> float:
        """Largest sphere penetration: 2.95 of 3 cm."""
        return 59 / 60 * self.verified.penetration_m

    @property
    def reserve_limit_percent(self) -> float:
        """Limit of reserves where they are limited: 4 of 5 % of the coordinate's peak moment in the motion an attempt
        starts from, which changes. With ten times the weight instead, three kicks kept 7 to 34 %."""
        return 0.8 * self.verified.reserve_percent

    @property
    def accept_reserve_percent(self) -> float:
        """Largest reserve that is left as it is: 4.5 of 5 % of the coordinate's peak moment."""
        return 0.9 * self.verified.reserve_percent

    @property
    def weak_reserve_percent(self) -> float:
        """Reserve that is named as a weakness: 3.5 of 5 % of the coordinate's peak moment."""
        return 0.7 * self.verified.reserve_percent
