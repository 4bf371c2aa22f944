"""The figures stage: tables and activations of the dataset become `results/figures/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mint.config.figures import FiguresConfig
from mint.figures import areas, clusters, comparison, composition, examples, prevalence, run_times, subjects
from mint.figures.data import Data

# The figures of mint.config.figures.FIGURES.
KINDS = (
    subjects.KIND,
    prevalence.KIND,
    composition.KIND,
    clusters.KIND,
    areas.KIND,
    examples.KIND,
    comparison.KIND,
    run_times.KIND,
)


def run(results_dir: str | Path, config: FiguresConfig) -> Path:
    """Write `figures/<name>.json` and `.parquet` of every figure into `results_dir`; return the folder.

    What is missing leaves its figure empty, with a sentence that says why. Raises ValueError for an unknown
    muscle subset.
    """
    results = Path(results_dir)
    data = Data.read(results / "dataset")
    for kind in KINDS:
        kind.write(data, config, results / "figures")
    return results / "figures"


def read(results_dir: str | Path) -> list[dict[str, Any]]:
    """Entries of all figures in order, as `Kind.write` describes them; one that was not made says so."""
    entries = []
    for kind in KINDS:
        path = Path(results_dir) / "figures" / f"{kind.name}.json"
        try:
            entries.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            entries.append(
                {
                    "name": kind.name,
                    "title": kind.title,
                    "caption": "",
                    "figure": None,
                    "why": f"{path.name} was not made or cannot be read.",
                }
            )
    return entries
