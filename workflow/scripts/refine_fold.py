"""Rule refine_fold: gait cycles go in; what is learned without a person, and what it says of that person, comes out."""

from mint.config.refine import RefineConfig
from mint.core.joblog import redirect_to
from mint.learning.refine import folds

redirect_to(snakemake.log[0])
folds.run(
    snakemake.input.cycles,
    snakemake.wildcards.person,
    snakemake.output.bundle,
    snakemake.params.networks,
    RefineConfig(**snakemake.params.config),
)
