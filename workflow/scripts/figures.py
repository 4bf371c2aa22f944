"""Rule figures: the dataset goes in, figures and the numbers behind them come out."""

from pathlib import Path

from mint.config.figures import FiguresConfig
from mint.core.joblog import redirect_to
from mint.figures import build

redirect_to(snakemake.log[0])
results = Path(snakemake.input.metadata).parent.parent
build.run(results, FiguresConfig(**snakemake.params.config))
