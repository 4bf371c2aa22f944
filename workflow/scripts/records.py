"""Rule records: fields of the planned sequences go in, a file of them comes out, in the form of the plan."""

import json

from mint.core.atomic import write_text
from mint.core.joblog import redirect_to

redirect_to(snakemake.log[0])
write_text(snakemake.output.records, json.dumps({"sequences": snakemake.params.sequences}, indent=1))
