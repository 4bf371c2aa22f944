"""Rule chunks: clean motions, bodies and models of a subject go in; results of chunks come out, markers to trunk."""

from mint.batch.job import run_stages
from mint.stages import ik, markers, support, trajectory, trunk, verify

run_stages([markers.stage, ik.stage, support.stage, trajectory.stage, verify.stage, trunk.stage], snakemake)
