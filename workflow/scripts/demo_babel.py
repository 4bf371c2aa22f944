"""Rule demo_babel: the facts of the embedded motions go in, their labels in BABEL's format come out."""

import pandas as pd

from mint.core.joblog import redirect_to
from mint.inputs import demo_babel

redirect_to(snakemake.log[0])
demo_babel.build(pd.read_csv(snakemake.input.facts), snakemake.output)
