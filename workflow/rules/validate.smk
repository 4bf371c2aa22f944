# A sequence is read in full once, checked field by field, and written in one clean form.


rule validate:
    input:
        motion=lambda w: record(w)["path"],
    output:
        bundle=f"{SEQ}/validated.npz",
    log:
        f"{RESULTS}/logs/validate/{{seq}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/validate/{{seq}}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=lambda w, attempt: 10 * attempt,
    params:
        source=lambda w: record(w)["source"],
        gender=lambda w: record(w)["gender"],
        frame_rate_override=lambda w: record(w)["frame_rate_override"],
        config=section("validate_input"),
        limits=section("limits"),
        method=METHOD_VERSION["validate"],
    message:
        "Checking {wildcards.seq}"
    script:
        "../scripts/validate.py"
