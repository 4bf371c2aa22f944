"""Rule settings: what a stage depends on beside files goes in, a file of it comes out."""

import json

from mint.core.atomic import write_text
from mint.core.joblog import redirect_to

redirect_to(snakemake.log[0])
write_text(snakemake.output.settings, json.dumps(dict(snakemake.params.settings), indent=1))
