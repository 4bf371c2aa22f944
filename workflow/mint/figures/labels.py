"""Activities of sequences and of stretches of them, from BABEL's labels or, without these, from names of recordings."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from mint.core.chunks import FRAME_RATE_HZ
from mint.dataset.babel_labels import LABELS, groups
from mint.dataset.babel_record import FRAME
from mint.figures.data import Data

UNLABELLED = "no label"
OTHERS = "others"


def counted(labels: pd.DataFrame) -> pd.DataFrame:
    """The labels that statistics count, none twice; `activity` is the group of its first category.

    Of each sequence those of its first annotator: labels of intervals where there are any, else of the whole.
    `activity` is empty where BABEL does not publish categories (test split).
    """
    if not len(labels):
        return pd.DataFrame(columns=[*LABELS.names, "activity"])
    first = labels[labels["annotation"] == 0]
    framed = first.loc[first["level"] == FRAME, "sequence_id"].unique()
    used = first[(first["level"] == FRAME) | ~first["sequence_id"].isin(framed)]
    return used.assign(activity=[groups(given[:1])[0] if len(given) else "" for given in used["act_cat"]])


def by_frequency(names: list[str]) -> list[str]:
    """Distinct names, the most frequent first, equals by alphabet."""
    return [name for name, _ in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))]


def of_windows(data: Data, windows: pd.DataFrame, window_s: float) -> tuple[list[str], str]:
    """What each window of `window_s` seconds shows, and a sentence that says where that comes from.

    With labels: the activity that overlaps the window longest, `UNLABELLED` where none does. Without any label in the
    dataset: the name of the recording, for what a name says is all that is known.
    """
    labels = counted(data.labels)
    labels = labels[labels["activity"] != ""]
    if not len(labels):
        names = dict(zip(data.sequences["sequence_id"], data.sequences["sequence"], strict=True))
        return (
            [str(names[name]).removesuffix("_poses") for name in windows["sequence_id"]],
            "There are no labels: colours are names of recordings.",
        )
    by_sequence = {str(name): own for name, own in labels.groupby("sequence_id")}
    starts = zip(windows["sequence_id"], windows["start_frame"] / FRAME_RATE_HZ, strict=True)
    found = [
        _longest(by_sequence[name], start, start + window_s) if name in by_sequence else UNLABELLED
        for name, start in starts
    ]
    return found, "Colours are groups of BABEL's action categories: the one that overlaps the window longest."


def _longest(labels: pd.DataFrame, start_s: float, stop_s: float) -> str:
    overlap = labels["t_end_s"].clip(upper=stop_s) - labels["t_start_s"].clip(lower=start_s)
    seconds = overlap.clip(lower=0).groupby(labels["activity"]).sum()
    return str(seconds.idxmax()) if seconds.max() > 0 else UNLABELLED


def limited(names: list[str], most: int) -> list[str]:
    """The names with all but the `most` most frequent ones replaced by `OTHERS`; `UNLABELLED` stays."""
    kept = {*by_frequency([name for name in names if name != UNLABELLED])[:most], UNLABELLED}
    return [name if name in kept else OTHERS for name in names]
