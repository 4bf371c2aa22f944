"""Rule report: dataset, ledger, quality and drawings go in, one offline page comes out."""

from pathlib import Path

from mint.config.report import ReportConfig
from mint.core.joblog import redirect_to
from mint.plan.file import read_plan
from mint.report import build

redirect_to(snakemake.log[0])
results = Path(snakemake.input.ledger).parent
plan = read_plan(snakemake.input.records)
build.run(plan, results, Path(snakemake.output.html), ReportConfig(**snakemake.params.config))
