"""Rule features: a dataset and the motions behind it go in; features and activations of every sequence come out."""

from pathlib import Path

from mint.config.benchmark import BenchmarkConfig
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.joblog import redirect_to
from mint.learning.benchmark import collect
from mint.plan.file import read_plan

redirect_to(snakemake.log[0])
config = BenchmarkConfig(**snakemake.params.config)
given, how = snakemake.input, snakemake.params.reading
motions = None
if not config.motion:
    motions = collect.motions_of(read_plan(given.records)["sequences"])
reading = collect.Reading(
    how["model_dir"],
    how["density_kg_m3"],
    ValidateConfig(**how["config"]),
    HumanConfig(**how["human"]),
)
job = collect.Job(
    Path(config.dataset or Path(given.metadata).parent),
    motions,
    Path(snakemake.output.index),
    config,
    reading,
    tuple(given.babel),
)
collect.run(job, snakemake.threads)
