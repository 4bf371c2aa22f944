"""Projects for OpenSim in a release: asked for by a setting, complete, and without the motion files of others."""

from __future__ import annotations

import json
from pathlib import Path

import mlcroissant as mlc
import pytest

from mint.core.atomic import write_text
from mint.publish import build
from mint.publish.folder import files_below
from tests.publish import project

OF_WALK = ("Kinematics/{}.mot", "Dynamics/{}/forces_{}.mot", "Dynamics/{}/GRF_{}.xml", "Dynamics/{}/activations_{}.sto")


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """Results of one sequence with a project as the export leaves it, after somebody has run a tool in it."""
    results = project.make(tmp_path, datasets=("KIT",)).results
    own = results / "opensim" / "KIT-3"
    for name in [part.format("whole", "whole") for part in OF_WALK]:
        write_text(own / "OpenSimData" / name, name)
    for name in (
        "README.md",
        "OpenSimData/Model/m_legs_scaled.osim",
        "OpenSimData/Model/Geometry/femur.vtp",
        "OpenSimData/Dynamics/whole/results/inverse_dynamics_whole.sto",
        "OpenSimData/Dynamics/whole/opensim.log",
        "MarkerData/whole.trc",
        "models.json",
        "OpenSimData/Kinematics/other.mot",
    ):
        write_text(own / name, name)
    write_text(
        results / "opensim/exported/whole.json",
        json.dumps({"subject": "KIT-3", "trials": [{"trial": "whole"}], "status": "ok"}),
    )
    return results


def test_a_release_has_the_projects_if_asked_for_and_no_markers(exported: Path) -> None:
    asked = project.CONFIG.model_copy(update={"opensim": True})
    release = build.run(exported, asked, "pose2sim").folder
    found = {name.removeprefix("opensim/KIT-3/") for name in files_below(release) if name.startswith("opensim/")}
    assert found == {
        "README.md",
        "OpenSimData/Model/m_legs_scaled.osim",
        "OpenSimData/Model/Geometry/femur.vtp",
        *("OpenSimData/" + part.format("whole", "whole") for part in OF_WALK),
    }
    said = (release / "README.md").read_text(encoding="utf-8")
    assert "### OpenSim projects, in the folder `opensim`" in said and "each of 1 subjects" in said
    sets = {each.id: each for each in mlc.Dataset(jsonld=str(release / "croissant.json")).metadata.file_sets}
    described = {
        name
        for each, ending in sets.items()
        if each.startswith("opensim-")
        for name in files_below(release)
        if name.startswith("opensim/") and name.endswith("." + ending.includes[0].rpartition(".")[2])
    }
    assert described == {f"opensim/KIT-3/{name}" for name in found if not name.endswith((".md", ".vtp"))}
    listed = {line.split("  ")[1] for line in (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert {f"opensim/KIT-3/{name}" for name in found} <= listed
    assert "opensim/KIT-3/README.md" in (release / "SHA256SUMS").read_text(encoding="utf-8")
    without = build.run(exported, project.CONFIG, "pose2sim").folder
    assert not (without / "opensim").exists() and "opensim" not in (without / "croissant.json").read_text(
        encoding="utf-8"
    )
    assert "OpenSim projects" not in (without / "README.md").read_text(encoding="utf-8")


def test_a_sequence_that_was_not_exported_is_named(exported: Path) -> None:
    (exported / "opensim/exported/whole.json").unlink()
    with pytest.raises(ValueError, match=r"whole\.json"):
        build.run(exported, project.CONFIG.model_copy(update={"opensim": True}), "pose2sim")
