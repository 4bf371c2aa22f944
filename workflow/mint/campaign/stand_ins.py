"""Stand-ins for a dataset's motion files: what planning reads of them, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mint.core.atomic import write_text

RATE_HZ = 60.0
_COLUMNS = ("sequence_id", "source", "path", "dataset", "subject", "gender")


def write_stand_ins(folder: Path, subjects: Sequence[int], frames: Sequence[int]) -> Path:
    """One file for each sequence, of a subject's number and with a number of frames at 60/s; the path of their table.

    Poses are zeros of one byte each, compressed, for planning looks at their size alone; the root walks on a circle, so
    that costs can be predicted.
    """
    rows = ["\t".join(_COLUMNS)]
    for number, (subject, count) in enumerate(zip(subjects, frames, strict=True)):
        path = folder / f"subject{subject:04d}" / f"motion{number:05d}_poses.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("poses.npy", _array(np.zeros((count, 156), np.int8)), zipfile.ZIP_DEFLATED, 1)
            archive.writestr("trans.npy", _array(_circle(count, 0.5 + number % 7 / 3)))
            archive.writestr("betas.npy", _array(np.zeros(16)))
            archive.writestr("mocap_framerate.npy", _array(np.array(RATE_HZ)))
        rows.append("\t".join([f"motion{number:05d}", "amass", str(path), "StandIn", path.parent.name, "neutral"]))
    table = folder / "sequences.tsv"
    write_text(table, "\n".join(rows) + "\n")
    return table


def _circle(count: int, speed_m_s: float) -> np.ndarray:
    angle = np.arange(count) / RATE_HZ * speed_m_s
    return np.stack([np.cos(angle), np.sin(angle), np.ones(count)], axis=1).astype(np.float32)


def _array(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    return out.getvalue()
