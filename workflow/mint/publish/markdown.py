"""Markdown from facts: tables, lists, numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A Markdown table as lines."""
    lines = [[*head], ["---"] * len(head), *([cell(value) for value in row] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def listing(facts: Mapping[str, str]) -> list[str]:
    """`- name: text` for each fact that is not empty."""
    return [f"- {name}: {text}" for name, text in facts.items() if text]


def cell(value: Any) -> str:
    """A value as text that cannot break a table; floats with three digits, `-` where there is none."""
    if value is None or value != value:
        return "-"
    if isinstance(value, float):
        return number(value)
    return " ".join(str(value).replace("|", "\\|").split())


def number(value: float) -> str:
    """Three significant digits, never in powers of ten where a person would not write them."""
    if not math.isfinite(value):
        return "-"
    digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(digits, 9)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
