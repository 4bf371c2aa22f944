"""`ro-crate-metadata.json`: the results folder as a Provenance Run Crate, for archives and catalogues.

The crate (profile https://w3id.org/ro/wfrun/provenance/0.5 on RO-Crate 1.1) has one action for the run, one for each
subject and one for each sequence: its motion file with SHA-256, the subject's model, the marker adjustments in force,
its folder of the dataset with SHA-256 of every file, the software with versions. Chunks and stages, hosts, jobs,
attempts and times are rows of `provenance.parquet`, which the crate refers to: 11,000 sequences have some 600,000 of
them. All paths are relative to the crate; files from outside the results folder are named, not part of it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
from rocrate.model.computerlanguage import snakemake as snakemake_language

import mint
from mint.core.atomic import write_text
from mint.provenance import table
from mint.provenance.crate_actions import add_sequence, add_subject
from mint.provenance.crate_entities import Crate, Reference
from mint.provenance.trace import dataset_folders

FILE = "ro-crate-metadata.json"
WORKFLOW = "workflow"
_CODE = ("workflow/rules/*.smk", "workflow/scripts/*.py")
LICENSE = (
    "These results derive from the motion files, body models and musculoskeletal models named herein, and their "
    "licences hold for them. The software is under Apache-2.0."
)
_STEPWISE = "https://w3id.org/ro/wfrun/provenance/0.5"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    _STEPWISE: "Provenance Run Crate",
    _WORKFLOW_CRATE: "Workflow RO-Crate",
}
_BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_TABLES = {
    table.FILE: "every result of subjects, sequences, chunks: digest, fingerprint, host, job, times, versions",
    "ledger.parquet": "what became of every chunk",
    "attempts.parquet": "every attempt of the solver",
    "dataset/quality_chunks.parquet": "how good every chunk is",
    "plan/records/dataset.json": "sequences and their chunks as planned",
    "report/index.html": "the results to look at",
}
_COLUMNS = ("subject", "sequence", "stage", "started", "ended", "stale", "config_digest")
_STEPS = {"subject": "scale the model to a subject", "sequence": "solve a sequence"}


def run(
    results_dir: str | Path,
    workflow_dir: str | Path,
    *,
    agent: str = "",
    license_text: str = LICENSE,
    hash_files: bool = True,
) -> Path:
    """Write `ro-crate-metadata.json` into `results_dir` and return its path; `provenance.parquet` is there already.

    The Snakefile, rules and scripts of `workflow_dir` are copied to `workflow/` beside it: a crate holds the workflow
    that made it. `agent` is the person who ran it. Without `hash_files` files are listed without SHA-256, which takes
    reading the whole dataset. The same results give the same file, byte for byte.
    """
    results = Path(results_dir)
    _copy_workflow(Path(workflow_dir), results / WORKFLOW)
    crate = Crate(results, hash_files)
    who = crate.add("#agent", "Person", name=agent) if agent else None
    rows = pd.read_parquet(results / table.FILE, columns=list(_COLUMNS))
    ended = max(rows["ended"].dropna(), default="")
    folders = dataset_folders(results)
    dataset = _add_dataset(crate, folders)
    stale = set(rows["sequence"][rows["stale"] != ""])
    actions = [add_subject(crate, name, who) for name in _names(rows["subject"])]
    for name in _names(rows["sequence"]):
        actions.append(add_sequence(crate, name, folders.get(name), who, stale=name in stale))
    tables = [crate.hashed(name, description=text) for name, text in _TABLES.items() if (results / name).is_file()]
    workflow, copied = _add_workflow(crate)
    whole = _add_run(crate, rows, workflow, [*dataset, *tables], who)
    held = {part["@id"] for part in [*dataset, *tables, workflow, *copied]}
    _describe(crate, ended, license_text)
    root = crate.root
    root["mainEntity"] = workflow
    loose = [part for part in crate.loose_files() if part["@id"] not in held]
    root["hasPart"] = [*dataset, *tables, workflow, *copied, *loose]
    root["mentions"] = [whole, *(action for action in actions if action is not None)]
    write_text(results / FILE, crate.text())
    return results / FILE


def _names(column: pd.Series[str]) -> list[str]:
    return sorted(str(name) for name in set(column) - {""})


def _copy_workflow(source: Path, target: Path) -> None:
    files = [source / "Snakefile", *(path for pattern in _CODE for path in sorted(source.glob(pattern)))]
    with tempfile.TemporaryDirectory(prefix=f".{WORKFLOW}-", dir=target.parent) as name:
        new = Path(name) / "new"
        new.mkdir()
        for path in files:
            (new / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, new / path.relative_to(source))
        if target.exists():
            target.rename(Path(name) / "old")
        new.rename(target)


def _add_dataset(crate: Crate, folders: Mapping[str, str]) -> list[Reference]:
    if not (crate.results / "dataset").is_dir():
        return []
    parts = [crate.folder(folder) for folder in sorted(folders.values())]
    text = "Muscle activation, forces and ground reactions at 50 frames/s."
    return [crate.folder("dataset", parts, description=text)]


def _add_workflow(crate: Crate) -> tuple[Reference, list[Reference]]:
    """The main workflow with its steps and tools, and the other files of its copy."""
    language = crate.crate.add(snakemake_language(crate.crate))
    tools = crate.tools()
    steps = (
        [
            crate.add(f"#step-{name}", "HowToStep", name=text, position=str(i), workExample=tools)
            for i, (name, text) in enumerate(_STEPS.items(), start=1)
        ]
        if tools
        else []
    )
    standard = crate.add(_BIOSCHEMAS, "CreativeWork", name="Bioschemas ComputationalWorkflow", version="1.0")
    workflow = crate.hashed(
        f"{WORKFLOW}/Snakefile",
        kind=["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        version=mint.__version__,
        hasPart=tools,
        step=steps,
        conformsTo=standard,
        programmingLanguage={"@id": language.id},
    )
    copied = sorted(
        path.relative_to(crate.results).as_posix()
        for path in (crate.results / WORKFLOW).rglob("*")
        if path.is_file() and path.name != "Snakefile"
    )
    return workflow, [crate.hashed(name) for name in copied]


def _add_run(
    crate: Crate, rows: pd.DataFrame, workflow: Reference, result: list[Reference], who: Reference | None
) -> Reference:
    """The run as a whole; its inputs are the configurations, named by the table's digests."""
    configs: dict[str, Any] = table.read_meanings(crate.results / table.FILE)["config"]
    stages = {str(digest): ", ".join(_names(group)) for digest, group in rows.groupby("config_digest")["stage"]}
    given = [
        crate.add(
            f"#config-{digest[:16]}",
            "PropertyValue",
            name=f"configuration of {stages[digest]}",
            identifier=digest,
            propertyID="config_digest",
            value=json.dumps(configs[digest], sort_keys=True),
        )
        for digest in sorted(configs)
    ]
    started, ended = min(rows["started"].dropna(), default=""), max(rows["ended"].dropna(), default="")
    text = "All results of this folder; the workflow may have been started several times."
    return crate.add(
        "#run",
        "CreateAction",
        name="The run",
        description=text,
        instrument=workflow,
        agent=who,
        object=given,
        result=result,
        startTime=started,
        endTime=ended,
    )


def _describe(crate: Crate, ended: str, license_text: str) -> None:
    root = crate.root
    root["name"] = "Muscle activity from motion capture"
    root["description"] = (
        "Simulated activity of human muscles for recorded motions, made by the workflow mint: "
        "dataset/ holds the values, provenance.parquet tells of each result how it was made."
    )
    # Not the time of writing: the same results are the same crate.
    root["datePublished"] = ended[:10] or "1970-01-01"
    root["license"] = crate.add("#license", "CreativeWork", name="Licences of the sources", description=license_text)
    # Without any trace no tool is known, and the run crate has no steps.
    root["conformsTo"] = [
        crate.add(name, "CreativeWork", name=title, version=PurePosixPath(name).name)
        for name, title in _PROFILES.items()
        if crate.tools() or name != _STEPWISE
    ]
    crate.crate.metadata["conformsTo"] = [{"@id": name} for name in ("https://w3id.org/ro/crate/1.1", _WORKFLOW_CRATE)]
