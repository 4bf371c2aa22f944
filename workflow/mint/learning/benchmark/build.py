"""Rule benchmark: what follows from all trainings: tables, figures, page, model folders."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mint.config.benchmark import BenchmarkConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.learning.benchmark.budget import BUDGETS
from mint.learning.benchmark.card import card
from mint.learning.benchmark.entries import ENTRIES
from mint.learning.benchmark.examples import Examples
from mint.learning.benchmark.figures import write_figures
from mint.learning.benchmark.finetuned import (
    by_exercise,
    finetuned_facts,
    finetuned_rows,
    overall,
    read_finetuned,
    told_of,
)
from mint.learning.benchmark.index import read_index
from mint.learning.benchmark.markdown import GROUPS, emg_markdown, markdown
from mint.learning.benchmark.model import read_model, window_ms, write_model
from mint.learning.benchmark.names import FLOOR_TITLES, NETWORK_TITLES, OURS, TRANSFORMER, title_of
from mint.learning.benchmark.onnx_export import export
from mint.learning.benchmark.results import best_floor, rows_of
from mint.learning.benchmark.tables import FINETUNED, RESULTS, TABLES, TRAININGS
from mint.learning.benchmark.training import examples_of, restored
from mint.learning.data.splits import SPLITS
from mint.learning.files import write_json, write_tables
from mint.learning.page import write_page

SPLIT_WORDS = {
    "babel": "sequences, by BABEL's lists",
    "humanml3d": "sequences, by HumanML3D's lists",
    "people": "people",
    "motions": "kinds of recordings",
}


def run(
    index: str | Path,
    trained: Sequence[str | Path],
    judged: Sequence[str | Path],
    folder: Path,
    config: BenchmarkConfig,
    finetuned: Sequence[str | Path] = (),
) -> None:
    """Write tables, figures, model folders, the page and `benchmark.json` below `folder`.

    `trained` and `judged` are bundles of all trainings and judgements, `finetuned` those of rule finetune. Where
    nothing was learned, page and `benchmark.json` say why.
    """
    for old in ("figures", "models"):
        shutil.rmtree(folder / old, ignore_errors=True)
    for stale in (*(f"{schema.name}.parquet" for schema in TABLES), "tables.md"):
        (folder / stale).unlink(missing_ok=True)
    trainings, judgements = _read(trained), _read(judged)
    told: dict[str, Any] = {
        "why": "",
        "preset": config.preset,
        "budget": asdict(BUDGETS[config.preset]),
        "seeds": config.seeds,
        "floors": list(FLOOR_TITLES),
    }
    tuned = read_finetuned(finetuned)
    told["finetuning"] = finetuned_facts(tuned)
    rows: dict[Any, list[dict[str, Any]]] = {}
    entries: list[dict[str, Any]] = []
    try:
        told |= _data(read_index(index))
        if not any(bundle.ok for bundle in judgements.values()):
            first = next(iter(judgements.values()))
            raise StageError(
                Reason.FIELD_MISSING,
                f"nothing was learned: {first.status.detail}",
                remedy=first.status.remedy or "more sequences",
            )
        rows = rows_of(trainings, judgements) | {FINETUNED: finetuned_rows(tuned)}
        told |= {"muscles": max(row["muscle_count"] for row in rows[RESULTS]), "verdict": verdict(rows[RESULTS])}
        write_tables(rows, folder)
        write_text(
            folder / "tables.md",
            markdown(rows[RESULTS], rows[TRAININGS]) + emg_markdown(rows[FINETUNED], told["finetuning"]),
        )
        _write_models(index, trainings, rows, told, folder, config)
        entries = write_figures(rows, judgements, folder / "figures")
    except StageError as error:
        told["why"] = error.told
        print(told["why"])
    write_json(folder / "benchmark.json", told)
    write_page(
        folder / "index.html",
        "mint.learning.benchmark",
        entries,
        told=told,
        groups=_groups(rows),
        finetuned=_finetuned(rows.get(FINETUNED, ()), told["finetuning"]),
        trainings=[
            {**row, "val_rmse": row.get("val_rmse"), "rmse": row.get("rmse"), "title": title_of(row["entry"])}
            for row in rows.get(TRAININGS, ())
            if row["entry"] not in FLOOR_TITLES
        ],
    )


def verdict(results: Sequence[Mapping[str, Any]]) -> str:
    """Which networks beat every floor, in words: a floor that wins is said."""
    whole = {row["entry"]: row for row in results if row["muscles"] == "all" and not row["action"]}
    parts = []
    for number, words in (("rmse", "RMSE"), ("pcc", "correlation")):
        floor = best_floor(results, number)
        sign = -1 if number == "pcc" else 1
        networks = [name for name in NETWORK_TITLES if name in whole and whole[name][number] is not None]
        if floor is None or not networks:
            continue
        better = [title_of(name) for name in networks if sign * whole[name][number] < sign * floor[number]]
        parts.append(
            f"{words}: {', '.join(better) or 'no network'} better than the best floor "
            f"({title_of(floor['entry'])}, {floor[number]:.3f})."
        )
    ours, other = whole.get(OURS), whole.get(TRANSFORMER)
    if ours and other and None not in (ours["pcc"], other["pcc"]):
        parts.append(
            f"Ours against the transformer: RMSE {100 * (ours['rmse'] / other['rmse'] - 1):+.0f} %, "
            f"correlation {ours['pcc'] - other['pcc']:+.2f}."
        )
    return " ".join(parts)


def _read(paths: Sequence[str | Path]) -> dict[tuple[str, int], Bundle]:
    """Bundles by (entry, number); where they lie says which they are."""
    out = {}
    for path in map(Path, paths):
        number = path.parent.name if path.stem == "trained" else path.stem
        entry = path.parent.parent.name if path.stem == "trained" else path.parent.name
        out[entry, int(number)] = Bundle.read(path)
    return out


def _data(index: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the index says of the data, by split."""
    of_split = {split: [row for row in index if row["split"] == split and not row["left_out"]] for split in SPLITS}
    return {
        "sequences": {split: len(rows) for split, rows in of_split.items()},
        "split_words": next((SPLIT_WORDS[str(row["split_by"])] for row in index if row["split_by"]), ""),
        "people": {split: sorted({str(row["person"]) for row in rows}) for split, rows in of_split.items()},
        "windows": {split: sum(int(row["windows"]) for row in rows) for split, rows in of_split.items()},
        "left_out": {str(row["sequence_id"]): str(row["left_out"]) for row in index if row["left_out"]},
    }


