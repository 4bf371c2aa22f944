"""The measured trials: markers, subject and recorded forces. They lie in the data folder (MINT_SHARED)."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.motionfiles import read_storage

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("MINT_SHARED", ROOT.parent / "shared"))
STANDARD_GRAVITY = 9.80665
OPENCAP = SHARED / "motion" / "opencap_subject4"
MOCO_WALK = SHARED / "motion" / "moco_walk"


@dataclass(frozen=True)
class Trial:
    """One trial. `feet` names the force columns: right and left foot, or plates in the order of the walkway."""

    name: str
    markers: Path
    forces: Path
    feet: tuple[str, str]
    dataset: str
    subject: str
    marker_set: str
    mass_kg: float
    static: Path | None = None
    # While every foot on the floor stands on a plate, s.
    measured_s: tuple[float, float] = (-np.inf, np.inf)

    @property
    def weight_N(self) -> float:
        """What forces are divided by, whatever mass a run gives the subject: an error never looks smaller by it."""
        return self.mass_kg * STANDARD_GRAVITY

    def row(self, sequence: str, subject: str = "", mass_kg: float | None = None) -> dict[str, Any]:
        """A row of the sequence table; by default this trial's subject with its mass."""
        return {
            "sequence_id": sequence,
            "source": "trc",
            "path": self.markers,
            "dataset": self.dataset,
            "subject": subject or self.subject,
            "mass_kg": f"{mass_kg or self.mass_kg:.3f}",
            "static_path": self.static or "",
            "marker_set": self.marker_set,
        }

    def plate_force(self, time_s: np.ndarray, axis: str = "y") -> np.ndarray:
        """Force (n, 2) N along an axis of ground (x forward, y up) at `time_s (n,)`, in the order of `feet`."""
        time, columns, values = _table(self.forces)
        feet = [values[:, columns.index(f"ground_force_{foot}_v{axis}")] for foot in self.feet]
        return np.stack([np.interp(time_s, time, foot) for foot in feet], axis=1)

    def measured(self, time_s: np.ndarray) -> np.ndarray:
        """Which instants (n,) bool the plates tell all of."""
        return (time_s >= self.measured_s[0] - 1e-9) & (time_s <= self.measured_s[1] + 1e-9)


@cache
def _table(path: Path) -> tuple[np.ndarray, list[str], np.ndarray]:
    return read_storage(path)[:3]


def model_mass_kg(osim: Path) -> float:
    """Sum of the body masses of a published model."""
    root = ElementTree.parse(osim).getroot()
    return sum(float(body.findtext("mass", "0")) for body in root.iter("Body"))


def _opencap(name: str) -> Trial:
    # Body weight over standard gravity, from the force plates in the static trial.
    return Trial(
        name,
        OPENCAP / f"{name}.trc",
        OPENCAP / f"{name}_grf.mot",
        ("1", "2"),
        "OpenCap",
        "subject4",
        "opencap_vicon",
        589 / STANDARD_GRAVITY,
        OPENCAP / "static1.trc",
    )


TRIALS = {name: _opencap(name) for name in ("walking1", "squats1", "static1", "DJ1")}
# Mass of the published model, 85.27 kg; over the stride from 0.836 to 1.980 s the plates carry 85.0 kg on average. The
# plates catch three steps: before 0.45 s and after 1.98 s the other foot stands beside them. The published inverse
# dynamics with these forces ends at 1.79 s, hence the window.
TRIALS["moco_walk"] = Trial(
    "moco_walk",
    MOCO_WALK / "markers_walk.trc",
    MOCO_WALK / "grf_walk.mot",
    ("r", "l"),
    "Rajagopal2016",
    "walk",
    "rajagopal2016",
    85.2698,
    measured_s=(0.46, 1.78),
)
