"""Every refusal says what to do: each reason has a remedy, and each place that refuses says what it found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.core.status import REMEDY, Reason, StageError, StageStatus
from tests.conftest import ROOT

PACKAGE = ROOT / "workflow" / "mint"
REFUSING = {"StageError"}
REASONS = [reason for reason in Reason if reason is not Reason.NONE]


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every place that refuses something, with the reason that it names."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in REFUSING
                and node.args
            ):
                first = node.args[0]
                named = (
                    isinstance(first, ast.Attribute)
                    and isinstance(first.value, ast.Name)
                    and first.value.id == "Reason"
                )
                yield path, node, first.attr if named and isinstance(first, ast.Attribute) else ""


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_remedy_that_says_what_to_do(reason: Reason) -> None:
    remedy = REMEDY[reason]
    assert len(remedy.split()) >= 3 and not remedy.lower().startswith("none"), remedy
    assert remedy[0].islower() or remedy[0] == "`", "a remedy goes on in brackets behind the detail"
    status = StageError(reason, "walk.npz: field trans, frame 3").as_status("validate")
    assert remedy in status.message and "walk.npz" in status.message
    assert StageStatus.from_json(status.to_json()) == status


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_given_somewhere(reason: Reason) -> None:
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "status.py")
    assert any(f"Reason.{reason.name}" in text for text in texts), "a reason that nothing gives"


def test_every_detail_holds_what_was_found() -> None:
    """A detail without a value in it cannot name the file, the field and what stands there."""
    mute = []
    for path, call, _ in calls():
        detail = next(
            (word.value for word in call.keywords if word.arg == "detail"), call.args[1] if len(call.args) > 1 else None
        )
        if isinstance(detail, ast.Constant):
            mute.append(f"{path.relative_to(ROOT)}:{call.lineno}: {detail.value}")
    assert mute == []


def test_no_remedy_at_the_place_of_a_refusal_says_none() -> None:
    for path, call, _ in calls():
        for word in call.keywords:
            if word.arg == "remedy" and isinstance(word.value, ast.Constant):
                assert word.value.value == "" or len(str(word.value.value).split()) >= 3, f"{path}:{call.lineno}"
                assert not str(word.value.value).lower().startswith("none"), f"{path}:{call.lineno}"
