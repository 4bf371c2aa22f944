"""Rule train: features and activations go in; a network, trained from one seed, comes out."""

from mint.config.benchmark import BenchmarkConfig
from mint.core.joblog import redirect_to
from mint.learning.benchmark import training

redirect_to(snakemake.log[0])
training.run(
    snakemake.input.index,
    snakemake.wildcards.entry,
    int(snakemake.wildcards.number),
    snakemake.output.bundle,
    BenchmarkConfig(**snakemake.params.config),
)
