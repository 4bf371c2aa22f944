"""Section `babel`: action labels."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

# Value of `folder` that stands for labels of the embedded motions, wherever the results folder is.
EMBEDDED = "embedded"


class BabelConfig(Section):
    """BABEL (Punnakkal et al. 2021): what is done in a sequence, and the splits for training."""

    folder: str = Field(
        EMBEDDED,
        description="folder with BABEL's train.json, val.json, test.json, extra_train.json and extra_val.json, or "
        "some of them; embedded: labels of the embedded motions, which a rule makes; empty: no labels",
    )
    duration_tolerance_s: float = Field(
        0.1,
        gt=0,
        description="warn if BABEL's duration of a sequence differs from the motion file's by more than this [s]; "
        "three frames of the videos at 30/s that were labelled",
    )
