# The dataset as a folder to hand on; made on request only: `snakemake publish --profile local`. The release is no output
# of the rule, because Snakemake deletes outputs before a job runs: a former release stays until the new one is whole.


rule publish:
    input:
        metadata=rules.dataset.output.metadata,
        ledger=rules.dataset.output.ledger,
        opensim=exported(SEQUENCES) if PROJECT.publish.opensim else [],
    output:
        sums=f"{RESULTS}/release/{PROJECT.publish.folder}.sha256",
    log:
        f"{RESULTS}/logs/publish.log",
    benchmark:
        f"{RESULTS}/benchmarks/publish.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 120 * attempt,
    params:
        template=code_files("workflow/mint/publish/template/*"),
        licences=resource_tables("licences", "licence_terms", "models", "data_wheels"),
        config=section("publish"),
        model=PROJECT.model,
        method=METHOD_VERSION["publish"],
        packages=versions_of("publish"),
    message:
        f"Writing the release {PROJECT.publish.folder}"
    script:
        "../scripts/publish.py"
