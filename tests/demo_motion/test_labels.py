"""The labels of the embedded motions have the times of the motions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mint.inputs import demo_babel, demo_motion
from mint.inputs.retarget_clip import read_clip
from mint.inputs.retarget_stand import BLEND_S
from mint.retarget.subject import Subject


def test_body_is_still_in_the_stand_and_moves_in_the_kick(clips: Path, subject: Subject) -> None:
    shipped = next(each for each in demo_motion.recipes() if each.clip == "kick")
    # A stand longer than its blend; not balanced, which takes long and moves no times.
    recipe = replace(shipped, use="refused", frames=600)
    result = demo_motion.retarget(read_clip(clips / "humanoid3d_kick.txt"), recipe, subject)
    labels = list(demo_babel.intervals(recipe, round(result.distinct_s, 3), {"act_cat": ["kick"]}))
    assert [label["act_cat"] for label in labels] == [["stand"], ["kick"], ["stand"]]
    speed = np.linalg.norm(np.diff(result.body.root, axis=0), axis=1) * recipe.rate_hz
    time_s = np.arange(len(speed)) / recipe.rate_hz
    start, end = labels[1]["start_t"] - BLEND_S, labels[1]["end_t"] + BLEND_S
    still = (time_s < start - 0.02) | (time_s > end + 0.02)
    assert still.sum() > 100 and speed[still].max() < 1e-9
    assert speed[(time_s > start + 0.05) & (time_s < end - 0.05)].min() > 1e-6
