"""Rule refine: folds go in; tables, figures, page, model folder and refined activations come out."""

from pathlib import Path

from mint.config.refine import RefineConfig
from mint.core.joblog import redirect_to
from mint.learning.refine import build
from mint.plan.file import read_plan

redirect_to(snakemake.log[0])
config = RefineConfig(**snakemake.params.config)
records = {} if config.pairs else read_plan(snakemake.input.records)["sequences"]
build.run(
    snakemake.input.get("cycles"),
    list(snakemake.input.folds),
    Path(snakemake.output.told).parent.parent,
    config,
    {name: record["subject_id"] for name, record in records.items()},
)
