"""Rule markers: a clean motion and its body go in, virtual markers of one chunk come out."""

from mint.body import markers
from mint.config.body import BodyConfig
from mint.core.joblog import redirect_to

redirect_to(snakemake.log[0])
config = BodyConfig(**snakemake.params.config)
status = markers.run(
    snakemake.input.validated,
    snakemake.input.body,
    config.model_dir,
    config.marker_map,
    snakemake.output.trc,
    window=snakemake.params.window,
    margin_frames=snakemake.params.margin_frames,
    config=config,
).status
print(status.message)
