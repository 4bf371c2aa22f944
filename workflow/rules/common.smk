# Configuration, plan and the few functions that rules share. This file runs at every start of Snakemake, on
# a cluster twice per job, so it only reads small files. It writes none: what a run leaves for its jobs is written when
# the first job is about to start (`onstart`), so that looking (a dry run, a summary, ...) changes nothing.

import functools
import math
import sys
from hashlib import sha256
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake_interface_executor_plugins.settings import ExecMode

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "workflow"))
from mint.body.model_files import candidates
from mint.batch.check import CHUNK_STAGES, OUTPUT, SECOND_PASS, STAGES_OF, rules_of
from mint.batch.forced import note_run
from mint.batch.patience import look_with_one_timer
from mint.campaign.running import note_running
from mint.config.babel import EMBEDDED
from mint.config.project import load_project
from mint.config.verify import SolutionLimits
from mint.formats.kinds import SHAPED
from mint.learning.benchmark.names import FLOOR_TITLES, entrants, finetuned_entries
from mint.learning.refine.pair_table import read_pairs
from mint.core.environment import export_package_path
from mint.core.methods import METHOD_VERSION
from mint.core.packages import LINEAR_SOLVER_PACKAGES, versions_of
from mint.core.tables import table
from mint.dataset.babel import demo_files, label_files
from mint.plan.batches import RESCUE, chunk_name, parts_of
from mint.plan.demo import demo_lengths
from mint.plan.project import make_plan, plan_path
from mint.plan.file import read_plan
from mint.plan.sequences import read_adjustments

export_package_path()


configfile: "config/config.yaml"


# A bad table or key ends the run here, before any job, with one line per problem.
try:
    PROJECT = load_project(config)
    ADJUSTMENTS = read_adjustments(PROJECT.marker_adjustments)
    # The main process plans; its jobs read what it has written for them.
    PLANNED = (
        make_plan(PROJECT, ROOT) if workflow.exec_mode == ExecMode.DEFAULT else None
    )
    PLAN = PLANNED.plan if PLANNED else read_plan(plan_path(PROJECT))
    BABEL_FILES = label_files(PROJECT, PLAN["sequences"])
except (ValueError, OSError) as error:
    raise WorkflowError(str(error)) from None

SEQUENCES = {
    name: record
    for name, record in PLAN["sequences"].items()
    if record["problem"] is None
}
SUBJECTS = PLAN["subjects"]
RESULTS = PROJECT.results


BATCHES = PLAN["batches"]
MOTION_BATCH = {
    seq: batch for batch, names in BATCHES["motions"].items() for seq in names
}
CHUNK_BATCH = {
    name: batch for batch, names in BATCHES["chunks"].items() for name in names
}
SOLVER_PACKAGES = LINEAR_SOLVER_PACKAGES[PROJECT.trajectory.linear_solver]


def rescue_wanted():
    """Whether the rule `rescue` is a target. Known from when Snakemake builds its graph of jobs."""
    return any(rule.name == "rescue" for rule in workflow.dag.targetrules)


@functools.cache
def rescue_plan():
    """Batches of the second pass: those that were started once, and with the target `rescue` those that it adds. Asked
    for by input and parameter functions only, which Snakemake calls when it knows the targets.
    """
    check_hooks()
    if PLANNED is not None and rescue_wanted():
        try:
            return PLANNED.second_pass()
        except (ValueError, OSError) as error:
            raise WorkflowError(f"{RESULTS}/ledger.parquet: {error}") from None
    return BATCHES[RESCUE]


@functools.cache
def rescue_batch():
    """The batch of every chunk that has a second pass."""
    return {name: batch for batch, names in rescue_plan().items() for name in names}


def check_hooks():
    """Jobs read the plan, which a hook writes for them."""
    settings = workflow.execution_settings
    if PLANNED and settings and settings.no_hooks and not workflow.dryrun:
        raise WorkflowError(
            "--no-hooks: jobs would get the plan of an earlier run, because a hook writes it; leave the option out"
        )


