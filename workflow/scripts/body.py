"""Rule body: clean motions go in; mass, stature, ground and part heights come out."""

from mint.batch.run import Stage, run_job
from mint.core.tables import checkout_files

stage = Stage(
    "body",
    "body.npz",
    "mint.body.stage:run",
    config=("mint.config.body:BodyConfig", snakemake.params.config),
    own={"validated_path": "validated.npz"},
    named={"static_path": "static_path"},
    values={
        "marker_bodies": "marker_bodies",
        "mass_kg": "mass_kg",
        "height_m": "height_m",
    },
    arguments={"human": snakemake.params.human},
    places={
        "model_dir": snakemake.params.config["model_dir"],
        "marker_map_csv": snakemake.params.config["marker_map"],
    },
    watched=[*snakemake.input.models, *checkout_files(snakemake.params.tables)],
    loads=["mint.body.forward"] if any(member["kind"] == "poses" for member in snakemake.params.members) else [],
)

run_job(stage, snakemake)
