"""Configuration of the dataset stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mint.config.base import Section


class DatasetConfig(Section):
    """The dataset: Parquet first, MinT pickles as the compatible export."""

    pickles: bool = Field(
        True, description="write the pandas pickles that musint reads, beside the Parquet files"
    )
    compression: Literal["zstd", "snappy", "gzip", "none"] = Field(
        "zstd", description="compression of the Parquet files"
    )
    hash_inputs: bool = Field(
        True,
        description="write the SHA-256 of each motion file into the Parquet metadata (reads every file once)",
    )
