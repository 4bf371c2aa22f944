"""Code that a stage is made of does not change in silence: its version rises, or somebody says why it need not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mint.campaign.closure import NOT_CODE, Sources, stage_digest, stages
from mint.campaign.methods import Record, changes, explained, recorded
from mint.core.methods import METHOD_VERSION
from mint.core.packages import IMPORT_NAMES, PACKAGES
from tests.conftest import ROOT

# Checks settings, computes nothing: see mint/core/packages.py.
NOT_COMPUTED_WITH = {"pydantic"}


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources(ROOT)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code, to change at will."""
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def changed_stages(checkout: Path, sources: Sources) -> set[str]:
    """Stages whose digest is another one in the copy."""
    other = Sources(checkout)
    return {stage for stage in stages() if stage_digest(other.stage(stage)) != stage_digest(sources.stage(stage))}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_no_code_has_changed_without_a_new_version_or_a_word_why(sources: Sources) -> None:
    found = changes(Record.read(ROOT / "resources"), sources, METHOD_VERSION)
    assert not found, "\n" + explained(found)


def test_packages_of_every_stage_are_those_that_its_code_imports(sources: Sources) -> None:
    assert set(PACKAGES) == set(METHOD_VERSION)
    for stage, names in PACKAGES.items():
        assert {IMPORT_NAMES.get(name, name) for name in names} == sources.packages(stage) - NOT_COMPUTED_WITH, stage


def test_a_stage_is_its_function_and_all_it_imports(sources: Sources) -> None:
    assert {
        "mint.stages.ik",
        "mint.kinematics.ik",
        "mint.kinematics.inverse.solver",
        "mint.config.kinematics",
        "mint.core.bundle",
    } <= set(sources.stage("ik"))
    assert "mint.trajectory.muscles.muscle" in sources.stage("trajectory") and "mint.batch.rescue" in sources.stage(
        "trajectory"
    )
    assert not any(name.startswith("mint.trajectory") for name in sources.stage("ik"))
    assert "mint.drawing.subject" in sources.stage("drawing")  # called by its name, in a child process
    assert not any(NOT_CODE & set(sources.stage(stage)) for stage in stages())


@pytest.mark.parametrize(
    ("file", "old", "new", "hit", "spared"),
    [
        ("kinematics/inverse/solver.py", "import", "import os\nimport", {"ik"}, {"trajectory", "validate"}),
        (
            "trajectory/model/contact.py",
            "import",
            "import os\nimport",
            {"trajectory", "compile"},
            {"ik", "validate", "figures"},
        ),
        ("trajectory/solvers/trials.h", "int ", "long ", {"trajectory", "compile"}, {"ik", "verify"}),
        ("trajectory/solvers/mumps.c", "int ", "long ", {"trajectory", "compile"}, {"ik", "verify"}),
        ("report/template/body.js", "const", "let", {"report"}, {"figures", "dataset"}),
        ("core/bundle.py", "import", "import os\nimport", {"validate", "ik", "trajectory", "merge", "dataset"}, set()),
    ],
)
def test_a_change_of_code_shows_in_the_stages_that_import_it(
    checkout: Path, sources: Sources, file: str, old: str, new: str, hit: set[str], spared: set[str]
) -> None:
    path = checkout / "workflow/mint" / file
    text = path.read_text()
    at = text.index(f"\n{old}") + 1 if file.endswith(".py") else text.index(old)
    path.write_text(text[:at] + new + text[at + len(old) :])
    found = changed_stages(checkout, sources)
    assert hit <= found and not spared & found


@pytest.mark.parametrize(("stage", "file"), [("merge", "scripts/merge.py"), ("verify", "mint/stages/verify.py")])
def test_what_makes_a_stage_of_its_function_is_its_code(
    checkout: Path, sources: Sources, stage: str, file: str
) -> None:
    output = {"merge": "sequence.npz", "verify": "verify.npz"}[stage]
    replace(checkout / "workflow" / file, f'"{output}"', '"other.npz"')
    assert changed_stages(checkout, sources) == {stage}


def test_a_rule_of_several_stages_makes_none_of_them_another(checkout: Path, sources: Sources) -> None:
    replace(checkout / "workflow/scripts/chunks.py", "verify.stage, ", "")
    replace(checkout / "workflow/mint/batch/job.py", "results = ", "results = None or ")
    assert changed_stages(checkout, sources) == set()


def test_prose_and_layout_change_no_digest(checkout: Path, sources: Sources) -> None:
    mint = checkout / "workflow/mint"
    replace(mint / "core/bundle.py", '"""', '"""Other words. ')
    replace(mint / "core/status.py", "\nclass ", "\n\n# A comment.\n\nclass ")
    replace(mint / "kinematics/inverse/solver.py", "    return ", "    return  ")
    replace(mint / "config/verify.py", 'description="', 'description="Other words: ')
    replace(mint / "trajectory/solvers/trials.h", "/*", "/* other words */  /*")
    replace(mint / "core/methods.py", '"ik": ', '"ik": 1')
    replace(mint / "__init__.py", '__version__ = "', '__version__ = "9')
    assert changed_stages(checkout, sources) == set()


def test_a_silent_change_is_named_with_its_module_and_what_to_do(checkout: Path, sources: Sources) -> None:
    before = recorded(Record({}, {}), sources, METHOD_VERSION)
    replace(checkout / "workflow/mint/support/belt.py", "return ", "return 0 or ")
    other = Sources(checkout)
    found = changes(before, other, METHOD_VERSION)
    support = next(change for change in found if change.row.stage == "support")
    assert support.silent and support.modules == ("mint.support.belt",)
    for words in ("support", "mint.support.belt", "mint/core/methods.py", "make methods", "WHY="):
        assert words in explained([support])
    with pytest.raises(ValueError, match=r"mint\.support\.belt"):
        recorded(before, other, METHOD_VERSION, "  ")


def test_a_word_why_is_kept_until_the_next_version(checkout: Path, sources: Sources, tmp_path: Path) -> None:
    versions = {"support": 2, "ik": 4}
    first = recorded(Record({}, {}), sources, versions)
    replace(checkout / "workflow/mint/support/belt.py", "return ", "return 0 or ")
    judged = recorded(first, Sources(checkout), versions, 'a name, "nothing" else')
    judged.write(tmp_path)
    read = Record.read(tmp_path)
    assert read == judged and changes(read, Sources(checkout), versions) == []
    assert [row.note for row in read.rows["support"]] == ["", 'a name, "nothing" else']
    assert read.rows["ik"] == first.rows["ik"]
    raised = recorded(read, Sources(checkout), {"support": 3, "ik": 4})
    assert [(row.version, row.note) for row in raised.rows["support"]] == [(3, "")]


def test_a_raised_version_needs_to_be_recorded_but_no_word(sources: Sources) -> None:
    before = recorded(Record({}, {}), sources, {"support": 2})
    (change,) = changes(before, sources, {"support": 3})
    assert not change.silent and explained([change]) == "support: version 3 is not recorded\nRun make methods."
    assert recorded(before, sources, {"support": 3}).rows["support"][-1].version == 3
