"""The configuration file has what projects differ in, the page has everything, and both are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from mint.config.everyday import EVERYDAY
from mint.config.project import ProjectConfig, load_project
from mint.config.write import config_yaml, page
from tests.conftest import ROOT


def leaves(values: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def test_the_file_is_the_one_that_the_sections_say() -> None:
    """`make settings` writes it."""
    assert (ROOT / "config/config.yaml").read_text(encoding="utf-8") == config_yaml()


def test_the_file_has_the_everyday_settings_with_their_defaults_and_is_short() -> None:
    text = config_yaml()
    values = yaml.safe_load(text)
    assert sorted(leaves(values)) == sorted(EVERYDAY)
    assert load_project(values) == ProjectConfig()
    assert len(text.splitlines()) <= 90


def test_the_page_has_every_setting_once_below_its_section_with_its_default_and_what_it_is() -> None:
    found, section = {}, ""
    for line in page().splitlines():
        if line.startswith("## "):
            section = f"{line.removeprefix('## ')}."
        elif row := re.fullmatch(r"\| `(\w+)` \| (.+?) \| (.+) \|", line):
            key, default, told = row.groups()
            assert f"{section}{key}" not in found and told.strip()
            found[section + key] = default
    plain = ProjectConfig().model_dump(mode="json")
    assert sorted(found) == sorted(leaves(plain))
    for key, default in found.items():
        value: Any = plain
        for name in key.split("."):
            value = value[name]
        assert default == "below" or yaml.safe_load(default.strip("`")) == value, key
    for name in ("rungs", "attempts"):
        block = re.search(rf"\n    {name}:\n((?:    .*\n)+)", page())
        assert block is not None
        assert yaml.safe_load(block[0]) == {name: plain["trajectory" if name == "rungs" else "rescue"][name]}
