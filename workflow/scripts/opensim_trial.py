"""Rule opensim_trial: the chunks of a sequence go in, the files of its trials and a record come out."""

from pathlib import Path

from mint.config.opensim import OpensimConfig
from mint.core.joblog import redirect_to
from mint.exchange.sequence import run

redirect_to(snakemake.log[0])
run(
    snakemake.wildcards.sequence,
    snakemake.params.merged,
    snakemake.params.files,
    Path(snakemake.input.models),
    snakemake.output.record,
    snakemake.params.model,
    snakemake.params.fade["fade_half_width_frames"],
    OpensimConfig(**snakemake.params.config),
)
