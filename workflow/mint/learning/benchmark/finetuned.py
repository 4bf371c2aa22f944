"""Fine-tuning on measured EMG in tables and words: rows, and what page and text show of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import REMEDY
from mint.learning.benchmark.names import HOW_TITLES, MEAN_EMG, MIA, title_of
from mint.learning.scores import OVERALL

Row = Mapping[str, Any]
# Schneider et al. 2024, table 6, overall: RMSE in raw units, PCC (28/27 too large), SMAPE.
PUBLISHED = {"outer": (15.15, 0.21, 41.6), "all": (15.11, 0.27, 37.0)}
_NUMBERS = ("rmse", "pcc", "smape")


def read_finetuned(paths: Sequence[str | Path]) -> dict[str, Bundle]:
    """Bundles of rule finetune by entry."""
    return {Path(path).stem: Bundle.read(path) for path in paths}


def finetuned_rows(bundles: Mapping[str, Bundle]) -> list[dict[str, Any]]:
    """Rows of table `finetuned`."""
    return [
        {
            "entry": entry,
            "how": how,
            "exercise": "" if exercise == OVERALL else exercise,
            **{name: score[name] if np.isfinite(score[name]) else None for name in _NUMBERS},
            "windows": score["windows"],
            "trained_parameters": bundle.meta["trained"][how],
        }
        for entry, bundle in bundles.items()
        if bundle.ok
        for how in HOW_TITLES
        for exercise, score in bundle.meta["scores"][how].items()
    ]


def finetuned_facts(bundles: Mapping[str, Bundle]) -> dict[str, Any]:
    """What was fine-tuned on, for `benchmark.json`: `why` it was not, else source, windows and people; {} where nobody
    asked."""
    for bundle in bundles.values():
        if not bundle.ok:
            status = bundle.status
            return {"why": f"{status.detail}. Remedy: {status.remedy or REMEDY[status.reason]}"}
    for bundle in bundles.values():
        people = bundle.meta["people"]
        return {
            "why": "",
            **{key: bundle.meta[key] for key in ("source", "windows", "people", "epochs", "refused")},
            "channels": bundle.names("channels"),
            "in_both": sorted(set(people["train"]) & set(people["test"])),
        }
    return {}


def overall(rows: Sequence[Row], facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of all windows with titles: the floor once, each network, and the paper's where the data are its own."""
    floor = [row for row in rows if row["how"] == MEAN_EMG and not row["exercise"]][:1]
    out = [{**row, "title": HOW_TITLES[MEAN_EMG]} for row in floor]
    out += [
        {**row, "title": f"{title_of(row['entry'])}, {HOW_TITLES[row['how']]}"}
        for row in rows
        if row["how"] != MEAN_EMG and not row["exercise"]
    ]
    if facts.get("source") == MIA:
        out += [
            {
                **dict(zip(_NUMBERS, numbers, strict=True)),
                "trained_parameters": 0,
                "how": how,
                "title": f"the paper's transformer, {HOW_TITLES[how]}",
            }
            for how, numbers in PUBLISHED.items()
        ]
    return out


def by_exercise(rows: Sequence[Row]) -> list[tuple[str, int, list[tuple[str, Row]]]]:
    """Of each exercise its name, windows, and rows with titles: the floor once, then each network."""
    names = sorted({str(row["exercise"]) for row in rows} - {""})
    return [
        (
            name,
            own[0]["windows"],
            [(each["title"], each) for each in overall([{**row, "exercise": ""} for row in own], {})],
        )
        for name in names
        for own in [[row for row in rows if row["exercise"] == name]]
    ]


def told_of(facts: Mapping[str, Any]) -> str:
    """The data in a paragraph."""
    people, windows = facts["people"], facts["windows"]
    source = "Muscles in Action" if facts["source"] == MIA else "people of the dataset"
    both = f"people in both parts: {len(facts['in_both'])}"
    unit = (
        "raw units of its EMG, which it does not state"
        if facts["source"] == MIA
        else "shares of a person's largest envelope"
    )
    refused = facts["refused"]
    left = f" {len(refused)} samples could not be read, the first: {refused[0]}." if refused else ""
    return (
        f"EMG of {source}: {len(facts['channels'])} channels, {windows['train']} windows of {len(people['train'])} "
        f"people to learn from, {windows['test']} of {len(people['test'])} to judge by; {both}. "
        f"{facts['epochs']} epochs. RMSE in {unit}.{left}"
    )
