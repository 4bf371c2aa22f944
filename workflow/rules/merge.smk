# Chunks become a sequence again: buffers cut, seams faded, gaps marked. The record has the fingerprint of every sequence,
# which holds the digests of all results of its chunks: who reads these has the record as an input, not 14,000 others.


rule merge:
    input:
        validated=batch_record("validate"),
        body=batch_record("body"),
        markers=chunk_records("markers"),
        ik=chunk_records("ik"),
        support=chunk_records("support"),
        trajectory=chunk_records("trajectory"),
        verify=chunk_records("verify"),
        trunk=chunk_records("trunk"),
    output:
        record=batch_record("merge"),
    log:
        batch_log("merge"),
    benchmark:
        batch_benchmark("merge")
    group:
        "merged"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=sequence_minutes(4),
    params:
        tables=resource_tables("muscles_402"),
        members=sequence_members(record=merge_record, files=chunk_results),
        config=section("merge"),
        support=section("support", "foot_parts"),
        limits=section("limits"),
        method=METHOD_VERSION["merge"],
        packages=versions_of("merge"),
    message:
        "Merging the chunks of {wildcards.batch}"
    script:
        "../scripts/merge.py"
