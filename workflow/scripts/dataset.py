"""Rule dataset: merged sequences and labels go in; the dataset with its tables, ledger and attempts come out."""

from pathlib import Path

from mint.config.babel import BabelConfig
from mint.config.dataset import DatasetConfig
from mint.config.quality import QualityConfig
from mint.core.joblog import redirect_to
from mint.dataset import build, ledger
from mint.dataset.babel import read_babel
from mint.dataset.babel_join import join
from mint.dataset.babel_labels import summary
from mint.plan.file import read_plan

redirect_to(snakemake.log[0])
results = Path(snakemake.output.ledger).parent
plan = read_plan(snakemake.input.records)
babel = read_babel(snakemake.input.babel)
joined = join(babel, plan["sequences"], BabelConfig(**snakemake.params.babel))
print("\n".join(summary(babel, joined)))
tables = ledger.run(plan, results)
build.run(
    plan,
    results,
    DatasetConfig(**snakemake.params.config),
    joined=joined,
    quality=QualityConfig(**snakemake.params.quality),
    doubted=tables.doubted,
)
