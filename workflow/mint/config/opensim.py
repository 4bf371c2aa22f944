"""Configuration of the export to OpenSim."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mint.config.base import Section

Trials = Literal["both", "whole", "chunks"]


class OpensimConfig(Section):
    """`mint export`: sequences as OpenSim projects (docs/results/opensim.md)."""

    trials: Trials = Field(
        "both",
        description="whole: one trial between two gaps, faded where chunks meet, where the "
        "fade accelerates the body and pelvis residuals are its; chunks: each chunk as a trial of "
        "its own, <sequence>_c<chunk>, as it was solved and verified; both",
    )
