# What was measured judges what was simulated: force plates, EMG, and joint moments under the measured forces.


rule compare:
    input:
        merge=batch_record("merge"),
        measured=batch_record("measured"),
        emg=subject_file("emg.npz"),
        leg=subject_file("leg.osim"),
    output:
        record=batch_record("compare"),
    log:
        batch_log("compare"),
    benchmark:
        batch_benchmark("compare")
    group:
        "merged"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=sequence_minutes(4),
    params:
        tables=resource_tables("muscles_402"),
        members=sequence_members(),
        config=section("compare"),
        limits=section("limits"),
        method=METHOD_VERSION["compare"],
        packages=versions_of("compare"),
    message:
        "Comparing {wildcards.batch} with what was measured"
    script:
        "../scripts/compare.py"
