"""Every kind of broken or odd file gives one clear message or the motion that it was made from, never another one.

A format has a module beside this one with its `SOURCE`, its `ROWS`, the number of `FRAMES` of the good file, and `compare`,
which holds a validated motion against what the files are made from.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from mint.body import stage, validate
from mint.body.smplh import load
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.formats.header import motion_header
from tests.body import synthetic
from tests.body.other_bodies import write_model
from tests.odd_files import amass, bvh, c3d, trc
from tests.odd_files.bodies import SMPL, SMPLX
from tests.odd_files.rows import Refused, Right, Row

CONFIG = ValidateConfig()
Form = ModuleType | SimpleNamespace
FORMATS: tuple[Form, ...] = (trc, c3d, amass, bvh, SMPL, SMPLX)
ROWS = [pytest.param(form, row, id=f"{form.SOURCE}: {row.kind}") for form in FORMATS for row in form.ROWS]
# Told of every trial without a static one, of these names, some of which are no landmarks, and of every BVH file.
USUAL = ("no static trial", "tell no part of the body", "BVH states no gender", "a skeleton has no flesh")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SMPL-H of all genders, and the same neutral body as the user's own SMPL-X and SMPL."""
    folder = synthetic.write_models(tmp_path_factory.mktemp("models"))
    for model in ("smplx", "smpl"):
        write_model(folder, model, load(folder, "neutral"))
    return folder


def judged(form: Form, path: Path, folder: Path, models: Path) -> tuple[Bundle, Bundle]:
    """What validation and the stage of the body make of a file, as far as they come."""
    validated = validate.run(path, form.SOURCE, folder / "validated.npz", CONFIG, model_dir=models)
    return validated, stage.run(
        folder / "validated.npz", models, models / "markers.csv", folder / "body.npz", BodyConfig()
    )


@pytest.mark.parametrize(("form", "row"), ROWS)
def test_a_file_gives_one_clear_message_or_its_motion(form: Form, row: Row, models: Path, tmp_path: Path) -> None:
    path = row.make(tmp_path)
    validated, body = judged(form, path, tmp_path, models)
    if isinstance(row.expected, Refused):
        check_refused(row.expected, path, body)
    else:
        check_told(row.expected, validated, body)
        form.compare(validated)


def check_refused(expected: Refused, path: Path, body: Bundle) -> None:
    status = body.status
    assert status.reason is expected.reason, status.message
    assert path.name in status.detail and status.remedy
    for word in expected.words:
        assert word in f"{status.detail} {status.remedy}", f"{word!r} is not in {status.message}"


def check_told(expected: Right, validated: Bundle, body: Bundle) -> None:
    assert body.ok, body.status.message
    warnings = [
        text for text in (*validated.status.warnings, *body.status.warnings) if not any(word in text for word in USUAL)
    ]
    for words, texts in ((expected.warned, warnings), (expected.told, validated.meta["notes"])):
        for word in words:
            assert any(word in text for text in texts), (word, texts)
        assert bool(words) == bool(texts), texts


@pytest.mark.parametrize(("form", "row"), ROWS)
def test_planning_refuses_nothing_that_validation_accepts(form: Form, row: Row, tmp_path: Path) -> None:
    path = row.make(tmp_path)
    try:
        header = motion_header(path, form.SOURCE, CONFIG)
    except StageError as error:
        assert isinstance(row.expected, Refused) and error.reason is row.expected.reason, error
    else:
        assert isinstance(row.expected, Refused) or header.frames == form.FRAMES


def test_each_kind_is_another_and_many_were_met_by_people() -> None:
    for form in FORMATS:
        assert max(Counter(row.kind for row in form.ROWS).values()) == 1
        assert isinstance(form.ROWS[0].expected, Right)
    rows = [row for form in FORMATS for row in form.ROWS]
    assert len(rows) >= 30 and sum(bool(row.issue) for row in rows) >= 15
    assert all(re.fullmatch(r"([\w-]+ #\d+)?", row.issue) for row in rows)
