"""Every setting has an effect: a rule has it as a parameter, the rule's code reads it, and the rule runs again for it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest

from mint.batch.check import STAGES_OF
from mint.config.base import Section
from mint.config.project import ProjectConfig
from mint.config.verify import SolutionLimits
from tests.conftest import ROOT
from tests.workflow.code import PACKAGES, code_of, names_read, tree
from tests.workflow.conftest import Workspace

# Settings that are no parameter of a rule, and what they do instead.
ELSEWHERE = {
    "sequences": "the table: tests/workflow/test_columns.py",
    "marker_adjustments": "the table, of which a subject's rows are a parameter of scale: tests/workflow/test_reruns.py",
    "results": "where results lie; no result depends on it",
    "babel.folder": "names input files of dataset; a parameter as well",
    "batch.target_minutes": "members of jobs yet to be planned: tests/workflow/test_reruns.py; no result depends on it",
    "batch.planning_steps": "steps of packing jobs; no result depends on it",
    "benchmark.gpu": "a resource of the job of a training; no result depends on it",
}
# Rules that the default target does not ask for.
ON_REQUEST = {"features", "train", "evaluate", "finetune", "benchmark"}
# Read by what runs the stages, mint.batch and mint.core, whichever they are.
OF_THE_FRAME = ("limits.", "rescue.")


@cache
def leaves() -> tuple[str, ...]:
    """Every setting: `key`, or `section.key`."""
    return tuple(_leaves(ProjectConfig, ""))


def _leaves(section: type[Section], above: str) -> Iterator[str]:
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _leaves(field.annotation, f"{above}{name}.")
        else:
            yield f"{above}{name}"


@cache
def readers() -> dict[str, set[str]]:
    """Rules and stages that have a setting among their parameters, by setting, as the rule files say it. A rule of several
    stages stands for all of them."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow/rules").glob("*.smk"))]
    functions = {
        name: body
        for text in texts
        for name, body in re.findall(r"^def (\w+)\(.*?\n((?: .*\n|\n)+)", text, flags=re.MULTILINE)
        if name != "section"
    }
    found: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for rule, body in re.findall(r"^rule (\w+):\n((?:[ #].*\n|\n)+)", text, flags=re.MULTILINE):
            _, _, params = body.partition("    params:\n")
            params = re.split(r"\n    \w+:\n", f"\n{params}")[0]
            for name in set(re.findall(r"\w+", params)) & set(functions):
                params += functions[name]
            for leaf in _named(params):
                found[leaf] |= set(STAGES_OF.get(rule, (rule,)))
        for stage, settings in re.findall(r'^SETTINGS\["(\w+)"\] = (dict\(\n(?: .*\n)+|.*)', text, flags=re.MULTILINE):
            for leaf in _named(settings):
                found[leaf].add(stage)
    return found


def _named(text: str) -> Iterator[str]:
    """Settings that a piece of a rule file takes from the configuration."""
    text = text.replace("*SolutionLimits.model_fields", ", ".join(f'"{name}"' for name in SolutionLimits.model_fields))
    for section, keys, key in re.findall(r'section\(\s*"(\w+)"((?:,\s*"\w+")*),?\s*\)(?:\["(\w+)"\])?', text):
        wanted = re.findall(r'"(\w+)"', keys) or ([key] if key else [])
        yield from (
            leaf
            for leaf in leaves()
            if leaf.startswith(f"{section}.") and (not wanted or leaf.partition(".")[2] in wanted)
        )
    yield from (leaf for leaf in re.findall(r"PROJECT\.(\w+(?:\.\w+)?)", text) if leaf in leaves())


def test_every_setting_is_a_parameter_of_a_rule() -> None:
    assert {leaf for leaf in leaves() if not readers()[leaf]} == set(ELSEWHERE) - {"babel.folder"}


@pytest.mark.parametrize(
    "leaf", [leaf for leaf in leaves() if leaf not in ELSEWHERE and not leaf.startswith(OF_THE_FRAME)]
)
def test_every_setting_is_read_by_the_code_of_a_rule_that_has_it(leaf: str) -> None:
    section, _, key = leaf.rpartition(".")
    if section in ("", "inputs"):  # handed to the function by a name of its own
        return
    code = {
        path for rule in readers()[leaf] for path in code_of(rule) if PACKAGES / "mint" / "config" not in path.parents
    }
    assert any(key in names_read(path) for path in code), f"no module of {readers()[leaf]} reads {key}"


