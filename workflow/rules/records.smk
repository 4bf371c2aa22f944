# What the stages after the last chunk take from the plan of the sequences: a file for each of them, with the fields that
# it uses and no others. They are files, because 11,000 sequences would be megabytes in what Snakemake notes of every
# output, and one for each reader, so that another value in the table makes again what shows it.

RECORDS = f"{RESULTS}/plan/records"
RECORD_FIELDS = {
    "dataset": (
        "sequence_id",
        "kind",
        "path",
        "dataset",
        "subject",
        "subject_id",
        "gender",
        "mass_kg",
        "height_m",
        "frame_rate_override",
        "rate_hz",
        "babel_sid",
        "windows",
        "last_frame",
        "duration_s",
        "problem",
    ),
    "drawing": ("subject_id",),
    "report": ("dataset", "subject", "subject_id"),
    "refine": ("subject_id",),
    "benchmark": (
        "path",
        "source",
        "kind",
        "gender",
        "frame_rate_override",
        "subject",
        "mass_kg",
        "height_m",
    ),
}


rule records:
    output:
        records=f"{RECORDS}/{{reader}}.json",
    log:
        f"{RESULTS}/logs/records/{{reader}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/records/{{reader}}.tsv"
    wildcard_constraints:
        reader="|".join(RECORD_FIELDS),
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        sequences=lambda w: {
            name: {field: record[field] for field in RECORD_FIELDS[w.reader]}
            for name, record in PLAN["sequences"].items()
        },
    message:
        "Writing what {wildcards.reader} uses of the planned sequences"
    script:
        "../scripts/records.py"
