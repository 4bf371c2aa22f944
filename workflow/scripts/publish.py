"""Rule publish: dataset and ledger go in; the release, its tables as CSV and the checksum of both come out."""

from pathlib import Path

from mint.config.publish import PublishConfig
from mint.core.joblog import redirect_to
from mint.publish import build

redirect_to(snakemake.log[0])
results = Path(snakemake.input.ledger).parent
release = build.run(results, PublishConfig(**snakemake.params.config), snakemake.params.model)
print(f"{release.folder}: {release.digests[release.folder.name]}")
for text in release.warnings:
    print(f"warning: {text}")
