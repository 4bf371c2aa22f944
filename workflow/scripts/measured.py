"""Rule measured: recorded forces and EMG go in; forces and envelopes on the clock of the simulation come out."""

from mint.batch.job import run_job
from mint.batch.run import Stage
from mint.core.tables import checkout_files

stage = Stage(
    "measured",
    "measured.npz",
    "mint.measured.stage:run",
    config=("mint.config.measured:MeasuredConfig", snakemake.params.config),
    own={"validated_path": "validated.npz", "body_path": "body.npz"},
    named={"forces_path": "forces_path", "emg_path": "emg_path"},
    values={
        "forces_missing": "forces_missing",
        "emg_missing": "emg_missing",
        "forces_offset_s": "forces_offset_s",
        "emg_offset_s": "emg_offset_s",
        "emg_side": "emg_side",
    },
    watched=checkout_files(snakemake.params.tables),
)

run_job(stage, snakemake)
