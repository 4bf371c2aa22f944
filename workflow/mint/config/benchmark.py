"""Configuration of the benchmark of networks that estimate muscle activity from motion."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mint.config.base import Section

_MINT = "Schneider et al. 2024 (Muscles in Time), section 4"
BenchmarkPreset = Literal["small", "campaign", "paper", "test"]
SplitBy = Literal["auto", "babel", "humanml3d", "people", "motions"]


class BenchmarkConfig(Section):
    """From motion to muscle activity in milliseconds (`snakemake benchmark`): what is learned from, and how."""

    dataset: str = Field(
        "",
        description="folder of the dataset to learn from: the published MinT, a release, the dataset of another "
        "project (docs/learning/benchmark.md); empty: the dataset of this project",
    )
    motion: str = Field(
        "",
        description="folder of AMASS with the motions of that dataset; empty: the motion files of the sequences of "
        "the same name in this project's table",
    )
    chunk_quality: str = Field(
        "",
        description="which chunks are learned from and judged on, a question about quality_chunks.parquet in the "
        "words of pandas.DataFrame.query, as `faults.str.len() == 0`; empty: all that are accepted. The published MinT "
        "has no such table: there it is not asked",
    )
    split: SplitBy = Field(
        "auto",
        description="what is apart in training, validation and test. babel: BABEL's lists; humanml3d: the "
        "lists of HumanML3D; people: no person is in two of them; motions: no kind of recording is; auto: babel where "
        "the dataset has all three of its splits, else people",
    )
    lists: str = Field(
        "",
        description="folder with train.txt, val.txt and test.txt of HumanML3D and its index of AMASS files, for "
        "split: humanml3d",
    )
    preset: BenchmarkPreset = Field(
        "small",
        description=f"size of networks and budget of training. paper: as published ({_MINT}), for GPUs; "
        "campaign: published sizes, as many iterations as two cores do in an hour; small: small networks, minutes; "
        "test: a few iterations, to try the workflow",
    )
    models: tuple[str, ...] = Field(
        (), description="networks to train, by their names in docs/learning/benchmark.md; empty: all"
    )
    ablations: bool = Field(True, description="train our model without each of its choices too")
    seeds: int = Field(3, ge=1, le=20, description="trainings of each network, each from another seed")
    seed: int = Field(0, ge=0, description="seed of every random number")
    mia: str = Field(
        "",
        description="folder of Muscles in Action (Chiquier and Vondrick 2023), to fine-tune on measured EMG; "
        "empty: the EMG of the dataset's own people, where there is any",
    )
    gpu: bool = Field(False, description="ask for a GPU for each training on a cluster; a job that sees one uses it")
