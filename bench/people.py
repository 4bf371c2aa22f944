"""People with force plates and EMG through the whole workflow, from their motion files alone.

`python bench/people.py [COLLECTION|COLLECTION/PERSON ...] [--no-run]`, with `GROUP=choose` or `judge` for one half,
runs the workflow up to compare on the people of `bench/someone.py` (data folder: MINT_SHARED) in
`results/bench/people`, one person after the other, without a marker set. A run that was killed goes on when it is
called again; with `--no-run` only the tables are made anew. `results/benchmarks/people.json` says of each trial what
became of every chunk and what it cost, and has the rows of stage compare: stances on plates, channels of EMG, joint
moments; over each half medians over its people. A person's own number is the median over the stances, or the trials,
of that person. Where the clock of the plates is behind that of the markers, stances and moments are compared once more
with it set right (`in_time`).

`TRACKED=1` gives the forces of plates to the solver, their clock set right (`trajectory.ground_force: tracked`), in
`results/bench/people_tracked`, and writes `people_tracked.json`: what is left is not the error of predicted forces.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from medians import per_group, per_person, show
from people_figures import write_figures
from runs import clean_up, run_workflow, write_table
from someone import Someone, people
from trials import ROOT

from mint.batch.check import CHUNK_STAGES, SEQUENCE_STAGES, SUBJECT_STAGES, output_path
from mint.batch.made import Made
from mint.campaign.settings import configured
from mint.compare.columns import CHANNEL, MOMENT, STANCE, rows_of
from mint.compare.stage import run as compare
from mint.config.compare import CompareConfig
from mint.config.project import load_project
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.status import Status
from mint.dataset.outcomes import sequence_outcomes
from mint.plan.project import make_plan

TRACKED = os.environ.get("TRACKED", "") not in ("", "0")
NAME = "people_tracked" if TRACKED else "people"
RESULTS = Path("results/bench") / NAME
OUT = ROOT / f"results/benchmarks/{NAME}.json"
SETTINGS = {"trajectory": {"ground_force": "tracked"}} if TRACKED else {}


def main() -> None:
    """Run, compare, write and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--no-run", action="store_true")
    given = parser.parse_args()
    group = os.environ.get("GROUP", "")
    persons = [each for each in people(given.names) if group in ("", each.half)]
    rows = [row | _given(each) for each in people() for row in each.rows()]
    write_table(RESULTS, rows)
    if not given.no_run:
        # A run that was killed has left its lock; one that goes on is left alone.
        clean_up(RESULTS)
        for each in persons:
            if wanted := _records(each):
                run_workflow(RESULTS, rows, *wanted, config=SETTINGS)
    plan = _plan()
    trials = [of_trial(each, trial, plan) for each in persons for trial in each.trials]
    by_person = per_person(trials)
    table = {"trials": trials, "people": by_person, "groups": per_group(by_person)}
    write_text(OUT, json.dumps(table, indent=1))
    show(table)
    if not TRACKED:
        folders = {
            each: [ROOT / RESULTS / "sequences" / each.sequence(trial) for trial in each.trials] for each in persons
        }
        write_figures(
            {
                each.person: [_in_time(folder, each, plan) for folder in found if (folder / "comparison.npz").is_file()]
                for each, found in folders.items()
            },
            OUT.parent,
            CompareConfig().twitch_hz,
        )


def _given(someone: Someone) -> dict[str, Any]:
    """What the table says more where forces are given: their clock."""
    return {"forces_offset_s": -someone.plates_late_s} if TRACKED and someone.plates_late_s else {}


def _plan() -> dict[str, Any]:
    """The plan that the workflow makes."""
    given = [
        f"sequences={ROOT / RESULTS / 'sequences.tsv'}",
        f"results={RESULTS}",
        *(f"{section}={json.dumps(values)}" for section, values in SETTINGS.items()),
    ]
    return make_plan(load_project(configured(ROOT, given)), ROOT).plan


def _records(someone: Someone) -> list[str]:
    """Records of compare of the batches of a person; none where planning refuses all trials."""
    wanted = {someone.sequence(trial) for trial in someone.trials}
    return [
        str(RESULTS / "batches" / batch / "compare.json")
        for batch, names in _plan()["batches"]["motions"].items()
        if wanted & set(names)
    ]


