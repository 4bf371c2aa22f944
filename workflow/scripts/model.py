"""Rule model: a pinned address or a data wheel goes in, a model file comes out, checked by hash."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.inputs import models

redirect_to(snakemake.log[0])
models.fetch(
    snakemake.wildcards.model,
    Path(snakemake.output.osim),
    mirror=snakemake.params.mirror or None,
    wheel_folder=snakemake.input.get("wheel") or None,
    rows=snakemake.params.pinned,
)
