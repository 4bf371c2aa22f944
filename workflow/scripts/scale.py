"""Rule scale: model, rest pose and mass go in; the scaled model and its leg model come out."""

from pathlib import Path

from mint.batch.job import run_job
from mint.batch.run import Stage
from mint.core.tables import checkout_files

stage = Stage(
    "scale",
    "scale.npz",
    "mint.kinematics.scale:run",
    config=("mint.config.kinematics:KinematicsConfig", snakemake.params.config),
    shared={
        "model_osim": snakemake.input.model,
        "static_path": snakemake.input.get("static") or None,
        "video_places": snakemake.input.get("video") or None,
    },
    named={"bodies": "bodies", "validated": "validated"},
    watched=checkout_files(snakemake.params.tables),
    arguments={
        "marker_set": snakemake.params.marker_set,
        "model": snakemake.params.model,
        "up_axis": snakemake.params.up_axis,
        "subject": snakemake.params.subject,
        "mass_kg": snakemake.params.mass_kg,
        "height_m": snakemake.params.height_m,
        "adjustments": snakemake.params.adjustments,
        "human": snakemake.params.human,
    },
    places={
        "scaled_osim": snakemake.output.scaled,
        "leg_osim": snakemake.output.leg,
        "leg_json": snakemake.output.leg_json,
        "marker_set_csv": snakemake.output.marker_set,
    },
)

run_job(stage, snakemake)
# A child that died leaves only its bundle; the files beside it must exist for the rules that pass it on.
for name in snakemake.output:
    Path(name).touch()
