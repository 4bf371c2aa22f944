"""Rule scale: model, rest pose and mass go in; the scaled model and its leg model come out."""

from pathlib import Path

from mint.core.call import isolated

isolated(
    "scale",
    "mint.kinematics.scale:run",
    {
        "model_osim": snakemake.input.model,
        "bodies": list(snakemake.input.bodies),
        "marker_set": snakemake.params.marker_set,
        "model": snakemake.params.model,
        "scaled_osim": snakemake.output.scaled,
        "leg_osim": snakemake.output.leg,
        "leg_json": snakemake.output.leg_json,
        "static_path": snakemake.input.get("static") or None,
        "mass_kg": snakemake.params.mass_kg,
        "adjustments": snakemake.params.adjustments,
    },
    snakemake.output.bundle,
    config=("mint.config.kinematics:KinematicsConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
# A child that died leaves only its bundle; the files beside it must exist for the rules that pass it on.
for name in snakemake.output:
    Path(name).touch()
