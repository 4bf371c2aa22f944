# Figures of the dataset, as its paper has them, and the numbers behind each.

from mint.config.figures import FIGURES


rule figures:
    input:
        metadata=rules.dataset.output.metadata,
        sequences=rules.dataset.output.sequences,
        quality=rules.dataset.output.quality,
    output:
        figures=[f"{RESULTS}/figures/{name}.json" for name in FIGURES],
        numbers=[f"{RESULTS}/figures/{name}.parquet" for name in FIGURES],
    log:
        f"{RESULTS}/logs/figures.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures.tsv"
    group:
        "page"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 3000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables("activity_groups", "muscles_402", "muscle_subsets"),
        config=section("figures"),
        method=METHOD_VERSION["figures"],
        packages=versions_of("figures"),
    message:
        "Drawing the figures of the dataset"
    script:
        "../scripts/figures.py"
