"""Rule compare: merged sequences and what was measured go in; errors and curves come out."""

from mint.batch.job import run_job
from mint.batch.run import Stage
from mint.core.tables import checkout_files

stage = Stage(
    "compare",
    "comparison.npz",
    "mint.compare.stage:run",
    config=("mint.config.compare:CompareConfig", snakemake.params.config),
    shared={"maxima": snakemake.input.emg, "leg_osim": snakemake.input.leg},
    own={"sequence": "sequence.npz", "measured": "measured.npz"},
    watched=checkout_files(snakemake.params.tables),
)

run_job(stage, snakemake)
