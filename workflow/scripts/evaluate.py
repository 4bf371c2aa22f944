"""Rule evaluate: a trained network, or a floor, goes in; its scores in the test windows come out."""

from mint.config.benchmark import BenchmarkConfig
from mint.core.joblog import redirect_to
from mint.learning.benchmark import evaluation

redirect_to(snakemake.log[0])
evaluation.run(
    snakemake.input.index,
    snakemake.input.get("trained") or None,
    snakemake.wildcards.entry,
    int(snakemake.wildcards.number),
    snakemake.output.bundle,
    BenchmarkConfig(**snakemake.params.config),
)
