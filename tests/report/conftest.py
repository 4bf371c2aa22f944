"""The page of the synthetic project."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from mint.config.dataset import DatasetConfig
from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.dataset import build as dataset_build
from mint.dataset import ledger
from mint.drawing.bones import body_arrays
from mint.drawing.places import body_path, drawing_path
from mint.report import build
from tests.dataset.conftest import make
from tests.drawing import conftest as drawn
from tests.drawing import squat
from tests.provenance.traced import add_traces

drawing, drawn_squat = drawn.drawing, drawn.drawn_squat  # fixtures

_SCRIPT = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.S)


def embedded(text: str) -> dict[str, dict]:
    """JSON blocks of a page by id."""
    return {name: json.loads(body) for name, body in _SCRIPT.findall(text)}


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder: Path = tmp_path_factory.mktemp("report")
    project = make(folder)
    dataset_build.run(project.plan, project.results, DatasetConfig())
    ledger.run(project.plan, project.results)
    add_traces(project, {name: f"KIT-{name}" for name in ("whole", "holes", "lost")})
    html = build.run(project.plan, project.results, project.results / "report" / "index.html", ReportConfig())
    text = html.read_text(encoding="utf-8")
    return SimpleNamespace(project=project, html=html, text=text, data=embedded(text))


@pytest.fixture(scope="session")
def viewed(drawn_squat: squat.Squat, drawing: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results with one drawn sequence; the only surface is a cube at the right thigh."""
    results = Path(shutil.copytree(drawn_squat.results, tmp_path_factory.mktemp("viewed") / "results"))
    squat.surface(results / "geometry", "femur_r.vtp", 0.1)
    arrays = body_arrays(
        drawn_squat.model.model, results / "subjects" / squat.SUBJECT / "leg_model.json", results / "geometry", 0.011
    )
    Bundle.of("drawing", arrays).write(body_path(results, squat.SUBJECT))
    drawing.write(drawing_path(results, squat.SEQUENCE))
    return results


@pytest.fixture(scope="session")
def viewed_page(viewed: Path, drawn_squat: squat.Squat) -> Path:
    return build.run(drawn_squat.plan, viewed, viewed / "report" / "index.html", ReportConfig())
