"""Settings of a command line, `--config key=value`, as Snakemake understands them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml


def configured(root: Path, settings: Sequence[str]) -> dict[str, Any]:
    """The configuration of the checkout `root` with the settings of a command line."""
    return with_settings(yaml.safe_load((root / "config" / "config.yaml").read_text(encoding="utf-8")), settings)


def with_settings(values: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """The configuration with each `key=value` (YAML) in place of what it has; sections are completed, not replaced."""
    out = dict(values)
    for key, _, text in (item.partition("=") for item in settings):
        given = yaml.safe_load(text)
        out[key] = {**out.get(key, {}), **given} if isinstance(given, dict) else given
    return out