def of_trial(someone: Someone, trial: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """Row of a trial: outcome of its chunks, cost, comparison with what was measured."""
    name = someone.sequence(trial)
    record = plan["sequences"][name]
    found = sequence_outcomes(name, record, ROOT / RESULTS)
    whole = [found.whole] if found.whole else []
    statuses = [each.status for each in found.chunks] or whole * max(len(record["windows"]), 1)
    counts = Counter(str(each.status) for each in statuses)
    judged = len(statuses) - counts[Status.EXCLUDED_CONTACT]
    row: dict[str, Any] = {
        "file": f"{someone.collection}/{someone.name}/{trial.name}",
        "person": someone.person,
        "half": someone.half,
        "sequence": name,
        "chunks": len(statuses),
        "accepted": counts[Status.ACCEPTED],
        "excluded": counts[Status.EXCLUDED_CONTACT],
        "pending": counts[Status.PENDING],
        "refused": judged - counts[Status.ACCEPTED] - counts[Status.PENDING],
        "accepted_share": round(counts[Status.ACCEPTED] / judged, 3) if judged and not counts[Status.PENDING] else None,
        "reasons": dict(Counter(str(each.reason) for each in statuses if each.status is not Status.ACCEPTED)),
        "messages": list(dict.fromkeys(each.message for each in statuses if each.status is not Status.ACCEPTED)),
        "warnings": found.warnings,
        "core_s": _cost(name, record),
    }
    folder = ROOT / RESULTS / "sequences" / name
    if counts[Status.ACCEPTED] and (folder / "comparison.npz").is_file():
        row |= _compared(Bundle.read(folder / "comparison.npz"))
        row["in_time"] = _compared(_in_time(folder, someone, plan))
    return row


def _compared(comparison: Bundle) -> dict[str, Any]:
    return {
        rows.prefix: [each for each in rows_of(rows, comparison) if not each.get("left_out")]
        for rows in (STANCE, CHANNEL, MOMENT)
    }


def measured_of(folder: Path, someone: Someone) -> Bundle:
    """What was measured beside a sequence, with the clock of the plates set right."""
    measured = Bundle.read(folder / "measured.npz")
    if measured.ok and "force_time_s" in measured:
        measured.arrays["force_time_s"] = measured["force_time_s"] - someone.plates_late_s
    return measured


def _in_time(folder: Path, someone: Someone, plan: dict[str, Any]) -> Bundle:
    """The comparison of a sequence with plates whose clock is set right."""
    if TRACKED or someone.plates_late_s == 0:
        return Bundle.read(folder / "comparison.npz")
    measured = measured_of(folder, someone)
    with tempfile.TemporaryDirectory() as name:
        shifted = Path(name) / "measured.npz"
        measured.write(shifted)
        subjects = ROOT / RESULTS / "subjects" / plan["sequences"][folder.name]["subject_id"]
        return compare(
            folder / "sequence.npz",
            shifted,
            Path(name) / "comparison.npz",
            CompareConfig(),
            subjects / "emg.npz",
            subjects / "leg.osim",
        )


def _cost(name: str, record: dict[str, Any]) -> dict[str, float]:
    """Processor time [s] of each stage of a trial, all chunks together; those of the subject count in each trial."""
    results = ROOT / RESULTS
    out = {}
    for stage in (*SEQUENCE_STAGES, *SUBJECT_STAGES, *CHUNK_STAGES):
        if stage in SUBJECT_STAGES:
            paths = [results / "subjects" / record["subject_id"] / f"{stage}.npz"]
        else:
            chunks = [f"{name}/{window['chunk']:03d}" for window in record["windows"]]
            members = chunks if stage in CHUNK_STAGES else [name]
            paths = [output_path(results, stage, member) for member in members]
        made = [each for path in paths if (each := Made.read(path))]
        if made:
            out[stage] = round(sum(each.cpu_s for each in made), 1)
    return out


if __name__ == "__main__":
    main()
