"""Configuration of the dataset stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mint.config.base import Section


class DatasetConfig(Section):
    """The dataset: Parquet first, MinT pickles as the compatible export."""

    pickles: bool = Field(True, description="write the pandas pickles that musint reads, beside the Parquet files")
    compression: Literal["lz4", "zstd", "snappy", "gzip", "none"] = Field(
        "lz4",
        description="compression of the Parquet files; with lz4 they are read in two thirds of the time and are "
        "a tenth larger than with zstd (`make bench-dataset`)",
    )
