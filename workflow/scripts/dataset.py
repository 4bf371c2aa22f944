"""Rule dataset: merged sequences go in; dataset, ledger, attempts and quality come out."""

from pathlib import Path

from mint.config.dataset import DatasetConfig
from mint.core.joblog import redirect_to
from mint.dataset import build, ledger
from mint.plan.build import read_plan

redirect_to(snakemake.log[0])
results = Path(snakemake.output.ledger).parent
plan = read_plan(results / "plan" / "plan.json")
ledger.run(plan, results)
build.run(plan, results, DatasetConfig(**snakemake.params.config))
