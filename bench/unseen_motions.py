"""Motion that nothing was tuned to: recorded files of people, and BVH files on bodies of many shapes, in two halves.

Files lie in the data folder (MINT_SHARED). A file belongs to *choose* or *judge* by a hash of its name, so that what is
learned from one half is told by other recordings on the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from learning_motions import body, mirror, on_body, write_amass
from someone import people
from trials import SHARED

from mint.retarget.subject import read_subject

DATASET = "MintUnseen"
BVH = SHARED / "motion" / "bvh"
# Rates that the notes of a file tell and its header does not [Hz].
RATES = {"CMU_salsa_60_10.bvh": 60.0}
# What a file shows, by how its name begins.
STRATA = {
    "BNR_dataset-1_kick": "kick",
    "BNR_dataset-1_run": "run",
    "BNR_dataset-1_walk": "walk",
    "BNR_dataset-2_walk-turn": "turn",
    "CMU_01_01": "jump and land",
    "CMU_salsa": "dance",
    "MASS_dance": "dance",
    "MASS_kick": "kick",
    "DJ1": "jump and land",
    "squats": "squat and lunge",
    "Run_": "run",
    "cmu_02_05": "upper body",
    "S00_P00": "on a beam",
}
# Shapes of `bench/learning_motions.py` that nothing was learned from.
FIRST_BODY = 101


@dataclass(frozen=True)
class Unseen:
    """A motion: its row of the sequence table, the name of its file, and what it shows."""

    row: dict[str, Any]
    file: str
    stratum: str

    @property
    def half(self) -> str:
        """`choose` or `judge`."""
        return ("choose", "judge")[sha256(self.file.encode()).digest()[0] % 2]

    @property
    def sequence(self) -> str:
        """Name in the sequence table."""
        return str(self.row["sequence_id"])


def stratum(file: str) -> str:
    """What a file shows: of people who are not named in the table it is walking."""
    return next((shown for start, shown in STRATA.items() if file.startswith(start)), "walk")


def unseen(folder: Path, models: Path, count: int) -> list[Unseen]:
    """All motions: people with their files, skeletons as they are, and on so many bodies in files below `folder`."""
    out = [
        Unseen(row, Path(row["path"]).name, stratum(Path(row["path"]).name)) for each in people() for row in each.rows()
    ]
    files = sorted(BVH.glob("*.bvh"))
    for path in files:
        row = {
            "sequence_id": path.stem,
            "path": path,
            "dataset": "bvh",
            "subject": path.stem,
            "frame_rate_override": RATES.get(path.name, ""),
        }
        out.append(Unseen(row, path.name, stratum(path.name)))
    for number in range(FIRST_BODY, FIRST_BODY + count):
        out += [
            Unseen(row, file, stratum(file))
            for file, row in _on_body(files, folder / "amass" / DATASET, models, number)
        ]
    return out


def _on_body(files: list[Path], folder: Path, models: Path, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of all skeletons on the body of a number; on every second one they are seen in a mirror."""
    own = body(number)
    subject = read_subject(models / own.gender / "model.npz", own.betas)
    for file in files:
        path = folder / own.name / f"{file.stem}_poses.npz"
        rate_hz, _, poses, trans = on_body(file, RATES.get(file.name), models, own, subject)
        if number % 2:
            poses, trans = mirror(poses, trans, subject.pelvis_smpl)
        write_amass(path, own, rate_hz, poses, trans)
        row = {"sequence_id": f"{own.name}_{file.stem}", "path": path, "dataset": DATASET, "subject": own.name}
        yield file.name, row