def named_stage(stage):
    """Input function of a stage that shares a rule. Named by --forcerun it forces the rules that run it, whose jobs are told
    which of their stages is meant; as a target, or by --until, it asks for all of its records.
    """

    def records(wildcards):
        check_hooks()
        settings = workflow.dag_settings
        if stage in settings.forcerun:
            workflow.dag.forcerules.update(map(workflow.get_rule, rules_of(stage)))
        if stage not in {*settings.targets, *settings.until}:
            return []
        batches = BATCHES["motions" if stage in STAGES_OF["motions"] else "chunks"]
        second = rescue_plan() if stage in SECOND_PASS else []
        return [batch_record(stage, batch) for batch in [*batches, *second]]

    return records


def everything(wildcards):
    """Input function: all that a run makes. What is wrong with the run shows here: in the input of a rule below the
    target Snakemake takes an error for a reason to leave what exists as it is."""
    check_hooks()
    rescue_plan()
    return [
        rules.dataset.output.metadata,
        rules.dataset.output.ledger,
        rules.dataset.output.quality,
        *rules.figures.output.figures,
        rules.report.output.html,
        rules.provenance.output.table,
        rules.provenance.output.crate,
    ]


# Called before the first job of a run starts, in the main process only, and not if there is nothing to do.
onstart:
    # With --touch no second pass is made, so none is recorded.
    PLANNED.save(None if workflow.touch else rescue_plan())
    note_run(
        RESULTS, forced=forced_names(), everything=workflow.dag_settings.forceall
    )
    # A restart after a crash asks whether this run still lives.
    note_running(RESULTS)
    look_with_one_timer(workflow.scheduler)


def forced_names():
    """Rules, stages and files that --forcerun, --force and --forceall name."""
    settings = workflow.dag_settings
    return {*settings.forcerun, *(settings.targets if settings.forcetargets else ())}


wildcard_constraints:
    batch=r"[A-Za-z0-9_\-]+(\.rescue)?\.\d\d\d+",
    subject=r"[A-Za-z0-9_\-]+",
    model=r"[a-z0-9]+[a-z0-9_]*(?<!_prepared)(?<!_leg)",


SUBJECT = f"{RESULTS}/subjects/{{subject}}"
MODEL_FILE = f"{RESULTS}/inputs/models/{PROJECT.model}_prepared.osim"


# A stage of a batch writes the results of its members below sequences/, where they survive what Snakemake clears away
# when a job runs again, and this record of them, which is what Snakemake knows.
def batch_record(stage, batch="{batch}"):
    return f"{RESULTS}/batches/{batch}/{stage}.json"


def batch_records(stages):
    """Output of a job of several stages, the record of each by its name."""
    return {stage: batch_record(stage) for stage in stages}


def batch_log(stage):
    return f"{RESULTS}/logs/{stage}/{{batch}}.log"


def batch_logs(stages):
    return {stage: batch_log(stage) for stage in stages}


def batch_benchmark(stage):
    return f"{RESULTS}/benchmarks/{stage}/{{batch}}.tsv"


# What each stage of a job of several depends on beside files: the rule files of the stages say it, rule `settings` writes
# it down, a file for each stage, which is an input of its jobs.
SETTINGS = {}


def settings_of(*stages):
    """Input: the settings of stages."""
    return [f"{RESULTS}/plan/settings/{stage}.json" for stage in stages]


# Files of the checkout are parameters, {path: SHA-256}: as input files of 14,000 jobs they would double the time of planning,
# and a fresh checkout, which dates them anew, makes nothing out of date.
def code_files(*patterns):
    """Files of the checkout, by patterns relative to it."""
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return {str(path.relative_to(ROOT)): code_digest(path) for path in found}


@functools.cache
def resource_tables(*names):
    """Tables of resources/ that a stage reads, as far as they are there: stages say what is missing."""
    paths = {
        f"resources/{name}.csv": ROOT / "resources" / f"{name}.csv" for name in names
    }
    return {name: code_digest(path) for name, path in paths.items() if path.is_file()}


@functools.cache
def code_digest(path):
    return sha256(path.read_bytes()).hexdigest()


