"""Configuration of the export to OpenSim."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section


class OpensimConfig(Section):
    """`mint export`: sequences as OpenSim projects (docs/opensim.md)."""

    chunks: bool = Field(False, description="export each chunk as a trial of its own, <sequence>_c<chunk>, as it was "
                         "solved and verified; false: one trial between two gaps, faded where chunks meet, where "
                         "pelvis residuals are those of the fade")
