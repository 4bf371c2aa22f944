# One offline page for a person.


rule report:
    input:
        metadata=rules.dataset.output.metadata,
        ledger=rules.dataset.output.ledger,
        attempts=rules.dataset.output.attempts,
        quality=rules.dataset.output.quality,
        records=f"{RECORDS}/report.json",
        sequences=rules.dataset.input.sequences,
        compared=rules.dataset.input.compared,
        drawings=rules.drawing.output.index,
        figures=rules.figures.output.figures,
        subjects=all_subjects("scale.npz") + all_subjects("muscle_paths.npz"),
    output:
        html=f"{RESULTS}/report/index.html",
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    group:
        "page"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        template=code_files("workflow/mint/report/template/*"),
        tables=resource_tables(
            "muscles_402", "muscle_regions", "trunk_muscle_groups", "muscle_subsets"
        ),
        config=section("report"),
        method=METHOD_VERSION["report"],
        packages=versions_of("report"),
    message:
        "Writing the report"
    script:
        "../scripts/report.py"
