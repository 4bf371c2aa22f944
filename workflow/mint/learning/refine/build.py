"""The rule refine: what follows from the folds: tables, figures, page, model folder, refined activations."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.learning.files import write_json, write_tables
from mint.learning.refine.apply import apply
from mint.learning.refine.cycles import Cycles
from mint.learning.refine.evaluate import Judged, judged, summary, tables
from mint.learning.refine.figures import write_figures
from mint.learning.refine.model import Refiner, read_model, write_model
from mint.learning.refine.page import write_page
from mint.learning.refine.skeleton import skeleton_of
from mint.learning.refine.tables import TABLES
from mint.reader import MintReader


def run(
    cycles: str | Path,
    folds: Sequence[str | Path],
    results: str | Path,
    config: RefineConfig,
    subjects: Mapping[str, str],
) -> None:
    """Write tables, figures, the model folder, refined activations, the page and `refine.json` below
    `results/refine`, and `results/refined`.

    `folds` are the bundles of all people, `subjects` the subject of each sequence. With `config.model` nothing is
    trained: that refiner is applied. Where nothing was learned, `refine.json` and the page say why.
    """
    folder = Path(results) / "refine"
    # What an earlier run has left is of other data, but for a model that is to be applied.
    for old in (folder / "figures", Path(results) / "refined", *([] if config.model else [folder / "model"])):
        shutil.rmtree(old, ignore_errors=True)
    for schema in TABLES:
        (folder / f"{schema.name}.parquet").unlink(missing_ok=True)
    found: Judged | None = None
    entries: list[dict[str, Any]] = []
    told: dict[str, Any] = {"why": "", "method": config.method, "preset": config.preset}
    rows: dict[Any, list[dict[str, Any]]] = {}
    data: MintReader | None = None
    try:
        data = None if config.pairs else _dataset(Path(results))
        refiner: Refiner | None = read_model(config.model) if config.model else None
        if refiner is None:
            bundle = Bundle.read(cycles)
            told |= {"counts": bundle.meta.get("counts", {}), "channels_of_few": bundle.meta.get("channels_of_few", [])}
            read = {Path(path): Bundle.read(path) for path in folds}
            found = judged(Cycles.read(cycles), list(read.values()))
            rows = tables(found)
            write_tables(rows, folder)
            skeleton = None if data is None else skeleton_of(Path(results), data, subjects, config)
            entries = write_figures(found, rows, config.method, skeleton, folder / "figures")
            networks = {
                str(each.meta["person"]): path.parent / "networks" / f"{config.method}.safetensors"
                for path, each in read.items()
                if each.ok and each.meta["person"] in found.folds
            }
            write_model(folder / "model", found, networks, rows, config, bool(config.pairs))
            if data is not None:
                refiner = read_model(folder / "model", found.folds)
            told |= summary(rows, config) | {
                "people": list(found.folds),
                "cycles": len(found.cycles),
                "parameters": _parameters(found),
            }
        if data is not None and refiner is not None:
            made = apply(data, refiner, Path(results) / "refined", subjects, config)
            told |= {"refined": len(made["refined"]), "not_refined": made["left_out"]}
    except StageError as error:
        told["why"] = error.told
        print(told["why"])
    write_json(folder / "refine.json", told)
    write_page(folder / "index.html", told, rows, entries)


def _parameters(found: Judged) -> dict[str, int]:
    return dict(next(iter(found.folds.values())).meta["parameters"])


def _dataset(results: Path) -> MintReader:
    try:
        return MintReader(results / "dataset")
    except ValueError as error:
        raise StageError(Reason.FILE_MISSING, str(error), remedy="run the workflow to its dataset first") from None
