"""The benchmark's tables in Markdown, as tables 2 and 5 of the paper have them, with floors and ablations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mint.learning.benchmark.finetuned import by_exercise, overall, told_of
from mint.learning.benchmark.names import ABLATION_TITLES, FLOOR_TITLES, NETWORK_TITLES, OURS, title_of

Row = Mapping[str, Any]
GROUPS = {
    "all": "all muscles",
    "lower_body": "lower body",
    "trunk": "trunk",
    "subset_16": "16 of the legs",
    "subset_8": "8 of the legs",
}
_HEAD = ("entry", "parameters", "RMSE", "PCC", "PCC as published", "SMAPE", "flat %")
# Actions of table 5 of Schneider et al. 2024.
PAPER_ACTIONS = ("jump", "kick", "stand", "walk", "jog", "dance")
# Schneider et al. 2024, table 2: transformer on MinT's test split, 402 muscles: RMSE, PCC (28/27 too large), SMAPE.
PUBLISHED = {
    "all": (0.036, 0.55, 95.3),
    "lower_body": (0.048, 0.54, 45.1),
    "subset_16": (0.066, 0.56, 47.7),
    "subset_8": (0.060, 0.56, 45.0),
}


def markdown(results: Sequence[Row], trainings: Sequence[Row]) -> str:
    """All tables as one text."""
    found = {(row["entry"], row["muscles"], row["action"]): row for row in results}
    entries = [name for name in (*FLOOR_TITLES, *NETWORK_TITLES) if (name, "all", "") in found]
    ablations = [name for name in (OURS, *ABLATION_TITLES) if (name, "all", "") in found]
    numbers = {str(row["entry"]): int(row["parameters"]) for row in trainings}
    groups = [group for group in GROUPS if any(key[1] == group for key in found)]
    actions = sorted({key[2] for key in found} - {""}, key=_order)
    parts = [
        "## Muscles",
        "RMSE, PCC (and as published, 28/27 too large), SMAPE in %; mean over seeds and its spread.",
        "",
    ]
    for group in groups:
        rows = [[title_of(entry), _count(numbers.get(entry, 0)), *_cells(found[entry, group, ""])] for entry in entries]
        first = found[entries[0], group, ""]
        parts += [
            f"### {GROUPS[group]} ({first['muscle_count']} muscles, {first['windows']} windows)",
            "",
            *_table(_HEAD, rows),
            "",
        ]
    if actions:
        parts += [
            "## Actions",
            "RMSE and PCC of all muscles in the windows of an action.",
            "",
            *_table(
                ["entry", *(f"{each} ({found[entries[0], 'all', each]['windows']})" for each in actions)],
                [
                    [title_of(entry), *(_pair(found.get((entry, "all", action))) for action in actions)]
                    for entry in entries
                ],
            ),
            "",
        ]
    if len(ablations) > 1:
        parts += [
            "## What ours is without each of its choices",
            "All muscles. Ours: mean over seeds and its spread; each other row one training, its first seed.",
            "",
            *_table(
                _HEAD,
                [
                    [title_of(entry), _count(numbers.get(entry, 0)), *_cells(found[entry, "all", ""])]
                    for entry in ablations
                ],
            ),
            "",
        ]
    return "\n".join(parts)


def emg_markdown(rows: Sequence[Row], facts: Mapping[str, Any]) -> str:
    """The tables of fine-tuning on measured EMG, as table 6 of the paper; why there are none; nothing where nobody
    asked."""
    if not facts:
        return ""
    parts = ["", "## Measured EMG", "", facts["why"] or told_of(facts), ""]
    whole = overall(rows, facts)
    if whole:
        parts += [
            *_table(
                ("entry", "values trained", "RMSE", "PCC", "SMAPE"),
                [[row["title"], _count(row["trained_parameters"]), *_three(row)] for row in whole],
            ),
            "",
        ]
    exercises = by_exercise(rows)
    if exercises:
        titles = [title for title, _ in exercises[0][2]]
        parts += [
            "RMSE, PCC and SMAPE by exercise.",
            "",
            *_table(
                ("exercise", *titles),
                [
                    [f"{name} ({windows})", *(", ".join(_three(row)) for _, row in own)]
                    for name, windows, own in exercises
                ],
            ),
            "",
        ]
    return "\n".join(parts)


def _three(row: Row) -> list[str]:
    digits = 2 if row["rmse"] >= 1 else 3
    return [f"{row['rmse']:.{digits}f}", "" if row["pcc"] is None else f"{row['pcc']:.2f}", f"{row['smape']:.1f}"]


def _order(action: str) -> tuple[int, str]:
    return (PAPER_ACTIONS.index(action) if action in PAPER_ACTIONS else len(PAPER_ACTIONS), action)


def _cells(row: Row) -> list[str]:
    return [
        _number(row, "rmse", 4),
        _number(row, "pcc", 3),
        _number(row, "pcc_paper", 3),
        _number(row, "smape", 1),
        "" if row["flat"] is None else f"{100 * row['flat']:.0f}",
    ]


def _number(row: Row, name: str, digits: int) -> str:
    if row[name] is None:
        return ""
    spread = row.get(f"{name}_sd")
    return f"{row[name]:.{digits}f}" + ("" if spread is None else f" ± {spread:.{digits}f}")


def _pair(row: Row | None) -> str:
    if row is None or row["rmse"] is None:
        return ""
    return f"{row['rmse']:.3f}" + ("" if row["pcc"] is None else f", {row['pcc']:.2f}")


def _count(parameters: int) -> str:
    return f"{parameters / 1e6:.2f} M" if parameters else ""


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> list[str]:
    head = list(head)
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
