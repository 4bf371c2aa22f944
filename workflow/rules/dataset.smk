# The dataset as MinT's reader expects it, the failure ledger and the quality table.


rule dataset:
    input:
        sequences=[batch_record("merge", batch) for batch in BATCHES["motions"]],
        compared=[batch_record("compare", batch) for batch in BATCHES["motions"]],
        checked=[batch_record("validate", batch) for batch in BATCHES["motions"]],
        measured=[batch_record("measured", batch) for batch in BATCHES["motions"]],
        emg=all_subjects("emg.npz"),
        records=f"{RECORDS}/dataset.json",
        babel=BABEL_FILES,
    output:
        metadata=f"{RESULTS}/dataset/mint_metadata.csv",
        ledger=f"{RESULTS}/ledger.parquet",
        attempts=f"{RESULTS}/attempts.parquet",
        sequences=f"{RESULTS}/dataset/sequences.parquet",
        quality=f"{RESULTS}/dataset/quality_chunks.parquet",
    log:
        f"{RESULTS}/logs/dataset.log",
    benchmark:
        f"{RESULTS}/benchmarks/dataset.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        tables=resource_tables(
            "amass_sets",
            "activity_groups",
            "muscles_402",
            "muscle_regions",
            "trunk_muscle_groups",
        ),
        config=section("dataset"),
        babel=section("babel"),
        quality=section("quality"),
        method=METHOD_VERSION["dataset"],
        packages=versions_of("dataset"),
    message:
        "Writing dataset, ledger and quality table"
    script:
        "../scripts/dataset.py"
