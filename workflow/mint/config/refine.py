"""Configuration of the refinement of simulated activity towards measured EMG."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from mint.config.base import Section

_NEM2E = "Teramae et al. 2025, doi:10.3389/fbioe.2025.1611414"
Preset = Literal["fast", "paper", "test"]


class RefineConfig(Section):
    """From simulated to measured activity of gait cycles (`snakemake refine`): what is learned from, and how."""

    pairs: str = Field(
        "",
        description="table of simulated and measured files to learn from, instead of the dataset of this project "
        "(docs/learning/refinement.md); empty: the dataset",
    )
    model: str = Field(
        "",
        description="folder of a refiner that was trained elsewhere and is applied to this project; empty: one is "
        "trained on the people with EMG",
    )
    preset: Preset = Field(
        "fast",
        description=f"how the networks are trained. paper: as published ({_NEM2E}), hidden 700, batch 1, 700 "
        "epochs, days on 2 cores; fast: smaller and in batches of everybody; test: a few epochs, to try the workflow",
    )
    samples: int = Field(
        20, ge=8, le=200, multiple_of=4, description=f"samples of a cycle, the first and the last at strikes; {_NEM2E}"
    )
    inputs: Literal["legs", "all"] = Field(
        "legs",
        description="activations that networks and ridge regression see: the 80 strands of both legs, or all "
        "402; attention over 402 strands takes five times as long",
    )
    least_stride_s: float = Field(
        0.5, gt=0, description="shortest cycle [s]; sprinting has 0.45 to 0.5, running 0.6 to 0.75"
    )
    longest_stride_s: float = Field(
        2.0,
        gt=0,
        description="longest cycle [s]; slow walking of patients has 1.6 (Perry and Burnfield 2010, Gait Analysis)",
    )
    folded: bool = Field(
        True,
        description="use a stretch without gap that is as long as a stride but holds no two strikes of the foot: "
        "its beginning is taken for what comes after its end; false: only cycles from strike to strike",
    )
    folded_share: float = Field(
        0.9,
        gt=0,
        le=1,
        description="least length of such a stretch [1, of the stride]; what a shorter one lacks at "
        "the seam is the nearest frame",
    )
    least_people: int = Field(
        3, ge=3, description="people with cycles that are needed to train: one is left out, and spread needs two"
    )
    method: Literal["convolution", "ridge", "gain_delay", "stdr_all_entire", "stdr_one_entire"] = Field(
        "convolution", description="what refines the activations that are written beside the dataset"
    )
    shortcut_inputs: int = Field(
        32,
        ge=2,
        description="inputs of changed frequency and phase in the shortcut test of each person; "
        f"{_NEM2E} has 32 in all",
    )
    seed: int = Field(0, ge=0, description="seed of every random number")

    @model_validator(mode="after")
    def _one_source(self) -> RefineConfig:
        if self.pairs and self.model:
            raise ValueError(
                "refine.pairs and refine.model: either learn from files, or apply what was learned to the "
                "dataset; leave one empty"
            )
        return self
