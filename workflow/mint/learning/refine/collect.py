"""The rule refine_cycles: gait cycles with EMG of a dataset, or of a table of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.refine import RefineConfig
from mint.core.atomic import atomic_path
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.dataset.parquet import write_table
from mint.learning.refine.cycles import STAGE, Cycles
from mint.learning.refine.gait import FEW, Found, counted, dataset_cycles
from mint.learning.refine.pairs import pair_cycles
from mint.learning.refine.tables import CYCLES
from mint.reader import MintReader


def run(
    dataset: str | Path | None,
    pairs: str | Path | None,
    output: str | Path,
    rows: str | Path,
    config: RefineConfig,
    persons: Mapping[str, str] | None = None,
) -> Bundle:
    """Write the cycles of a dataset folder, or of a table of pairs, and a row for each that was looked at.

    Channels that fewer than `least_people` have are left out. Without any cycle the bundle says why.
    """
    looked: list[dict[str, Any]] = []
    try:
        found = pair_cycles(pairs, config) if pairs else dataset_cycles(_opened(dataset), config, persons)
        looked = found.rows
        cycles = _of_enough_people(found, config)
        bundle = cycles.bundle({"counts": counted(looked), "channels_of_few": _few(found, cycles)})
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    except ValueError as error:
        bundle = Bundle(StageError(Reason.TABLE, str(error)).as_status(STAGE))
    bundle.write(output)
    with atomic_path(rows) as temporary:
        write_table(
            CYCLES.arrow([{name: None if value != value else value for name, value in row.items()} for row in looked]),
            temporary,
            "zstd",
        )
    print(bundle.status.message if not bundle.ok else f"{len(Cycles.from_bundle(bundle))} cycles: {counted(looked)}")
    return bundle


def _opened(dataset: str | Path | None) -> MintReader:
    assert dataset is not None
    return MintReader(dataset)


def _of_enough_people(found: Found, config: RefineConfig) -> Cycles:
    """Cycles with channels that enough people have; rows of the others get the reason. Raises `StageError` where none
    is left."""
    cycles = found.cycles.common(config.least_people)
    kept = [found.cycles.channels.index(channel) for channel in cycles.channels]
    measured = np.isfinite(found.cycles.measured[:, :, kept]).all(axis=1)
    used = [row for row in found.rows if not row["left_out"]]
    for row, there in zip(used, np.atleast_2d(measured), strict=True):
        if not there.any():
            row["left_out"] = FEW
    if not len(cycles):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{len(found.cycles)} cycles of {', '.join(found.cycles.people)}: no "
            f"channel is measured of {config.least_people} people",
            remedy="refine.least_people, more people, or refine.model: a refiner trained elsewhere",
        )
    return cycles


def _few(found: Found, kept: Cycles) -> list[str]:
    return [channel for channel in found.cycles.channels if channel not in kept.channels]
