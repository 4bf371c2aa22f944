"""What `mint solve` gives the workflow, and what it tells of the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mint.body.list_amass import table_text
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.status import StageError, Status
from mint.support.assess import GRAVITY_M_S2


def write_table(path: Path, row: Mapping[str, Any]) -> None:
    """A table of sequences with one row; what is None is left out."""
    cells = {name: str(value) for name, value in row.items() if value is not None}
    write_text(path, table_text([cells], list(cells)))


def own_settings(folder: Path, model: str | None) -> dict[str, str]:
    """Settings of a project in a folder of its own, without labels."""
    out = {"sequences": str(folder / "sequences.tsv"), "results": str(folder / "results"), "babel": "{folder: ''}"}
    return out | ({"model": model} if model else {})


def summary(results: Path, sequence: str) -> tuple[list[str], int]:
    """Lines for a person about a sequence, and how many of its chunks were accepted."""
    rows = pd.read_parquet(results / "ledger.parquet")
    accepted = int((rows["status"] == Status.ACCEPTED).sum())
    lines = [f"{sequence}: {accepted} of {len(rows)} chunks accepted"]
    others = rows[rows["status"] != Status.ACCEPTED]
    told = Counter(zip(others["status"], others["reason"], others["detail"], others["remedy"], strict=True))
    for (status, reason, detail, remedy), count in told.most_common():
        lines.append(f"  {count} {status}: {reason}: {detail}")
        if remedy:
            lines.append(f"    {remedy}")
    merged = results / "sequences" / sequence / "sequence.npz"
    if (person := person_of(merged)) is not None:
        lines.append("  body: {:.1f} kg, {:.2f} m, as stated or else estimated".format(*person))
    if accepted and (peak := peak_force(merged)) is not None:
        lines.append("  both feet together: at most {:.0f} N upwards, {:.2f} times body weight".format(*peak))
    return lines + doubts(results / "dataset"), accepted


def doubts(dataset: Path) -> list[str]:
    """Lines on faults of accepted chunks, and on warnings about the sequence; none where there is no dataset."""
    try:
        chunks = pd.read_parquet(dataset / "quality_chunks.parquet")
        sequences = pd.read_parquet(dataset / "quality_sequences.parquet")
    except FileNotFoundError:
        return []
    good, wanted = chunks[chunks["status"] == Status.ACCEPTED], ("chunk", "t_start_s", "t_stop_s", "faults")
    lines = [
        f"  faults of chunk {chunk} ({start_s:.2f} to {stop_s:.2f} s): {', '.join(faults)}"
        for chunk, start_s, stop_s, faults in zip(*(good[name].tolist() for name in wanted), strict=True)
        if len(faults)
    ]
    return lines + [f"  warning: {text}" for texts in sequences["warnings"] for text in texts]


def person_of(path: Path) -> tuple[float, float] | None:
    """Mass [kg] and stature [m] that a sequence was solved with; None where that is not known."""
    try:
        meta = Bundle.read(path).meta
        return float(meta["mass_kg"]), float(meta["stature_m"])
    except (StageError, KeyError, TypeError):
        return None


def peak_force(path: Path) -> tuple[float, float] | None:
    """Largest vertical ground force of both feet together [N], and over body weight; None where there is none."""
    try:
        merged = Bundle.read(path)
        columns = [str(name) for name in merged.meta["grf_columns"]]
        vertical = merged["grf"][:, [i for i, name in enumerate(columns) if name.endswith("_vy")]].sum(axis=1)
        mass_kg = float(merged.meta["mass_kg"])
    except (StageError, KeyError, TypeError):
        return None
    force_N = float(np.nanmax(vertical, initial=0.0))
    return force_N, force_N / (mass_kg * GRAVITY_M_S2)
