"""Every command says what it does, and does it with what the workflow has for it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from mint.campaign.simulate import Scenario
from mint.cli import progress
from mint.cli.main import CONTENTS, application
from mint.cli.solved import doubts, peak_force, person_of, summary, write_table
from mint.core.bundle import Bundle
from mint.core.names import sanitized
from mint.plan.sequences import read_sequences
from tests.body import synthetic
from tests.conftest import ROOT

RUNNER = CliRunner()
COLUMNS = [f"ground_force_{side}_v{axis}" for side in ("right", "left") for axis in "xyz"]


def invoke(*arguments: str) -> tuple[int, str, str]:
    done = RUNNER.invoke(application(), list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_help_is_a_table_of_contents() -> None:
    code, told, _ = invoke("--help")
    assert code == 0
    places = [told.index(f"{heading}:") for heading in CONTENTS]
    assert places == sorted(places) and "Others:" not in told
    for name in (name for names in CONTENTS.values() for name in names):
        assert re.search(rf"^  {name} +\w+", told, re.MULTILINE), name


@pytest.mark.parametrize("name", [name for names in CONTENTS.values() for name in names])
def test_every_command_has_help(name: str) -> None:
    code, told, _ = invoke(name, "--help")
    assert code == 0 and len(told.split()) > 10


def test_options_of_a_simulation_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Scenario] = []
    monkeypatch.setattr("mint.campaign.simulate.report", lambda scenario: asked.append(scenario) or {"chunks": 3})
    code, told, _ = invoke("simulate", "--nodes", "2", "--cores", "8", "--no-plan")
    assert code == 0 and json.loads(told) == {"chunks": 3}
    assert asked == [Scenario(nodes=2, cores=8, plan=False)]
    assert invoke("simulate")[0] == 0 and asked[1] == Scenario()


def test_a_resumed_run_gets_settings_and_further_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[object, ...], dict[str, object]]] = []
    monkeypatch.setattr("mint.campaign.resume.go_on", lambda *given, **named: asked.append((given, named)) or 7)
    code, _, _ = invoke("resume", "--config", "model=full402", "--no-start", "--", "--retries", "1")
    assert code == 7
    assert asked == [
        (("local", ["model=full402"], None), {"force": False, "start": False, "further": ["--retries", "1"]})
    ]


def test_settings_that_are_none_are_refused() -> None:
    code, _, told = invoke("run", "--config", "model")
    assert code == 2 and "KEY=VALUE" in told


def test_config_shows_a_section_and_what_differs_from_the_defaults() -> None:
    assert invoke("config", "verify", "--config", "verify={penetration_m: 0.02}")[1].count("penetration_m: 0.02") == 1
    code, told, _ = invoke("config", "--config", "model=full402")
    assert code == 0 and told.strip() == "model: full402"
    code, _, told = invoke("config", "nothing")
    assert code == 2 and "trajectory" in told
    code, _, told = invoke("config", "--config", "trajectory={tolerance: high}")
    assert code == 1 and "tolerance" in told


def test_add_lists_amass_and_keeps_a_table_that_exists(tmp_path: Path) -> None:
    folder = tmp_path / "AMASS" / "KIT" / "3"
    folder.mkdir(parents=True)
    np.savez(folder / "walk_poses.npz", **synthetic.motion())
    table = tmp_path / "sequences.tsv"
    assert invoke("add", str(tmp_path / "AMASS"), "--table", str(table))[0] == 0
    assert [(row.dataset, row.subject) for row in read_sequences(table)] == [("KIT", "3")]
    code, _, _ = invoke("add", str(tmp_path / "AMASS"), "--table", str(table))
    assert code == 1
    assert invoke("add", str(tmp_path / "AMASS"), "--table", str(table), "--force")[0] == 0


def plan_of(results: Path) -> None:
    (results / "plan").mkdir(parents=True)
    batches = {"chunks": {"a.000": ["a/000", "a/001"]}, "motions": {"a.000": ["a"]}, "rescue": {}}
    (results / "plan" / "plan.json").write_text(json.dumps({"batches": batches, "subjects": {"s": {}}}))
    for name in ("sequences/a/validated", "sequences/a/chunks/000/ik", "subjects/s/scale"):
        path = results / f"{name}.made.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def test_status_tells_what_is_done_and_why_chunks_were_not_accepted(tmp_path: Path) -> None:
    assert invoke("status", "--results", str(tmp_path / "none"))[0] == 1
    plan_of(tmp_path)
    code, told, _ = invoke("status", "--results", str(tmp_path))
    assert code == 0 and "no run is going on" in told and "ledger is written when" in told
    for line in ("validate       1 of 1", "scale          1 of 1", "ik             1 of 2", "trunk          0 of 2"):
        assert line in told
    rows = [("accepted", "merge", "none"), ("discarded", "trunk", "trunk_reserve"), ("failed", "ik", "marker_error")]
    pd.DataFrame(rows, columns=["status", "stage", "reason"]).to_parquet(tmp_path / "ledger.parquet")
    told = invoke("status", "--results", str(tmp_path))[1]
    assert "1 of 3 chunks accepted" in told and "1  discarded: trunk_reserve (trunk)" in told


FAKE = """
import sys
print("Building DAG of jobs...")
print("Finished jobid: 3 (Rule: chunks)")
print("1 of 2 steps (50%) done")
print("Finished jobid: 4 (Rule: merge)")
print("2 of 2 steps (100%) done")
sys.exit({code})
"""


@pytest.fixture
def snakemake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Command lines of Snakemake, in whose place something runs that prints what it prints."""
    lines: list[list[str]] = []
    start = subprocess.Popen

    def run(command: list[str], **given: object) -> subprocess.Popen[str]:
        lines.append(command)
        code = 1 if "broken" in command else 0
        return start([sys.executable, "-c", FAKE.format(code=code)], **given)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(progress.subprocess, "Popen", run)
    monkeypatch.setattr(progress, "checkout", lambda: tmp_path)
    return lines


