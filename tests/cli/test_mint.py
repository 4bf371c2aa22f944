"""The command `mint`: light, and a command is a small file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mint.cli import recognized, workflow
from mint.cli.commands import export as export_module
from mint.cli.commands import markers as markers_module
from mint.cli.main import application
from tests.body import synthetic
from tests.conftest import ROOT

RUNNER = CliRunner()


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from mint.cli.main import application\n"
        "try: application()(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('opensim', 'casadi', 'torch', 'pandas', 'scipy', 'snakemake') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "export" in done.stdout and done.stdout.strip().endswith("[]")


def test_the_command_is_installed_under_its_name() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'mint = "mint.cli.main:main"' in text


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Command lines of Snakemake; instead of running, each target appears as a record."""
    lines: list[list[str]] = []

    def run(command: list[str], cwd: Path, check: bool) -> subprocess.CompletedProcess[str]:
        lines.append(command)
        for target in (Path(each) for each in command if each.endswith(".json")):
            target.parent.mkdir(parents=True, exist_ok=True)
            trials = (
                []
                if target.stem == "lost"
                else [
                    {
                        "trial": target.stem,
                        "first_s": 0.14,
                        "last_s": 1.5,
                        "legs_pelvis_residual_in_fades_N": 31.0,
                        "weight_N": 620.0,
                    }
                ]
            )
            target.write_text(
                json.dumps(
                    {
                        "sequence": target.stem,
                        "subject": "A-s",
                        "trials": trials,
                        "status": "ok" if trials else "no accepted chunk",
                    }
                )
            )
        return subprocess.CompletedProcess(command, 1 if any("broken" in each for each in command) else 0)

    monkeypatch.setattr(workflow.subprocess, "run", run)
    return lines


def test_export_asks_the_workflow_for_the_records_of_the_sequences(runs: list[list[str]], tmp_path: Path) -> None:
    done = RUNNER.invoke(
        application(),
        [
            "export",
            "walk",
            "run",
            "walk",
            "--results",
            str(tmp_path),
            "--trials",
            "chunks",
            "--cores",
            "2",
            "--config",
            "model=full402",
        ],
    )
    assert done.exit_code == 0, done.output
    [line] = runs
    assert [each for each in line if each.endswith(".json")] == [
        f"{tmp_path}/opensim/exported/{name}.json" for name in ("walk", "run")
    ]
    assert line[-4:] == ["--config", "model=full402", f"results={tmp_path}", "opensim={trials: chunks}"]
    assert "walk: A-s: walk (0.14 to 1.50 s)" in done.output and "31 N (5 % of body weight)" in done.output


def test_export_says_what_could_not_be_exported_and_fails(runs: list[list[str]], tmp_path: Path) -> None:
    done = RUNNER.invoke(application(), ["export", "walk", "lost", "--results", str(tmp_path)])
    assert done.exit_code == 1 and "lost: not exported: no accepted chunk" in done.output and "walk: A-s" in done.output


def test_export_passes_a_failure_of_the_workflow_on(runs: list[list[str]], tmp_path: Path) -> None:
    assert RUNNER.invoke(application(), ["export", "broken", "--results", str(tmp_path)]).exit_code == 1


@pytest.mark.parametrize("name", ["../x", "a b", "", "a/b"])
def test_export_takes_no_path_for_a_name(runs: list[list[str]], name: str) -> None:
    done = RUNNER.invoke(application(), ["export", name])
    assert done.exit_code == 2 and not runs


@pytest.fixture
def model(tmp_path: Path) -> list[str]:
    """Arguments for results that have a model already."""
    path = tmp_path / "inputs" / "models" / "pose2sim_prepared.osim"
    path.parent.mkdir(parents=True)
    path.touch()
    (tmp_path / "inputs" / "video_places.csv").write_text("set,marker,body,x_m,y_m,z_m,source\n")
    return ["--results", str(tmp_path)]


def test_markers_are_a_line_each_and_a_picture(
    model: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    row = {
        "marker": "LASI",
        "landmark": "anterior_superior_iliac_spine_l",
        "body": "pelvis",
        "residual_mm": "5.4",
        "offset_mm": "13.1",
    }
    found = recognized.Recognized([row], ["foo"], ["doubt"], "", {"LASI": np.zeros(3), "foo": np.ones(3)})
    monkeypatch.setattr(recognized, "recognized", lambda *arguments: found)
    (tmp_path / "a.trc").touch()
    done = RUNNER.invoke(
        application(), ["markers", str(tmp_path / "a.trc"), "--picture", str(tmp_path / "a.png"), *model]
    )
    assert done.exit_code == 0, done.output
    assert re.search(r"LASI +anterior_superior_iliac_spine_l +pelvis +5.4 +13.1", done.output)
    assert "note: doubt" in done.output and "not used: foo" in done.output
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_body_poses_have_no_markers_to_show(model: list[str], tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **synthetic.motion())
    done = RUNNER.invoke(application(), ["markers", str(tmp_path / "a.npz"), *model])
    assert done.exit_code == 1 and "holds amass, body poses without markers" in done.output


def test_markers_of_no_file_are_not_looked_for(model: list[str], tmp_path: Path) -> None:
    assert RUNNER.invoke(application(), ["markers", str(tmp_path / "gone.trc"), *model]).exit_code == 2


def test_every_command_has_a_function_of_its_name() -> None:
    assert callable(export_module.export) and callable(markers_module.markers)
    assert {command.name for command in application().registered_commands} >= {"export"}
