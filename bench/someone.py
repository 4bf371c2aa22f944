"""People whose markers come without a marker set: files, masses, published angles. They lie in the data folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trials import MOCO_WALK, OPENCAP, SHARED, STANDARD_GRAVITY

MOTION = SHARED / "motion"
# Mass where neither the file nor its source tells one, kg: marker errors and angles do not depend on it.
UNKNOWN_KG = 70.0
# What the treadmill's plates carry on average over whole strides at the slowest speed, over standard gravity.
HAMNER_KG = {"subject01": 73.1, "subject02": 77.4, "subject04": 81.6, "subject08": 81.5, "subject11": 71.0}
# Mass of the published model; the vertical force of the published inverse dynamics and of the plates together has a
# mean of 63.3 kg over gait_14.
FALISSE_KG = 62.0
# Mass of the published model.
MOCO_WALK_KG = 85.2698
# Forces follow what the markers' accelerations ask for by 5 to 25 ms in all twenty trials, median 15
# (docs/validation/people.md).
SCHREIBER_LATE_S = 0.015


# Tables of forces and of muscle activity beside a motion file that holds neither.
FORCES = ("{stem}_grf.mot", "GRF_{stem}.mot", "grf_walk.mot")
EMG = ("{stem}_emg.sto", "electromyography.sto")


def beside(trial: Path, names: tuple[str, ...]) -> Path | None:
    """The first of some files that lies beside a motion file."""
    if trial.suffix == ".c3d":
        return None
    return next((path for name in names if (path := trial.with_name(name.format(stem=trial.stem))).is_file()), None)


@dataclass(frozen=True)
class Someone:
    """One person of a collection: trials, static trial, the vertical axis of the files, mass (None: the files tell it),
    published angles with their model, and by how much the clock of the plates is behind that of the markers."""

    collection: str
    name: str
    trials: tuple[Path, ...]
    static: Path | None = None
    up_axis: str = "y"
    mass_kg: float | None = UNKNOWN_KG
    angles: tuple[Path, ...] = ()
    model: Path | None = None
    plates_late_s: float = 0.0

    @property
    def half(self) -> str:
        """`choose` or `judge`, by a hash of the name: priors and weights may be chosen on one half only."""
        digest = hashlib.sha256(f"{self.collection}/{self.name}".encode()).digest()
        return ("choose", "judge")[digest[0] % 2]

    @property
    def person(self) -> str:
        """Name of the person among all."""
        return f"{self.collection}/{self.name}"

    def sequence(self, trial: Path) -> str:
        """Name of a trial in the sequence table."""
        return f"{self.collection}_{self.name}_{trial.stem}"

    def rows(self) -> list[dict[str, Any]]:
        """Rows of the sequence table: what a user knows who has these files and no marker set."""
        return [
            {
                "sequence_id": self.sequence(trial),
                "path": trial,
                "dataset": self.collection,
                "subject": self.name,
                "mass_kg": "" if self.mass_kg is None else f"{self.mass_kg:.3f}",
                "static_path": self.static or "",
                "forces_path": beside(trial, FORCES) or "",
                "emg_path": beside(trial, EMG) or "",
                "emg_side": "r",
            }
            for trial in self.trials
        ]


def people(names: list[str] | None = None) -> list[Someone]:
    """All of them, or those of some collections, or single ones (`collection/name`), in the order of the names."""
    everybody = _everybody()
    if not names:
        return everybody
    found = [each for name in names for each in everybody if name in (each.collection, each.person)]
    return list({each.person: each for each in found}.values())


def _everybody() -> list[Someone]:
    out = []
    for folder in sorted((MOTION / "schreiber2019").iterdir()):
        out.append(
            Someone(
                "schreiber2019",
                folder.name,
                tuple(sorted(folder.glob("*_C?_*.c3d"))),
                folder / f"{folder.name}_ST.c3d",
                "z",
                None,
                plates_late_s=SCHREIBER_LATE_S,
            )
        )
    for folder in sorted((MOTION / "hamner2013").iterdir()):
        out.append(
            Someone(
                "hamner2013",
                folder.name,
                tuple(sorted(folder.glob("Run_?.trc"))),
                folder / "static.trc",
                mass_kg=HAMNER_KG[folder.name],
            )
        )
    falisse = MOTION / "falisse2019"
    out.append(
        Someone(
            "falisse2019",
            "subject",
            tuple(sorted(falisse.glob("gait_*.trc"))),
            falisse / "static.trc",
            mass_kg=FALISSE_KG,
        )
    )
    out.append(
        Someone(
            "opencap",
            "subject4",
            tuple(OPENCAP / f"{name}.trc" for name in ("walking1", "squats1", "DJ1")),
            OPENCAP / "static1.trc",
            mass_kg=589 / STANDARD_GRAVITY,
            angles=tuple(OPENCAP / f"{name}_ik.mot" for name in ("walking1", "squats1", "DJ1")),
            model=OPENCAP / "optimized_scale_and_markers.osim",
        )
    )
    out.append(Someone("moco_walk", "walk", (MOCO_WALK / "markers_walk.trc",), mass_kg=MOCO_WALK_KG))
    out.append(Someone("cmu", "02", (MOTION / "cmu_02_05.c3d",), None, "z"))
    video = MOTION / "pose2sim_video"
    for suffix in ("_LSTM", ""):
        ends = f"_filt_butterworth{suffix}.trc"
        kind = "augmented" if suffix else "key_points"
        out.append(
            Someone(
                "pose2sim_video",
                f"P0_{kind}",
                (video / f"S00_P00_T01_BalancingTrial_0-100{ends}",),
                video / f"S00_P00_T00_StaticTrial_0-12{ends}",
            )
        )
        out.append(
            Someone(
                "pose2sim_video",
                f"P1_{kind}",
                (video / f"S00_P01_T02_Participants1-2_P1_0-100{ends}",),
                video / f"S00_P01_T00_StaticTrialParticipant1_0-12{ends}",
            )
        )
    return out
