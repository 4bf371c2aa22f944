"""Where the files of a subject's OpenSim project lie, and what they are called: folders and names as OpenCap has
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mint.core.chunks import Window

MODELS = "OpenSimData/Model"
GEOMETRY = "Geometry"
LEGS, WHOLE = "legs", "whole"


@dataclass(frozen=True)
class ModelFiles:
    """Files of one exported model: `part` is what it was solved for, the legs or the whole body with its trunk."""

    project: Path
    model: str
    part: str

    @property
    def stem(self) -> str:
        """Name of the model without `_scaled`."""
        return f"{self.model}_{self.part}"

    @property
    def osim(self) -> Path:
        """The model."""
        return self.project / MODELS / f"{self.stem}_scaled.osim"

    @property
    def rigid(self) -> Path:
        """The model with rigid tendons, for static optimization: it looks for an equilibrium of fibers and tendons
        before it starts, which slack muscles without passive force do not have."""
        return self.project / MODELS / f"{self.stem}_rigid_scaled.osim" if self.part == LEGS else self.osim

    @property
    def actuators(self) -> Path:
        """An actuator of unit strength on every coordinate, whose controls are the moments in `forces_<trial>`."""
        return self.project / MODELS / f"{self.stem}_actuators.xml"

    @property
    def reserves(self) -> Path:
        """Actuators for static optimization: cheap where the model has no muscles, dear where it has."""
        return self.project / MODELS / f"{self.stem}_reserves.xml"


@dataclass(frozen=True)
class TrialFiles:
    """Files of one trial: a sequence, or a stretch of it between gaps."""

    project: Path
    trial: str

    @property
    def kinematics(self) -> Path:
        """Coordinates of both models along the curves that were solved, in degrees."""
        return self.project / "OpenSimData/Kinematics" / f"{self.trial}.mot"

    @property
    def markers(self) -> Path:
        """Markers that inverse kinematics followed."""
        return self.project / "MarkerData" / f"{self.trial}.trc"

    @property
    def folder(self) -> Path:
        """Everything about forces."""
        return self.project / "OpenSimData/Dynamics" / self.trial

    def dynamics(self, kind: str, suffix: str = ".mot") -> Path:
        """`<kind>_<trial>.<suffix>` in the folder of forces."""
        return self.folder / f"{kind}_{self.trial}{suffix}"


def chunk_names(sequence: str, windows: Sequence[Window]) -> list[str]:
    """Names of chunks as trials of their own."""
    return [f"{sequence}_c{window.chunk:03d}" for window in windows]


def trial_names(sequence: str, stretches: int) -> list[str]:
    """Names of the stretches of a sequence: its own where it has no gap, else numbered from 1."""
    return [sequence] if stretches == 1 else [f"{sequence}_{i + 1}" for i in range(stretches)]