def test_no_stage_makes_itself_a_configuration() -> None:
    """A section of defaults inside a stage is one that the project's configuration does not reach."""
    sections = {f"{name.title().replace('_', '')}Config" for name in ProjectConfig.model_fields} | {
        field.annotation.__name__ for field in ProjectConfig.model_fields.values() if isinstance(field.annotation, type)
    }
    found = []
    for path in sorted((PACKAGES / "mint").rglob("*.py")):
        if path.parent.name == "config":
            continue
        # `config or Config()`: for callers other than rules, whose scripts all give one.
        fallbacks = {
            id(part)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.BoolOp | ast.IfExp)
            for part in ast.walk(node)
        }
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and id(node) not in fallbacks and _default(node) in sections:
                found.append(f"{path.relative_to(PACKAGES)}:{node.lineno}")
    assert not found


def _default(call: ast.Call) -> str:
    """Class of which a call makes an instance without any value; empty for other calls."""
    text = ast.unparse(call)
    made = re.fullmatch(r"(\w+)(?:\(\)|\.model_validate\(\{\}\))", text)
    return made[1] if made else ""


# Settings of one row are changed together: no two of them are parameters of the same rule, so that each rule that would
# run again for its parameters tells of one of them.
CHANGES: list[dict[str, tuple[object, set[str]]]] = [
    {
        "validate_input.max_beta": (9.0, {"validate"}),
        "body.slow_speed_m_s": (0.12, {"body", "markers"}),
        "kinematics.filter_cutoff_hz": (7.0, {"scale", "ik"}),
        "measured.band_low_hz": (25.0, {"measured"}),
        "muscle_paths.samples": (2600, {"muscle_paths"}),
        "support.contact_height_m": (0.04, {"support"}),
        "trajectory.joint_iterations": (81, {"trajectory"}),
        "verify.muscle_frames": (6, {"verify"}),
        "trunk.reserve_floor": (2.5, {"trunk"}),
        "merge.saturation_level": (0.98, {"merge"}),
        "compare.cop_share": (0.2, {"compare"}),
        "quality.marker_rms_mm": (24.0, {"dataset"}),
        "figures.max_groups": (11, {"figures"}),
        "report.title": ("Other", {"report"}),
        "inputs.mirror": ("elsewhere", {"model"}),
        "inputs.wheel_mirror": ("elsewhere", {"data_wheel"}),
    },
    {
        "kinematics.margin_frames": (26, {"scale", "ik", "markers"}),
        "support.foot_parts": (["foot"], {"support", "merge"}),
        "trajectory.linear_solver": ("pardiso", {"trajectory", "compile"}),
        "babel.duration_tolerance_s": (0.2, {"dataset"}),
        "report.max_frames": (1400, {"report", "drawing"}),
    },
    {
        "verify.penetration_m": (0.02, {"trajectory", "verify"}),
    },
    {
        "dataset.pickles": (False, {"dataset"}),
        "limits.chunk_memory_mb": (
            5000.0,
            {
                "validate",
                "body",
                "measured",
                "emg_scale",
                "markers",
                "scale",
                "muscle_paths",
                "ik",
                "support",
                "trajectory",
                "verify",
                "trunk",
                "merge",
                "compare",
            },
        ),
    },
]


@pytest.mark.parametrize(
    "change", CHANGES, ids=["one of each section", "shared settings", "limits of solutions", "formats and limits"]
)
def test_a_changed_setting_runs_the_rules_that_have_it(
    workspace: Workspace, change: dict[str, tuple[object, set[str]]]
) -> None:
    workspace.configure({leaf: value for leaf, (value, _) in change.items()})
    assert workspace.changed() == set().union(*(rules for _, rules in change.values()))


@pytest.mark.parametrize(
    "change", CHANGES, ids=["one of each section", "shared settings", "limits of solutions", "formats and limits"]
)
def test_the_rule_files_say_the_same(change: dict[str, tuple[object, set[str]]]) -> None:
    assert {leaf: readers()[leaf] - ON_REQUEST for leaf in change} == {
        leaf: rules for leaf, (_, rules) in change.items()
    }
