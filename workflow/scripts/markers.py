"""Rule markers: clean motions and their bodies go in, virtual markers of chunks come out."""

from mint.batch.run import Stage, run_job
from mint.body import markers
from mint.config.body import BodyConfig

config = BodyConfig(**snakemake.params.config)


def place(member, files, output):
    """Markers of one chunk, in this process, which has the body model."""
    return markers.run(
        files["validated"],
        files["body"],
        config.model_dir,
        config.marker_map,
        output,
        window=member["window"],
        margin_frames=snakemake.params.margin_frames,
        config=config,
    ).status


stage = Stage(
    "markers",
    "markers.trc",
    config=("mint.config.body:BodyConfig", snakemake.params.config),
    own={"validated": "../../validated.npz", "body": "../../body.npz"},
    values={"window": "window"},
    arguments={"margin_frames": snakemake.params.margin_frames},
    watched=snakemake.input.models,
    compute=place,
)

run_job(stage, snakemake)