def test_without_a_terminal_a_line_tells_when_a_job_has_ended(snakemake: list[list[str]], tmp_path: Path) -> None:
    with (tmp_path / "told").open("w") as file:
        code = progress.run_shown(["all"], {"model": "full402"}, tmp_path, console=Console(file=file))
    told = (tmp_path / "told").read_text().splitlines()
    assert code == 0 and [line.split("  ", 1)[1] for line in told] == [
        "chunks  (1 of 2 steps)",
        "merge  (2 of 2 steps)",
    ]
    assert snakemake[0][3:] == ["--profile", "local", "all", "--config", "model=full402"]


def test_on_a_terminal_each_stage_has_a_bar(snakemake: list[list[str]], tmp_path: Path) -> None:
    plan_of(tmp_path)
    with (tmp_path / "told").open("w") as file:
        console = Console(file=file, force_terminal=True, width=120)
        assert progress.run_shown([], {}, tmp_path, console=console) == 0
    told = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", (tmp_path / "told").read_text())
    assert re.search(r"muscle paths.* 0/1", told) and re.search(r"  ik .* 1/2", told)


def test_a_run_that_fails_shows_the_end_of_its_messages(snakemake: list[list[str]], tmp_path: Path) -> None:
    with (tmp_path / "told").open("w") as file:
        assert progress.run_shown(["broken"], {}, tmp_path, console=Console(file=file, width=200)) == 1
    assert "stopped with code 1" in (tmp_path / "told").read_text()
    assert "Rule: merge" in (tmp_path / "told").read_text()
    assert invoke("rescue", "--config", "x=broken")[0] == 0  # another word


