"""Rule body: a clean motion goes in; mass, stature, ground and part heights come out."""

from mint.core.call import isolated

isolated(
    "body",
    "mint.body.stage:run",
    {
        "validated_path": snakemake.input.validated,
        "model_dir": snakemake.params.config["model_dir"],
        "marker_map_csv": snakemake.params.config["marker_map"],
        "static_path": snakemake.input.get("static") or None,
        "marker_bodies": snakemake.params.marker_bodies,
    },
    snakemake.output.bundle,
    config=("mint.config.body:BodyConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
