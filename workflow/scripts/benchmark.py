"""Rule benchmark: scores of all entries go in; tables, figures, page and model folders come out."""

from pathlib import Path

from mint.config.benchmark import BenchmarkConfig
from mint.core.joblog import redirect_to
from mint.learning.benchmark import build

redirect_to(snakemake.log[0])
build.run(
    snakemake.input.index,
    list(snakemake.input.trained),
    list(snakemake.input.scores),
    Path(snakemake.output.told).parent,
    BenchmarkConfig(**snakemake.params.config),
    list(snakemake.input.finetuned),
)
