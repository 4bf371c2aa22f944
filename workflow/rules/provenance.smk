# Where every result comes from: a table, and a crate that describes the whole results folder, report included.


rule provenance:
    input:
        metadata=rules.dataset.output.metadata,
        ledger=rules.dataset.output.ledger,
        attempts=rules.dataset.output.attempts,
        quality=rules.dataset.output.quality,
        report=rules.report.output.html,
        sequences=rules.dataset.input.sequences,
        compared=rules.dataset.input.compared,
        planned=rules.dataset.input.records,
        subjects=rules.report.input.subjects,
        measured=rules.dataset.input.measured,
        emg=rules.dataset.input.emg,
    output:
        table=f"{RESULTS}/provenance.parquet",
        crate=f"{RESULTS}/ro-crate-metadata.json",
        workflow=directory(f"{RESULTS}/workflow"),
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    group:
        "page"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        workflow=code_files(
            "Snakefile", "workflow/rules/*.smk", "workflow/scripts/*.py"
        ),
        method=METHOD_VERSION["provenance"],
        packages=versions_of("provenance"),
    message:
        "Writing where every result comes from"
    script:
        "../scripts/provenance.py"
