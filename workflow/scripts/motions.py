"""Rule motions: motion files and bodies go in; clean motions, mass, stature, ground and part heights come out."""

from mint.batch.job import run_stages
from mint.stages import body, validate

run_stages([validate.stage, body.stage], snakemake)