# What names of markers tell, where no marker set does.
LANDMARKS = resource_tables("landmarks")


def is_registered(record):
    """Whether the markers of a sequence or subject find their places on the model themselves."""
    return record["kind"] == "markers" and not record["marker_set"]


def marker_set_tables(subject):
    """Tables of the markers of a subject on the model; none for markers that are registered."""
    if not SUBJECTS[subject]["marker_set"]:
        return {}
    folder = f"marker_sets/{SUBJECTS[subject]['marker_set']}"
    return resource_tables(
        *(f"{folder}/{part}_{PROJECT.model}" for part in ("markers", "measurements"))
    )


def pinned(name, column, key):
    """Rows of a table of external files that pin `key`: another row there fetches nothing again."""
    rows = table(name).fillna("").astype(str)
    return rows[rows[column] == key].to_dict("records")


def all_subjects(name):
    """A file of every subject."""
    return [f"{RESULTS}/subjects/{subject}/{name}" for subject in SUBJECTS]


def section(name, *keys):
    """A section of the configuration, or some keys of it, as plain values: what a result depends on, hence a parameter."""
    return getattr(PROJECT, name).model_dump(mode="json", include=set(keys) or None)


def subject_of(wildcards):
    """Batches are of one subject and named after it."""
    return wildcards.batch.partition(".")[0]


def subject_file(name):
    """Input function: a file of the subject of the batch."""
    return lambda wildcards: f"{RESULTS}/subjects/{subject_of(wildcards)}/{name}"


def chunks_of(batch):
    """Chunks of a batch of the first pass, or of the second."""
    return BATCHES["chunks"].get(batch) or rescue_plan()[batch]


def is_rescue(batch):
    return batch in rescue_plan()


def chunk_folder(name, second=False):
    """Where the results of a chunk lie below the results folder; those of its second pass beside them."""
    seq, chunk = parts_of(name)
    first = f"sequences/{seq}/chunks/{chunk:03d}"
    return f"{first}/rescue" if second else first


def sequences_of(wildcards):
    check_hooks()
    return BATCHES["motions"][wildcards.batch]


def sequence_members(*fields, **computed):
    """Parameter function: the sequences of a batch, with fields of their plan and what functions of their name give."""
    return lambda wildcards: [
        {
            "name": seq,
            "folder": f"sequences/{seq}",
            **{field: SEQUENCES[seq][field] for field in fields},
            **{key: function(seq) for key, function in computed.items()},
        }
        for seq in sequences_of(wildcards)
    ]


def is_shaped(seq):
    """Whether a sequence's poses are put on another body than their own."""
    return SEQUENCES[seq]["source"] in SHAPED


def if_shaped(field):
    """A field of the sequences whose poses are put on another body than their own; nothing for the others."""
    return lambda seq: SEQUENCES[seq][field] if is_shaped(seq) else None


def chunk_members(*fields, files=(), of_sequence=()):
    """Parameter function: the chunks of a batch, with their windows [start, stop] in frames at 50/s, and paths of `files`
    of their first pass and of those `of_sequence`."""

    def members(wildcards):
        second = is_rescue(wildcards.batch)
        out = []
        for name in chunks_of(wildcards.batch):
            seq, chunk = parts_of(name)
            window = SEQUENCES[seq]["windows"][chunk]
            out.append(
                {
                    "name": f"{name}/rescue" if second else name,
                    "sequence": seq,
                    "folder": chunk_folder(name, second),
                    "window": [window["start"], window["stop"]],
                    **{field: SEQUENCES[seq][field] for field in fields},
                    **{
                        file: f"{RESULTS}/{chunk_folder(name)}/{file}.npz"
                        for file in files
                    },
                    **{
                        file: f"{RESULTS}/sequences/{seq}/{file}.npz"
                        for file in of_sequence
                    },
                }
            )
        return out

    return members


def first_pass_records(stage):
    """Input function: what a stage recorded of the chunks of the batch in their first pass."""
    return lambda wildcards: sorted(
        {batch_record(stage, CHUNK_BATCH[name]) for name in chunks_of(wildcards.batch)}
    )


