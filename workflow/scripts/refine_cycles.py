"""Rule refine_cycles: the dataset, or a table of pairs, goes in; gait cycles with EMG come out."""

from pathlib import Path

from mint.config.refine import RefineConfig
from mint.core.joblog import redirect_to
from mint.learning.refine import collect
from mint.plan.file import read_plan

redirect_to(snakemake.log[0])
config = RefineConfig(**snakemake.params.config)
given = snakemake.input
records = {} if config.pairs else read_plan(given.records)["sequences"]
collect.run(
    None if config.pairs else Path(given.metadata).parent,
    config.pairs or None,
    snakemake.output.bundle,
    snakemake.output.rows,
    config,
    {name: record["subject_id"] for name, record in records.items()},
)
