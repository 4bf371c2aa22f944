"""Rule emg_scale: measured sequences of a person go in; the largest envelope of each EMG channel comes out."""

from mint.batch.job import run_job
from mint.batch.run import Stage

stage = Stage(
    "emg_scale",
    "emg.npz",
    "mint.measured.scale:run",
    named={"measured": "measured"},
    values={"given": "given"},
)

run_job(stage, snakemake)