def motion_records(stage):
    """Input function: what a stage recorded of the sequences whose chunks are in the batch."""
    return lambda wildcards: sorted(
        {
            batch_record(stage, MOTION_BATCH[parts_of(name)[0]])
            for name in chunks_of(wildcards.batch)
        }
    )


# Files of a sequence that its trajectories need: what was measured, where it is tracked.
GIVEN_FILES = ("measured",) if PROJECT.trajectory.ground_force == "tracked" else ()


def given_records(wildcards):
    """Input function: what was recorded of the files of `GIVEN_FILES`."""
    return [path for stage in GIVEN_FILES for path in motion_records(stage)(wildcards)]


def chunk_records(stage):
    """Input function: what a stage recorded of the chunks of the batch's sequences, in both passes if it has two."""

    def records(wildcards):
        names = [
            chunk_name(seq, window["chunk"])
            for seq in sequences_of(wildcards)
            for window in SEQUENCES[seq]["windows"]
        ]
        batches = {CHUNK_BATCH[name] for name in names}
        if stage in SECOND_PASS:
            batches |= {
                rescue_batch()[name] for name in names if name in rescue_batch()
            }
        return sorted(batch_record(stage, batch) for batch in batches)

    return records


def chunk_minutes(wildcards, attempt):
    """Runtime [min] of the stages of a batch of chunks: four times the predicted cost, and more with each attempt."""
    seconds = sum(PLAN["cost_s"][name] for name in chunks_of(wildcards.batch))
    return math.ceil(2 + 4 * attempt * seconds / 60)


def rescue_minutes(wildcards, attempt):
    """Runtime [min] of a second pass: twice as long as the work of all its attempts takes on an idle core, and the rest."""
    seconds = sum(each.typical_s for each in PROJECT.rescue.attempts)
    return chunk_minutes(wildcards, attempt) + math.ceil(2 * attempt * seconds / 60)


def sequence_minutes(seconds):
    """Runtime [min] of a stage that takes so long for a sequence."""
    return lambda wildcards, attempt: math.ceil(
        2 + 4 * attempt * seconds * len(sequences_of(wildcards)) / 60
    )


def motion_files(wildcards):
    """The motion files of a batch that exist, or that a rule makes."""
    return [SEQUENCES[seq]["path"] for seq in sequences_of(wildcards)]


def other_trials(seq):
    """Static trial and first trials of the person, which validation asks where a trial does not tell what is up."""
    rec = SEQUENCES[seq]
    if rec["kind"] != "markers":
        return []
    first = SUBJECTS[rec["subject_id"]]["shape_from"]
    paths = [rec["static_path"], *(SEQUENCES[name]["path"] for name in first)]
    return list(
        dict.fromkeys(path for path in paths if path not in (None, rec["path"]))
    )


def present_file(column):
    """A function of a sequence: the file that the table names in a column, if it is there. A measurement that is missing
    costs nothing but itself."""

    def present(seq):
        path = SEQUENCES[seq][column]
        return path if path and Path(path).is_file() else None

    return present


def missing_file(column):
    """A function of a sequence: the file that the table names in a column and that is not there."""
    present = present_file(column)
    return lambda seq: None if present(seq) else SEQUENCES[seq][column] or None


def measured_files(wildcards):
    """Files of forces and EMG that the table names and that are there."""
    found = (
        present_file(column)(seq)
        for seq in sequences_of(wildcards)
        for column in ("forces_path", "emg_path")
    )
    return sorted({path for path in found if path})


@functools.cache
def sequences_by_subject():
    """Sequences that can be run, by subject, in the order of the table."""
    out = {}
    for seq, record in SEQUENCES.items():
        out.setdefault(record["subject_id"], []).append(seq)
    return out


def given_maxima(subject):
    """Largest EMG by channel that rows of a subject state; the largest of them where they differ."""
    out = {}
    for seq in sequences_by_subject()[subject]:
        for channel, value in (SEQUENCES[seq]["emg_maximum"] or {}).items():
            out[channel] = max(value, out.get(channel, 0.0))
    return out


