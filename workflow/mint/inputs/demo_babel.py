"""Labels of the embedded motions in BABEL's format: our own content, so that the demo shows what BABEL adds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from mint.core.atomic import write_text
from mint.core.tables import table
from mint.inputs.demo_motion import DATASET, Recipe, recipes

# BABEL's own numbers end below 14,000.
FIRST_SID = 1_000_000
STAND = {"raw_label": "standing still", "proc_label": "stand", "act_cat": ["stand"]}
# Split by subject, but for two clips of a test split, whose labels BABEL does not publish.
_SPLITS = {"demo_f": "train", "demo_m": "val"}
_TEST = ("dance_a", "dance_b")


def build(facts: pd.DataFrame, files: Iterable[str | Path]) -> None:
    """Write label files of the embedded motions: `{train,val,test,extra_train,extra_val}.json`, as their names say.

    `facts` is the table that belongs to the motions (`demo_motion.csv`). Clips that were extended by a quiet stand have
    labels of intervals too, in which the stand includes its blend into the clip. The extra files have the labels of a
    second annotator, lists under plural names.
    """
    records: dict[str, dict[str, Any]] = {"train": {}, "val": {}, "test": {}}
    extra: dict[str, dict[str, Any]] = {"train": {}, "val": {}}
    labels = table("demo_labels").fillna("").set_index("clip")
    recipe = {each.clip: each for each in recipes()}
    for number, fact in enumerate(facts.to_dict("records"), start=FIRST_SID):
        subject, clip = str(fact["subject"]), str(fact["clip"])
        split = "test" if subject == "demo_m" and clip in _TEST else _SPLITS[subject]
        words, second = labels.loc[clip], str(labels.loc[clip, "second_label"])
        action = {
            "raw_label": words["raw_label"],
            "proc_label": words["proc_label"],
            "act_cat": words["act_cat"].split(";"),
        }
        parts = list(intervals(recipe[clip], float(fact["distinct_s"]), action))
        head = {
            "babel_sid": number,
            "url": "",
            "feat_p": f"{DATASET}/{DATASET}/{subject}/{clip}_poses.npz",
            "dur": round(recipe[clip].frames / recipe[clip].rate_hz, 2),
        }
        whole = _annotation(number, 0, "seq", [action], bool(parts))
        frames = _annotation(number, 0, "frame", parts, True) if parts else None
        if split == "test":
            whole, frames = _unpublished(whole), frames and _unpublished(frames)
        records[split][str(number)] = {**head, "seq_ann": whole, "frame_ann": frames}
        if split in extra and second:
            other = {"raw_label": second, "proc_label": second, "act_cat": action["act_cat"][:1]}
            annotations = [_annotation(number, 1, "seq", [other], False)]
            extra[split][str(number)] = {**head, "seq_anns": annotations, "frame_anns": None}
    contents = {**records, **{f"extra_{split}": content for split, content in extra.items()}}
    for file in map(Path, files):
        write_text(file, json.dumps(contents[file.stem], indent=1))


def intervals(recipe: Recipe, distinct_s: float, action: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Labels of the intervals [start_t, end_t] s of a clip with a stand around it; none for other clips."""
    if recipe.treatment != "stand":
        return
    duration_s = recipe.frames / recipe.rate_hz
    before_s = (duration_s - distinct_s) * recipe.before_share
    edges = [0.0, before_s, before_s + distinct_s, duration_s]
    for (start, end), label in zip(pairwise(edges), (STAND, action, STAND), strict=True):
        if end - start > 1 / recipe.rate_hz:
            yield {**label, "start_t": round(start, 3), "end_t": round(end, 3)}


def _annotation(sid: int, annotator: int, level: str, labels: list[dict[str, Any]], several: bool) -> dict[str, Any]:
    name = f"mint-{sid}-{level}-{annotator}"
    return {
        "babel_lid": name,
        "anntr_id": f"mint-{annotator}",
        "mul_act": several,
        "labels": [{**label, "seg_id": f"{name}-{i}"} for i, label in enumerate(labels)],
    }


def _unpublished(annotation: dict[str, Any]) -> dict[str, Any]:
    hidden = dict.fromkeys(("raw_label", "proc_label", "act_cat"))
    return {**annotation, "labels": [{**label, **hidden} for label in annotation["labels"]]}
