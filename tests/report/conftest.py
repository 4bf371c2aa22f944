"""The page of the synthetic project."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from mint.config.dataset import DatasetConfig
from mint.config.report import ReportConfig
from mint.dataset import build as dataset_build
from mint.dataset import ledger
from mint.report import build
from tests.dataset.conftest import make
from tests.provenance.traced import add_traces

_SCRIPT = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.S)


def embedded(text: str) -> dict[str, dict]:
    """JSON blocks of a page by id."""
    return {name: json.loads(body) for name, body in _SCRIPT.findall(text)}


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder: Path = tmp_path_factory.mktemp("report")
    project = make(folder)
    dataset_build.run(project.plan, project.results, DatasetConfig(), project.root)
    ledger.run(project.plan, project.results)
    add_traces(project, {name: f"KIT-{name}" for name in ("whole", "holes", "lost")})
    html = build.run(project.plan, project.results, project.results / "report" / "index.html", ReportConfig())
    text = html.read_text(encoding="utf-8")
    return SimpleNamespace(project=project, html=html, text=text, data=embedded(text))
