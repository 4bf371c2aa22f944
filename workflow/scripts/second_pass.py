"""Rule second_pass: chunks without a solution go in; that of further attempts, its verification and trunk come out."""

from mint.batch.job import run_stages
from mint.stages import trajectory, trunk, verify

run_stages([trajectory.stage, verify.stage, trunk.stage], snakemake)
