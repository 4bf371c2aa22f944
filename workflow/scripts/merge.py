"""Rule merge: the chunks of a sequence go in, one sequence with marked gaps comes out."""

from mint.core.call import isolated

STAGES = ("ik", "support", "trajectory", "verify", "trunk")
chunks = [
    dict(zip(STAGES, files, strict=True))
    for files in zip(*(snakemake.input.get(stage, []) for stage in STAGES), strict=True)
]

isolated(
    "merge",
    "mint.sequence.merge:run",
    {
        "record": snakemake.params.record,
        "chunks": chunks,
        "validated": snakemake.input.validated,
        "body": snakemake.input.body,
    },
    snakemake.output.bundle,
    config=("mint.config.merge:MergeConfig", snakemake.params.config),
    deadline_s=snakemake.params.limits["chunk_deadline_s"],
    memory_mb=snakemake.params.limits["chunk_memory_mb"],
    log=snakemake.log[0],
)
