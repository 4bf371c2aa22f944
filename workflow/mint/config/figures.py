"""Configuration of the figures."""

from __future__ import annotations

from pydantic import Field

from mint.config.base import Section

# All figures, in the order of the paper: rules need their names and should not load what draws them.
FIGURES = ("subjects", "prevalence", "composition", "clusters", "areas", "examples", "comparison", "run_times")

_MINT = "Muscles in Time (2024)"


class FiguresConfig(Section):
    """Figures of the dataset, as its paper has them."""

    window_s: float = Field(
        1.4, ge=0.2, description=f"windows without gap whose areas and features are computed; {_MINT} section 4 [s]"
    )
    max_windows: int = Field(
        1500, ge=0, description="windows that are clustered, chosen by a hash of their names; each takes 0.1 s [1]"
    )
    max_runs: int = Field(
        10_000, ge=1, description=f"chunks in the distribution of run times, evenly chosen; {_MINT} figure 10 [1]"
    )
    max_groups: int = Field(
        12, ge=1, le=12, description="activities with a colour of their own; colours of more cannot be told apart [1]"
    )
    area_bins: int = Field(60, ge=2, description="bins of the histograms of areas under activation curves [1]")
    examples: tuple[str, ...] = Field(
        ("kick", "jump"), description=f"activities that have an example of their muscle activations; {_MINT} figure 6"
    )
    example_s: float = Field(4.0, gt=0, description="longest stretch that an example shows [s]")
    muscle_subset: str = Field(
        "LAI_ARNOLD_LOWER_BODY_8", description="muscles of the examples: a subset of resources/muscle_subsets.csv"
    )