def body_files(sequences):
    """Body models and marker map, where one of the sequences has body poses; nothing for optical markers."""
    if all(SEQUENCES[seq]["kind"] != "poses" for seq in sequences):
        return []
    return [*body_model_files(), PROJECT.body.marker_map]


def chunk_body_files(wildcards):
    return body_files({parts_of(n)[0] for n in chunks_of(wildcards.batch)})


def chunk_results(seq):
    """Results of the chunks of a sequence in the order that merge takes them: all stages of the first, then the next."""
    names = [chunk_name(seq, window["chunk"]) for window in SEQUENCES[seq]["windows"]]
    return [
        f"{RESULTS}/{chunk_folder(name, stage in SECOND_PASS and name in rescue_batch())}/{OUTPUT[stage]}"
        for name in names
        for stage in CHUNK_STAGES
    ]


def merge_record(seq):
    return {k: SEQUENCES[seq][k] for k in ("sequence_id", "windows", "last_frame")}


def marker_bodies(seq):
    """Which body carries which optical marker, for the heights of body parts; nothing for a mesh."""
    rec = SEQUENCES[seq]
    if not rec["marker_set"] or rec["kind"] == "poses":
        return None
    rows = table(f"marker_sets/{rec['marker_set']}/markers_{PROJECT.model}")
    rows = rows[rows["kind"] == "marker"]
    return dict(zip(rows["marker"], rows["body"]))


def shape_files(sequences):
    """Body models that shape poses of other bodies and of skeletons, where one of the sequences has such; else none."""
    sources = {SEQUENCES[seq]["source"] for seq in sequences}
    others = [
        str(path)
        for source in sorted(sources)
        if source in SHAPED
        for gender in ("male", "female", "neutral")
        for path in candidates(PROJECT.body.model_dir, source, gender)
        if path.is_file()
    ]
    return [*body_model_files(), *others] if sources & SHAPED else []


def body_model_files(wildcards=None):
    """SMPL-H files that exist, or all three of the embedded body, which a rule makes."""
    folder = PROJECT.body.model_dir
    files = [f"{folder}/{gender}/model.npz" for gender in ("male", "female", "neutral")]
    return (
        files
        if folder == DEMO_BODY
        else [name for name in files if Path(name).exists()]
    )


DEMO_BODY = f"{RESULTS}/inputs/body"


OPENSIM = f"{RESULTS}/opensim"


def planned(sequence):
    """The plan of a sequence that somebody names."""
    if sequence in SEQUENCES:
        return SEQUENCES[sequence]
    known = "was refused" if sequence in PLAN["sequences"] else "is not in the table"
    raise WorkflowError(
        f"sequence {sequence} {known}: names are those of {PROJECT.sequences}, reasons in {RESULTS}/ledger.parquet"
    )


def exported(sequences):
    """Records of exported sequences."""
    return [f"{OPENSIM}/exported/{seq}.json" for seq in sequences]


def registered_from(wildcards):
    """The sequences whose motion registration looks at."""
    subject = SUBJECTS[wildcards.subject]
    return subject["shape_from"] if is_registered(subject) else []


REFINE = f"{RESULTS}/refine"


@functools.cache
def refine_pairs():
    """Rows of the table of pairs; none where the dataset is learned from."""
    try:
        return read_pairs(PROJECT.refine.pairs) if PROJECT.refine.pairs else []
    except ValueError as error:
        raise WorkflowError(str(error)) from None


def refine_people():
    """Everybody who may have EMG. Who has none, or no gait cycle, is a fold that says so."""
    if PROJECT.refine.model:
        return []
    if PROJECT.refine.pairs:
        return sorted({pair.person for pair in refine_pairs()})
    return sorted(
        {
            record["subject_id"]
            for record in SEQUENCES.values()
            if record["emg_path"] or record["source"] == "c3d"
        }
    )


def refine_folds(wildcards):
    """Input function: a fold of every person."""
    check_hooks()
    return [f"{REFINE}/folds/{person}/fold.npz" for person in refine_people()]


