"""Rule finetune: a trained network and measured EMG go in; scores of the network on EMG, fine-tuned, come out."""

from pathlib import Path

from mint.config.benchmark import BenchmarkConfig
from mint.core.joblog import redirect_to
from mint.learning.benchmark import finetuning

redirect_to(snakemake.log[0])
config = BenchmarkConfig(**snakemake.params.config)
given, body = snakemake.input, snakemake.params.body
finetuning.run(
    given.index,
    given.trained,
    snakemake.wildcards.entry,
    snakemake.output.bundle,
    config,
    config.dataset or Path(given.metadata).parent,
    body["model_dir"],
    body["density_kg_m3"],
)