def _groups(rows: Mapping[Any, Sequence[Mapping[str, Any]]]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Groups of muscles with the rows of all entries, for the page."""
    parameters = {row["entry"]: row["parameters"] for row in rows.get(TRAININGS, ())}
    found = {(row["entry"], row["muscles"]): row for row in rows.get(RESULTS, ()) if not row["action"]}
    out = []
    for group, title in GROUPS.items():
        own = [
            {**found[entry, group], "title": title_of(entry), "parameters": parameters.get(entry, 0)}
            for entry in (*FLOOR_TITLES, *NETWORK_TITLES)
            if (entry, group) in found
        ]
        if own:
            out.append((group, title, own))
    return out


def _finetuned(rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of fine-tuning."""
    if not facts:
        return {}
    return {
        "words": facts["why"] or told_of(facts),
        "broken": bool(facts["why"]),
        "overall": overall(rows, facts),
        "exercises": by_exercise(rows),
    }


def _write_models(
    index: str | Path,
    trainings: Mapping[tuple[str, int], Bundle],
    rows: Mapping[Any, Sequence[Mapping[str, Any]]],
    told: Mapping[str, Any],
    folder: Path,
    config: BenchmarkConfig,
) -> None:
    """A folder for each network, with its first seed."""
    sizes = BUDGETS[config.preset].sizes
    loaded: dict[str, Examples] = {}
    for name in NETWORK_TITLES:
        bundle = trainings.get((name, 0))
        if bundle is None or not bundle.ok:
            continue
        entry = ENTRIES[name]
        if entry.features not in loaded:
            loaded[entry.features] = examples_of(index, entry.features)
        examples = loaded[entry.features]
        network = restored(folder / "trained" / name / "0", entry, examples, sizes, str(bundle.meta["given"]))
        own = [row for row in rows[RESULTS] if row["entry"] == name]
        beside = [row for row in rows[RESULTS] if row["entry"] in FLOOR_TITLES]
        training = next(row for row in rows[TRAININGS] if (row["entry"], row["number"]) == (name, 0))
        target = folder / "models" / name
        write_model(
            target,
            network,
            examples,
            {
                "entry": name,
                "network": entry.network,
                "sizes": sizes,
                "settings": dict(entry.settings),
                "preset": config.preset,
                "budget": told["budget"],
                "seed": config.seed,
            },
            {
                split: {"people": told["people"][split], "sequences": sorted(examples.windows[split].names)}
                for split in SPLITS
            },
            {"results": own, "training": training},
            card(name, training, [*own, *beside], told, entry.features, examples.digest),
        )
        model = read_model(target)
        export(model, target / "model.onnx")
        # What depends on the machine of the moment is told, and is no result.
        print(f"{title_of(name)}: {window_ms(model):.1f} ms for a window on one core")
