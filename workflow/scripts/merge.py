"""Rule merge: chunks of sequences go in, sequences with marked gaps come out."""

from mint.batch.job import run_job
from mint.batch.run import Stage
from mint.core.tables import checkout_files

stage = Stage(
    "merge",
    "sequence.npz",
    "mint.sequence.merge:run_files",
    config=("mint.config.merge:MergeConfig", snakemake.params.config),
    own={"validated": "validated.npz", "body": "body.npz"},
    named={"files": "files"},
    values={"record": "record"},
    arguments={"foot_parts": snakemake.params.support["foot_parts"]},
    watched=checkout_files(snakemake.params.tables),
)

run_job(stage, snakemake)
