"""What can be set, told from the typed sections: `config/config.yaml`, and the page of all keys on the site.

`make settings` writes the file, `make docs` the page.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from mint.config.base import Section
from mint.config.everyday import EVERYDAY
from mint.config.project import ProjectConfig

_WIDTH = 118
_LONG = 120
_HEAD = """\
# What projects differ in. `mint config` shows every other setting, to be written below its section.
# Units in brackets. A key that is unknown, or a value of the wrong type, stops the run before any job.

"""
_PAGE = """\
# Configuration

Every setting with its default, its unit, and its effect or source. `config/config.yaml` holds those that projects
differ in. Any other one is written there below its section, or given on the command line:

    snakemake --profile local --config 'verify={penetration_m: 0.02}'

A key that is unknown, or a value of the wrong type or out of range, stops the run before any job. A change computes
again what depends on that setting, and nothing else.
"""


def config_yaml(config: ProjectConfig | None = None) -> str:
    """The everyday settings as commented YAML."""
    out = io.StringIO(_HEAD)
    out.seek(0, io.SEEK_END)
    _write_yaml(config or ProjectConfig(), "", out, EVERYDAY.__contains__)
    return out.getvalue()


def page() -> str:
    """All settings as a page of Markdown, a table per section."""
    config = ProjectConfig()
    rows: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for key, text, value in _leaves(config, ""):
        section, _, name = key.rpartition(".")
        default = f"`{_flow(value)}`"
        if len(default) > _LONG:
            block = yaml.safe_dump({name: value}, sort_keys=False)
            below.setdefault(section, []).append("\n" + textwrap.indent(block, "    "))
            default = "below"
        told = " ".join(text.split()).replace("|", r"\|")
        rows.setdefault(section, []).append(f"| `{name}` | {default} | {told} |")
    parts = [_PAGE]
    for section, lines in rows.items():
        head = f"\n## {section}\n\n{_section_doc(config, section)}\n" if section else ""
        parts.append("\n".join([head, "| key | default | |", "|---|---|---|", *lines, *below.get(section, [])]) + "\n")
    return "".join(parts)


def _flow(value: Any) -> str:
    """A plain value on one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6)
    return text.removesuffix("...\n").strip()


def _leaves(config: Section, place: str) -> Iterator[tuple[str, str, Any]]:
    """Key, description and plain value of every setting; those of a section before those of its subsections."""
    plain = config.model_dump(mode="json")
    nested = []
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if isinstance(value, Section):
            nested.append((f"{place}{name}.", value))
        else:
            yield place + name, field.description or "", plain[name]
    for below, value in nested:
        yield from _leaves(value, below)


def _section_doc(config: Section, section: str) -> str:
    for name in section.split("."):
        config = getattr(config, name)
    return " ".join((type(config).__doc__ or "").split())


def section_yaml(config: ProjectConfig, name: str) -> str:
    """All settings of a section, or the one of that name, as commented YAML; empty where there is neither."""
    out = io.StringIO()
    _write_yaml(config, "", out, lambda key: key == name or key.startswith(f"{name}."))
    return out.getvalue().lstrip("\n")


def _write_yaml(config: Section, place: str, out: io.StringIO, wanted: Callable[[str], bool]) -> None:
    """Write a section and its subsections, without what is not wanted; a section is, if a key of it is."""
    pad = "  " * place.count(".")
    for name in type(config).model_fields:
        value, key = getattr(config, name), place + name
        if isinstance(value, Section):
            inner = io.StringIO()
            _write_yaml(value, f"{key}.", inner, wanted)
            if inner.getvalue():
                out.write(f"\n{pad}{name}:\n{inner.getvalue()}")
        elif wanted(key):
            _write_leaf(config, name, pad, out)


def _write_leaf(config: Section, name: str, pad: str, out: io.StringIO) -> None:
    _comment(type(config).model_fields[name].description or "", pad, out)
    out.write(f"{pad}{name}: {_flow(config.model_dump(mode='json')[name])}\n")


def _comment(text: str, pad: str, out: io.StringIO) -> None:
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH - len(pad)):
        out.write(f"{pad}# {line}\n")
