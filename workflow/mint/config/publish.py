"""Configuration of the release."""

from __future__ import annotations

import datetime

from pydantic import Field, field_validator

from mint.config.base import Section
from mint.core.names import readable

# Semantic versioning, the part of it that catalogues of datasets use.
_VERSION = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$"
_ONE_LINE = r"^[^\r\n]*$"


class PublishConfig(Section):
    """`snakemake publish`: the dataset as a folder to hand on, with data card, licences, metadata and checksums."""

    name: str = Field(
        "mint-dataset",
        description="folder of the release below release/, and its name in the metadata; "
        "characters that are no letter, digit, _ or - become _",
    )
    version: str = Field(
        "1.0.0",
        pattern=_VERSION,
        description="version of the release, MAJOR.MINOR.PATCH as "
        "Croissant asks: raise it with every release that is handed on",
    )
    title: str = Field(
        "Simulated muscle activity of human motion",
        min_length=1,
        pattern=_ONE_LINE,
        description="title in data card and metadata",
    )
    creators: list[str] = Field(
        default=[], description="names of persons or groups who made the release; catalogues ask for one at least"
    )
    licence: str = Field(
        "CC-BY-NC-4.0",
        pattern=r"^[A-Za-z0-9.+\-]+$",
        description="SPDX identifier of the release's licence, or LicenseRef-<name> of your own "
        "terms; AMASS and the data made from it are for non-commercial use, and the published MinT is "
        "CC-BY-NC-4.0: a licence that allows more is refused while such a source is inside",
    )
    date: datetime.date | None = Field(
        None,
        description="date of publication in the metadata, year-month-day; "
        "never that of the build, so that two builds are identical; null: none, "
        "which catalogues warn about",
    )
    url: str = Field("", pattern=_ONE_LINE, description="address where the release will be found; empty: none")
    labels: bool = Field(
        False,
        description="hand on what BABEL says about motions of AMASS (labels.parquet, "
        "activities); its terms ask for permission; false: these are left empty, babel_sid and split "
        "stay, so that whoever has BABEL can join its labels again",
    )
    csv: bool = Field(True, description="write all tables as CSV too, into a sibling folder <name>-csv")

    opensim: bool = Field(
        False,
        description="hand on all sequences as OpenSim projects too, without their markers, in "
        "the folder opensim of the release; 1 MB a second of motion",
    )

    @field_validator("name")
    @classmethod
    def _usable(cls, name: str) -> str:
        readable(name)
        return name

    @property
    def folder(self) -> str:
        """Name of the release's folder: one path part."""
        return readable(self.name)
