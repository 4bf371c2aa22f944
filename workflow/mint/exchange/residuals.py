"""What the pelvis of an exported trial lacks: forces and moments that nothing exerts, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.exchange.solution import PartSolution
from mint.verify.leg_dynamics import PELVIS_ROTATIONS, PELVIS_TRANSLATIONS

Floats = NDArray[np.float64]

# Residuals should stay below 5 % of the largest external force (Hicks et al. 2015, J Biomech Eng 137:020905); body
# weight is what stands for it here.
LARGEST_SHARE = 0.05


@dataclass(frozen=True)
class Residuals:
    """Sizes of residual force N and moment N m `(n,)` at the pelvis by part of the project; `faded (n,)`: frames in
    which the motion goes over from one chunk to the next."""

    force_N: Mapping[str, Floats]
    moment_Nm: Mapping[str, Floats]
    faded: NDArray[np.bool_]
    weight_N: float

    def columns(self) -> dict[str, Floats]:
        """The table."""
        out: dict[str, Floats] = {}
        for part, force in self.force_N.items():
            out |= {
                f"{part}_force_N": force,
                f"{part}_force_percent_bw": 100.0 * force / self.weight_N,
                f"{part}_moment_Nm": self.moment_Nm[part],
            }
        return out | {"faded": self.faded.astype(float)}

    def record(self) -> dict[str, float | int]:
        """Largest forces, where one chunk alone counts and where two are faded, in N, and body weight."""
        out: dict[str, float | int] = {"weight_N": self.weight_N}
        for part, force in self.force_N.items():
            out[f"{part}_pelvis_residual_N"] = float(force[~self.faded].max(initial=0.0))
            out[f"{part}_pelvis_residual_in_fades_N"] = float(force[self.faded].max(initial=0.0))
        return out

    def warning(self, trial: str, part: str) -> str:
        """What to say about a part whose fades are beyond the limit; empty for none."""
        force = self.force_N[part]
        beyond = int(np.sum(self.faded & (force > LARGEST_SHARE * self.weight_N)))
        if not beyond:
            return ""
        largest = float(force[self.faded].max())
        return (
            f"{trial}: where chunks meet, the pelvis of model {part} lacks up to {largest:.0f} N "
            f"({100 * largest / self.weight_N:.0f} % of body weight), in {beyond} frames more than "
            f"{100 * LARGEST_SHARE:.0f} %: the trials of single chunks are as they were solved"
        )


def pelvis_residuals(
    solutions: Mapping[str, PartSolution], demands: Mapping[str, Floats], faded: NDArray[np.bool_], weight_N: float
) -> Residuals:
    """Residuals from the generalized forces `(n, u)` that each part's motion demands beyond its ground forces."""

    def size(part: str, names: tuple[str, ...]) -> Floats:
        columns = [solutions[part].order.index(name) for name in names]
        return np.asarray(np.linalg.norm(demands[part][:, columns], axis=1))

    return Residuals(
        {part: size(part, PELVIS_TRANSLATIONS) for part in solutions},
        {part: size(part, PELVIS_ROTATIONS) for part in solutions},
        faded,
        weight_N,
    )
