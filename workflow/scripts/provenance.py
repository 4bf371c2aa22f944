"""Rule provenance: traces of all results go in; their table and the crate of the results folder come out."""

from pathlib import Path

from mint.core.joblog import redirect_to
from mint.provenance import crate, table

redirect_to(snakemake.log[0])
results = Path(snakemake.output.table).parent
table.run(results)
crate.run(results, Path(snakemake.scriptdir).resolve().parents[1])
