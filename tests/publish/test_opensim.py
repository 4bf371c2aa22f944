"""Projects for OpenSim in a release: asked for by a setting, complete, and without the motion files of others."""

from __future__ import annotations

import json
from pathlib import Path

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
    for name in ("README.md", "OpenSimData/Model/m_legs_scaled.osim", "OpenSimData/Model/Geometry/femur.vtp",
                 "OpenSimData/Dynamics/whole/results/inverse_dynamics_whole.sto", "OpenSimData/Dynamics/whole/opensim.log",
                 "MarkerData/whole.trc", "models.json", "OpenSimData/Kinematics/other.mot"):
        write_text(own / name, name)
    write_text(results / "opensim/exported/whole.json", json.dumps({"subject": "KIT-3", "trials": [{"trial": "whole"}], "status": "ok"}))
    return results


def test_a_release_has_the_projects_if_asked_for_and_no_markers(exported: Path) -> None:
    asked = project.CONFIG.model_copy(update={"opensim": True})
    release = build.run(exported, asked, "pose2sim").folder
    found = {name.removeprefix("opensim/KIT-3/") for name in files_below(release) if name.startswith("opensim/")}
    assert found == {"README.md", "OpenSimData/Model/m_legs_scaled.osim", "OpenSimData/Model/Geometry/femur.vtp",
                     *("OpenSimData/" + part.format("whole", "whole") for part in OF_WALK)}
    assert "opensim/KIT-3/README.md" in (release / "SHA256SUMS").read_text(encoding="utf-8")
    assert not (build.run(exported, project.CONFIG, "pose2sim").folder / "opensim").exists()


def test_a_sequence_that_was_not_exported_is_named(exported: Path) -> None:
    (exported / "opensim/exported/whole.json").unlink()
    with pytest.raises(ValueError, match=r"whole\.json"):
        build.run(exported, project.CONFIG.model_copy(update={"opensim": True}), "pose2sim")
