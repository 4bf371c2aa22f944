"""Rule support: coordinates and part heights go in, who carries the body comes out."""

from mint.core.call import isolated

isolated(
    "support",
    "mint.support.stage:run",
    {
        "ik_path": snakemake.input.ik,
        "body_path": snakemake.input.body,
        "leg_model_json": snakemake.input.leg_json,
        "name": snakemake.wildcards.seq,
        "window": snakemake.params.window,
        "belt_velocity": snakemake.params.belt_velocity_m_s,
        "source": snakemake.params.source,
    },
    snakemake.output.bundle,
    config=("mint.config.support:SupportConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
