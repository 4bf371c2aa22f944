"""A refiner of the 80 strands of the legs that was trained on nobody real."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.core.tables import mint_columns
from mint.learning.refine import folds
from mint.learning.refine.cycles import Cycles
from mint.learning.refine.evaluate import judged, tables
from mint.learning.refine.model import write_model


def write_refiner(folder: Path) -> Path:
    """Train on three people, and return the model folder."""
    random = np.random.default_rng(0)
    muscles = tuple(mint_columns()[:80])
    simulated = random.uniform(0, 1, (6, 20, 80))
    own = simulated[..., [muscles.index("LU_soleus_r")]]
    cycles = Cycles(
        simulated,
        own,
        0.5 * own,
        np.linspace(1.0, 1.2, 6),
        tuple(f"p{i // 2}" for i in range(6)),
        tuple(f"t{i}" for i in range(6)),
        muscles,
        ("soleus",),
    )
    config = RefineConfig(preset="test")
    cycles.bundle({"counts": {}}).write(folder / "refine" / "cycles.npz")
    paths = [folder / "refine" / "folds" / person / "fold.npz" for person in cycles.people]
    for person, path in zip(cycles.people, paths, strict=True):
        folds.run(folder / "refine" / "cycles.npz", person, path, path.parent / "networks", config)
    found = judged(cycles, [Bundle.read(path) for path in paths])
    networks = {
        person: path.parent / "networks" / f"{config.method}.safetensors"
        for person, path in zip(cycles.people, paths, strict=True)
    }
    write_model(folder / "model", found, networks, tables(found), config, pairs=False)
    return folder / "model"
