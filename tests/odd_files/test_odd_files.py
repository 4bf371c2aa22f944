"""Every kind of broken or odd file gives one clear message or the motion that it was made from, never another one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mint.body import stage, validate
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.formats.header import motion_header
from tests.body.test_axes import aligned
from tests.odd_files import trc
from tests.odd_files.rows import Refused, Right, Row

CONFIG = ValidateConfig()
# Told of every trial that has no static one, and of markers that are lost for long.
USUAL = ("no static trial",)


def judged(source: str, path: Path, folder: Path) -> tuple[Bundle, Bundle]:
    """What validation and the stage of the body make of a file, as far as they come."""
    validated = validate.run(path, source, folder / "validated.npz", CONFIG)
    return validated, stage.run(folder / "validated.npz", None, None, folder / "body.npz", BodyConfig())


def check_refused(expected: Refused, path: Path, body: Bundle) -> None:
    status = body.status
    assert status.reason is expected.reason, status.message
    assert path.name in status.detail and status.remedy
    for word in expected.words:
        assert word in f"{status.detail} {status.remedy}", f"{word!r} is not in {status.message}"


def check_told(expected: Right, validated: Bundle, body: Bundle) -> None:
    assert body.ok, body.status.message
    warnings = [text for text in (*validated.status.warnings, *body.status.warnings) if not any(word in text for word in USUAL)]
    for words, texts in ((expected.warned, warnings), (expected.told, validated.meta["notes"])):
        for word in words:
            assert any(word in text for text in texts), (word, texts)
        assert bool(words) == bool(texts), texts


@pytest.mark.parametrize("row", trc.ROWS, ids=lambda row: row.kind)
def test_trc(row: Row, tmp_path: Path) -> None:
    path = row.make(tmp_path)
    validated, body = judged("trc", path, tmp_path)
    if isinstance(row.expected, Refused):
        check_refused(row.expected, path, body)
        return
    check_told(row.expected, validated, body)
    assert set(trc.NAMED) <= set(validated.names("marker_names"))
    ours = validated["markers"][:, [validated.names("marker_names").index(name) for name in trc.NAMED]]
    assert validated.meta["frame_rate_hz"] == trc.RATE_HZ
    # Filled gaps are as near as a spline comes.
    np.testing.assert_allclose(aligned(ours, trc.GOOD), trc.GOOD, atol=1e-3)


@pytest.mark.parametrize("row", trc.ROWS, ids=lambda row: row.kind)
def test_planning_refuses_nothing_that_validation_accepts(row: Row, tmp_path: Path) -> None:
    path = row.make(tmp_path)
    try:
        header = motion_header(path, "trc", CONFIG)
    except StageError as error:
        assert isinstance(row.expected, Refused) and error.reason is row.expected.reason, error
    else:
        assert isinstance(row.expected, Refused) or header.frames == trc.FRAMES


def test_there_are_thirty_kinds_and_each_is_another() -> None:
    rows = trc.ROWS
    assert len(rows) >= 30 and max(Counter(row.kind for row in rows).values()) == 1
    assert all(re.fullmatch(r"([\w-]+ #\d+)?", row.issue) for row in rows)
    assert sum(bool(row.issue) for row in rows) >= 10