def pair_files(wildcards):
    """Input function: the files that the table of pairs names and that are there."""
    found = {
        path for pair in refine_pairs() for path in (pair.simulated, pair.measured)
    }
    return sorted(str(path) for path in found if path.is_file())


LEARNING = f"{RESULTS}/learning"


def benchmark_entrants():
    """Every training and floor of the benchmark, (entry, number of its seed)."""
    try:
        return entrants(PROJECT.benchmark)
    except ValueError as error:
        raise WorkflowError(str(error)) from None


def benchmark_tables(wildcards):
    """Input function: a dataset that lies elsewhere and its tables, as far as they are there: stages say what is missing."""
    folder = PROJECT.benchmark.dataset
    names = (
        "",
        "sequences.parquet",
        "quality_chunks.parquet",
        "intervals.parquet",
        "mint_metadata.csv",
    )
    found = [Path(folder, name) for name in names] if folder else []
    return [str(path) for path in found if path.exists()]


def benchmark_folders(wildcards):
    """Input function: the folder of motions and that of lists with its files, as far as they are named and there."""
    lists, motion = PROJECT.benchmark.lists, PROJECT.benchmark.motion
    names = ("", "train.txt", "val.txt", "test.txt", "index.csv", "humanml3d_index.csv")
    found = [Path(lists, name) for name in names] if lists else []
    return [
        str(path)
        for path in (*([Path(motion)] if motion else []), *found)
        if path.exists()
    ]


def benchmark_babel(wildcards):
    """Input function: BABEL's files, which tell splits and labels of a published dataset; a dataset of ours has them."""
    wanted = PROJECT.benchmark.dataset and PROJECT.babel.folder != EMBEDDED
    return BABEL_FILES if wanted else []


def benchmark_motions(wildcards):
    """Input function: the motion files of this project that hold poses."""
    check_hooks()
    if PROJECT.benchmark.motion:
        return []
    return [rec["path"] for rec in SEQUENCES.values() if rec["kind"] == "poses"]


def benchmark_bodies(wildcards):
    """Input function: body models on which motions are put."""
    if PROJECT.benchmark.motion:
        return body_model_files()
    return shape_files(SEQUENCES) or body_model_files()


def benchmark_merged(stage):
    """Records of a stage of all batches: they say what is in the dataset, whose own tables are the same for other values."""
    if PROJECT.benchmark.dataset:
        return []
    return [batch_record(stage, batch) for batch in BATCHES["motions"]]


def training_minutes(wildcards, attempt):
    """Resource function: minutes that a training may take by preset, at most those of a partition: it goes on where it was.
    The published schedule needs a GPU."""
    longest = 2 * 24 * 60
    minutes = {"test": 10, "small": 30, "campaign": 240, "paper": longest}
    return min(minutes[PROJECT.benchmark.preset] * attempt, longest)


def benchmark_training(wildcards):
    """Input function: the training of a network; a floor has none."""
    if wildcards.entry in FLOOR_TITLES:
        return []
    return f"{LEARNING}/trained/{wildcards.entry}/{wildcards.number}/trained.npz"


def benchmark_trainings(wildcards):
    """Input function: all trainings."""
    return [
        f"{LEARNING}/trained/{entry}/{number}/trained.npz"
        for entry, number in benchmark_entrants()
        if entry not in FLOOR_TITLES
    ]


def benchmark_scores(wildcards):
    """Input function: scores of all networks and floors."""
    return [
        f"{LEARNING}/scores/{entry}/{number}.npz"
        for entry, number in benchmark_entrants()
    ]


def benchmark_finetunings(wildcards):
    """Input function: networks that are trained further on measured EMG."""
    entries = finetuned_entries(PROJECT.benchmark)
    return [f"{LEARNING}/finetuned/{entry}.npz" for entry in entries]


def mia_files(wildcards):
    """Input function: the folder of Muscles in Action and its lists, as far as they are there: a stage says what is missing."""
    folder = PROJECT.benchmark.mia
    found = (
        [Path(folder, name) for name in ("", "train.txt", "val.txt")] if folder else []
    )
    return [str(path) for path in found if path.exists()]
