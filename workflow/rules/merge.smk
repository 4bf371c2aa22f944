# Chunks become a sequence again: buffers cut, seams faded, gaps marked.


rule merge:
    input:
        validated=rules.validate.output.bundle,
        body=rules.body.output.bundle,
        ik=chunk_files("ik.npz"),
        support=chunk_files("support.npz"),
        trajectory=chunk_files("trajectory.npz"),
        verify=chunk_files("verify.npz"),
        trunk=chunk_files("trunk.npz"),
    output:
        bundle=f"{SEQ}/sequence.npz",
    log:
        f"{RESULTS}/logs/merge/{{seq}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/merge/{{seq}}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=lambda w, attempt: 10 * attempt,
    params:
        record=lambda w: {
            k: record(w)[k] for k in ("sequence_id", "windows", "last_frame")
        },
        config=section("merge"),
        limits=section("limits"),
        method=METHOD_VERSION["merge"],
    message:
        "Merging the chunks of {wildcards.seq}"
    script:
        "../scripts/merge.py"