def test_solve_asks_for_the_report_of_one_file_in_a_folder_of_its_own(
    snakemake: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "my walk.trc"
    file.touch()
    out = tmp_path / "out"
    results = out / "results"

    def solved(*_: object) -> tuple[list[str], int]:
        return ["my_walk: 1 of 1 chunks accepted"], 1

    monkeypatch.setattr("mint.cli.solved.summary", solved)
    code, told, _ = invoke("solve", str(file), "--out", str(out), "--mass", "70", "--model", "full402", "--cores", "1")
    assert code == 0 and "1 of 1 chunks accepted" in told and str(results / "report/index.html") in told
    assert f"mint export {sanitized('my walk')} --results {results} --config sequences={out / 'sequences.tsv'}" in told
    (row,) = read_sequences(out / "sequences.tsv")
    assert row.problem is None and Path(row.path) == file and row.mass_kg == 70 and row.source is None
    command = snakemake[0]
    assert str(results / "report" / "index.html") in command and command[command.index("--cores") + 1] == "1"
    assert {f"results={results}", f"sequences={out / 'sequences.tsv'}", "model=full402"} <= set(command)
    assert invoke("solve", str(tmp_path / "none.c3d"))[0] == 2


def test_cells_of_a_table_of_one_row_are_read_as_they_were_given(tmp_path: Path) -> None:
    path = 'a "b"\tc.trc'
    write_table(tmp_path / "s.tsv", {"sequence_id": "a", "path": path, "dataset": "D", "subject": "s", "gender": None})
    (row,) = read_sequences(tmp_path / "s.tsv")
    assert row.path == path and row.gender is None


def test_a_summary_tells_the_share_the_force_and_the_reasons(tmp_path: Path) -> None:
    rows = [("accepted", "none", "", ""), ("failed", "frame_rate", "fits 60 Hz", "set it to 60")]
    columns = ["status", "reason", "detail", "remedy"]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "ledger.parquet")
    force = np.zeros((5, len(COLUMNS)))
    force[2, [COLUMNS.index("ground_force_right_vy"), COLUMNS.index("ground_force_left_vy")]] = 500.0, 480.665
    merged = tmp_path / "sequences" / "a" / "sequence.npz"
    about = {"grf_columns": COLUMNS, "mass_kg": 50.0, "stature_m": 1.6}
    Bundle.of("merge", {"grf": force}, about).write(merged)
    lines, accepted = summary(tmp_path, "a")
    assert accepted == 1 and lines[0] == "a: 1 of 2 chunks accepted"
    assert lines[1:3] == ["  1 failed: frame_rate: fits 60 Hz", "    set it to 60"]
    assert lines[3] == "  body: 50.0 kg, 1.60 m, as stated or else estimated"
    assert lines[4:] == ["  both feet together: at most 981 N upwards, 2.00 times body weight"]
    assert peak_force(tmp_path / "none.npz") is None and person_of(tmp_path / "none.npz") is None


def test_a_summary_tells_faults_of_accepted_chunks_and_warnings(tmp_path: Path) -> None:
    chunks = [(0, 0.14, 1.54, "accepted", ["cop_roll"]), (1, 1.54, 2.0, "accepted", []), (2, 2.0, 2.2, "failed", ["x"])]
    columns = ["chunk", "t_start_s", "t_stop_s", "status", "faults"]
    pd.DataFrame(chunks, columns=columns).to_parquet(tmp_path / "quality_chunks.parquet")
    pd.DataFrame({"warnings": [["plates are 22 ms late"]]}).to_parquet(tmp_path / "quality_sequences.parquet")
    assert doubts(tmp_path) == ["  faults of chunk 0 (0.14 to 1.54 s): cop_roll", "  warning: plates are 22 ms late"]
    assert doubts(tmp_path / "none") == []


def test_doctor_runs_the_check_of_this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr("mint.cli.commands.doctor.subprocess.run", run)
    assert invoke("doctor")[0] == 3 and asked[0][1] == str(ROOT / "envs" / "check_machine.sh")
