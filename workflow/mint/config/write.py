"""`python -m mint.config.write > config/config.yaml`: the defaults, every key with its description as a comment."""

from __future__ import annotations

import sys
import textwrap
from typing import TextIO

import yaml

from mint.config.base import Section
from mint.config.project import ProjectConfig

_WIDTH = 106


def write_yaml(config: Section, out: TextIO, indent: int = 0) -> None:
    """Write a section and its subsections as commented YAML."""
    pad = " " * indent
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if isinstance(value, Section):
            out.write("\n")
            _comment((type(value).__doc__ or "").split("\n\n")[0], pad, out)
            out.write(f"{pad}{name}:\n")
            write_yaml(value, out, indent + 2)
            continue
        _comment(field.description or "", pad, out)
        plain = config.model_dump(mode="json")[name]
        nested = isinstance(plain, dict) or (isinstance(plain, list) and any(isinstance(x, dict | list) for x in plain))
        text = yaml.safe_dump(plain, default_flow_style=not nested, sort_keys=False, width=_WIDTH)
        if nested:
            text = f"{name}:\n" + textwrap.indent(text, "  ")
        else:
            text = f"{name}: " + text.removesuffix("...\n").strip() + "\n"
        out.write(textwrap.indent(text, pad))


def _comment(text: str, pad: str, out: TextIO) -> None:
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH - len(pad)):
        out.write(f"{pad}# {line}\n")


if __name__ == "__main__":
    sys.stdout.write("# Configuration. Units in brackets. Unknown keys stop the run before any job.\n\n")
    write_yaml(ProjectConfig(), sys.stdout)
